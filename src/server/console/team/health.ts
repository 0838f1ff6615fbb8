/** The page of Deskhand's own health: what it needs, what is paused, which vendors are away, what was given up. */

import { ageText, momentText } from "#core/values/moment.ts";
import { nameOfScope, scopesOf } from "#jobs/context/pause.ts";
import { currentPause, type Pause, type Scope } from "#store/effects/pause.ts";
import { waitingDeadLetters, type DeadLetter } from "#store/effects/dead-letters.ts";
import type { HealthReport } from "#server/pages/options.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { PageContent, Visit } from "#server/console/frame.ts";
import type { Desk } from "#server/console/visit.ts";

const LETTERS_MAX = 30;

/** What the operator's health check and `status` know, for the team. */
export async function healthPage({ options }: Desk, visit: Visit): Promise<PageContent> {
  const { parts } = options;
  const report = await options.health();
  const { pause, letters } = await parts.store.run(async (transaction) => ({
    pause: await currentPause(transaction),
    letters: await waitingDeadLetters(transaction, LETTERS_MAX),
  }));
  return {
    place: "/console/health",
    title: "Health",
    body: html`${readyView(report, visit)}${pauseView(pause, scopesOf(parts.policy), visit)}${providersView(report)}${lettersView(letters, visit)}`,
  };
}

function readyView({ ready, stopping, needs, figures }: HealthReport, visit: Visit): Html {
  const words = stopping ? "It is being stopped" : ready ? "Ready" : "Not ready";
  return html`<section class="box stack" aria-labelledby="ready-title">
    <h2 id="ready-title">This process</h2>
    <p class="${ready ? "ok" : "bad"}">${ready ? "✓" : "✗"} ${words}</p>
    <div class="table-box">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Part</th>
            <th scope="col">State</th>
            <th scope="col">Since</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          ${Object.entries(needs).map(
            ([name, { state, since, reason, required }]) =>
              html`<tr>
                <td>${name}</td>
                <td class="${state === "ok" ? "ok" : "bad"}">
                  ${state}${state === "ok" || required ? "" : ", goes on without it"}
                </td>
                <td class="number">${momentText(new Date(since), visit.zone, visit.now)}</td>
                <td>${reason ?? ""}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="soft">${figures}</p>
  </section>`;
}

function pauseView(pause: Pause, scopes: readonly Scope[], { role }: Visit): Html {
  return html`<section class="box stack" id="pause" aria-labelledby="pause-title">
    <h2 id="pause-title">Pause</h2>
    ${
      pause.holds.length === 0
        ? html`<p>Nothing is paused.</p>`
        : html`<ul>
            ${pause.holds.map(
              ({ scope, by }) =>
                html`<li class="words">
                  ⏸ ${nameOfScope(scope)}${by === "" ? "" : `, by ${by}`}
                  ${
                    role === "lead"
                      ? html`<button type="button" data-resume="${scope}">
                          Resume ${nameOfScope(scope)}
                        </button>`
                      : html`<span class="soft">A lead can resume it.</span>`
                  }
                </li>`,
            )}
          </ul>`
    }
    <p class="soft">
      Nothing of what is paused goes to customers or the shop until a lead resumes it. Drafts and
      cards are made as before.
    </p>
    <form class="filters" id="pause-form">
      <label for="pause-scope"
        >What<select id="pause-scope">
          ${scopes.map((scope) => html`<option value="${scope}">${scopeText(scope)}</option>`)}
        </select></label
      ><label class="grow" for="pause-reason"
        >Why, for the team<input id="pause-reason" maxlength="150" autocomplete="off" /></label
      ><button type="submit" class="main">Pause</button>
    </form>
  </section>`;
}

/** A channel and a topic may have the same name. */
function scopeText(scope: Scope): string {
  if (scope === "all") return "Everything";
  return `${scope.startsWith("topic:") ? "Topic" : "Channel"}: ${nameOfScope(scope)}`;
}

function providersView({ providers, credentials }: HealthReport): HtmlValue {
  const rows = [
    ...Object.entries(providers).map(([name, state]) => [
      name,
      state === "closed"
        ? "answers"
        : state === "open"
          ? "away, left alone for a while"
          : "is tried again",
      state === "closed",
    ]),
    ...Object.entries(credentials).map(([name, state]) => [
      `sign-in to ${name}`,
      state,
      state === "ok",
    ]),
  ] as const;
  if (rows.length === 0) return null;
  return html`<section class="box stack" aria-labelledby="vendors-title">
    <h2 id="vendors-title">Vendors</h2>
    <dl class="facts-list">
      ${rows.map(
        ([name, words, isFine]) =>
          html`<dt>${String(name)}</dt>
            <dd class="${isFine === true ? "ok" : "bad"}">${String(words)}</dd>`,
      )}
    </dl>
  </section>`;
}

function lettersView(letters: readonly DeadLetter[], visit: Visit): Html {
  return html`<section class="box stack" aria-labelledby="letters-title">
    <h2 id="letters-title">Given up</h2>
    ${
      letters.length === 0
        ? html`<p>Nothing was given up.</p>`
        : html`<p class="soft">
              Work that did not succeed and waits for a person. The command dead-letters shows it
              whole and puts it back.
            </p>
            <ol class="cases">
              ${letters.map(
                ({ id, conversationId, kind, reason, at }) =>
                  html`<li class="case-row" id="${id}">
                    <a class="what" href="/console/case/${encodeURIComponent(conversationId)}"
                      >${kind}: ${reason}</a
                    >
                    <span class="money">${ageText(at, visit.now)}</span
                    ><span class="meta">${id} · ${momentText(at, visit.zone, visit.now)}</span>
                  </li>`,
              )}
            </ol>`
    }
  </section>`;
}
