/** The pages of what needs people: Deskhand's own health with what is paused and given up, and what was handed to the team. */

import { ageText } from "#core/values/moment.ts";
import { oneLine } from "#core/values/words.ts";
import { retentionLines } from "#jobs/privacy/retention.ts";
import { nameOfScope, pauseScopes } from "#jobs/context/pause.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { HealthReport, VendorStates } from "#server/pages/options.ts";
import { withPeople, type WithPeople } from "#store/console/waiting.ts";
import { waitingDeadLetters, type DeadLetter } from "#store/effects/dead-letters.ts";
import { currentPause, type Pause, type Scope } from "#store/effects/pause.ts";
import { lastRetentionRun } from "#store/privacy/retention.ts";
import type { PageContent } from "./frame.ts";
import type { Subject } from "./visit.ts";
import {
  badge,
  caseAddress,
  dotted,
  lineList,
  listView,
  livePagedList,
  number,
  rowView,
  section,
  table,
} from "./parts.ts";
import type { Visit } from "./session.ts";

/** The pages of health and of hand-overs. */
export const HEALTH: Subject = {
  pages: { "/handovers": handoversPage, "/health": healthPage },
  parts: { "/handovers": handoverList },
};

const LETTERS_MAX = 30;

/** What the operator's health check and `status` know, for the team. */
async function healthPage(visit: Visit): Promise<PageContent> {
  const report = await visit.options.health();
  const { pause, letters, retention } = await visit.run(async (transaction) => ({
    pause: await currentPause(transaction),
    letters: await waitingDeadLetters(transaction, LETTERS_MAX),
    retention: retentionLines(await lastRetentionRun(transaction), visit.options.keep, visit.now),
  }));
  return {
    place: "/console/health",
    title: "Health",
    body: html`${readyView(report, visit)}${pauseView(pause, pauseScopes(visit.parts.policy), visit)}${providersView(visit.options.vendors())}${lettersView(letters, visit)}${section("retention", "What is kept how long", lineList(retention))}`,
  };
}

function readyView({ ready, stopping, needs, figures }: HealthReport, visit: Visit): Html {
  const words = stopping ? "It is being stopped" : ready ? "Ready" : "Not ready";
  const rows = Object.entries(needs).map(([name, { state, since, reason, required }]) => [
    name,
    {
      as: state === "ok" ? "ok" : "bad",
      value: `${state}${state === "ok" || required ? "" : ", goes on without it"}`,
    },
    number(visit.when(new Date(since))),
    reason ?? "",
  ]);
  return section(
    "ready",
    "This process",
    html`<p class="${ready ? "ok" : "bad"}">${ready ? "✓" : "✗"} ${words}</p>
      <div class="table-box">${table(["Part", "State", "Since", "Why"], rows)}</div>
      <p class="soft">${figures}</p>`,
  );
}

function pauseView(pause: Pause, scopes: readonly Scope[], { isLead }: Visit): Html {
  const holds = pause.holds.map(
    ({ scope, by }) =>
      html`<li class="words">
        ⏸ ${nameOfScope(scope)}${by === "" ? "" : `, by ${by}`}
        ${
          isLead
            ? html`<button type="button" data-resume="${scope}">
                Resume ${nameOfScope(scope)}
              </button>`
            : html`<span class="soft">A lead can resume it.</span>`
        }
      </li>`,
  );
  return section(
    "pause",
    "Pause",
    html`${
        holds.length === 0
          ? html`<p>Nothing is paused.</p>`
          : html`<ul>
              ${holds}
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
      </form>`,
  );
}

/** A channel and a topic may have the same name. */
function scopeText(scope: Scope): string {
  if (scope === "all") return "Everything";
  return `${scope.startsWith("topic:") ? "Topic" : "Channel"}: ${nameOfScope(scope)}`;
}

const PROVIDERS: Readonly<Record<string, string>> = {
  closed: "answers",
  open: "away, left alone for a while",
};

/** A vendor may take our calls while it sends us nothing, so both are told. */
function providersView({ providers, credentials, connections }: VendorStates): HtmlValue {
  const rows = [
    ...Object.entries(providers).map(([name, state]) => ({
      name,
      words: PROVIDERS[state] ?? "is tried again",
      isFine: state === "closed",
    })),
    ...connections.map(({ name, connected, reason }) => ({
      name,
      words: connected ? "connected" : `away: ${reason ?? "not connected"}`,
      isFine: connected,
    })),
    ...Object.entries(credentials).map(([name, state]) => ({
      name: `sign-in to ${name}`,
      words: state,
      isFine: state === "ok",
    })),
  ];
  if (rows.length === 0) return null;
  return section(
    "vendors",
    "Vendors",
    html`<dl class="facts-list">
      ${rows.map(
        ({ name, words, isFine }) =>
          html`<dt>${name}</dt>
            <dd class="${isFine ? "ok" : "bad"}">${words}</dd>`,
      )}
    </dl>`,
  );
}

function lettersView(letters: readonly DeadLetter[], visit: Visit): Html {
  const rows = letters.map(({ id, conversationId, kind, reason, at }) =>
    rowView({
      id,
      href: caseAddress(conversationId),
      what: `${kind}: ${reason}`,
      aside: ageText(at, visit.now),
      about: `${id} · ${visit.when(at)}`,
    }),
  );
  return section(
    "letters",
    "Given up",
    rows.length === 0
      ? html`<p>Nothing was given up.</p>`
      : html`<p class="soft">
            Work that did not succeed and waits for a person. The command dead-letters shows it
            whole and, with --redrive, puts it back.
          </p>
          ${listView({ rows })}`,
  );
}

// Hand-overs: what people have, who has taken it, and since when.

const PATH = "/console/handovers";

/** Conversations handed to people and not solved, the longest waiting first. */
async function handoversPage(visit: Visit): Promise<PageContent> {
  return { place: PATH, title: "Hand-overs", body: await handoverList(visit) };
}

/** The list alone, which the page asks for again every two seconds. */
async function handoverList(visit: Visit): Promise<Html> {
  const { after } = visit;
  const { rows, next } = await visit.run((transaction) => withPeople(transaction, after));
  return livePagedList("handovers", {
    path: PATH,
    id: "handovers",
    label: "Conversations with people",
    none: "People have no open conversation.",
    rows: rows.map((row) => handoverRow(row, visit.mask, visit)),
    after,
    next,
  });
}

function handoverRow(row: WithPeople, mask: (text: string) => string, visit: Visit): Html {
  const { id, channel, subject, reason, customer, excerpt, ticket, handedOverAt } = row;
  const title = [customer, subject].filter((part) => part !== null && part !== "").join(": ");
  const taker = takerText(row, visit);
  const about = dotted([
    sentence(reason.replace(/^handed to people: /, "")),
    channel,
    ticket === null || ticket === "" ? "" : `ticket #${ticket}`,
    `since ${visit.when(handedOverAt)}`,
  ]);
  return rowView({
    id,
    card: id,
    href: caseAddress(id),
    isWayOn: true,
    what: mask(title === "" ? id : title),
    aside: ageText(handedOverAt, visit.now),
    about: mask(about),
    ...(excerpt !== null && excerpt !== "" && { beneath: `“${mask(oneLine(excerpt))}”` }),
    badges:
      taker !== null
        ? badge(taker)
        : html`${badge("Not taken yet", "warn")}<span class="act"
              ><button type="button" data-press="take_over">Take over</button></span
            >`,
  });
}

function takerText({ assignee, answeredBy, answeredAt }: WithPeople, visit: Visit): string | null {
  if (answeredBy !== null && answeredAt !== null)
    return `${answeredBy} answered ${visit.when(answeredAt)}`;
  return assignee === null || assignee === "" ? null : `${assignee} has it`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
