/** The page of Deskhand's own health, with what is paused, away and given up. */

import { ageText } from "#core/values/moment.ts";
import { topicName } from "#core/values/vocabulary.ts";
import { capitalised } from "#core/values/words.ts";
import {
  nameOfScope,
  pauseScopes,
  currentPause,
  type Pause,
  type Scope,
} from "#store/effects/pause.ts";
import { retentionLines } from "#jobs/privacy/retention.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import type { HealthReport, VendorStates, Visit } from "./session.ts";
import { waitingDeadLetters, type DeadLetter } from "#store/effects/dead-letters.ts";
import { lastRetentionRun } from "#store/privacy/retention.ts";
import { choice, dataForm, field, hidden, sendButton, type Option } from "./forms.ts";
import type { PageContent, Subject } from "./frame.ts";
import {
  aside,
  caseAddress,
  facts,
  lineList,
  link,
  row,
  listView,
  number,
  rowView,
  section,
  soft,
  table,
  type Fact,
} from "./parts.ts";

/** The page of health. */
export const HEALTH: Subject = { place: "/console/health", pages: { "/health": healthPage } };

const LETTERS_MAX = 30;

/** What the operator's health check and `status` know, for the team. */
async function healthPage(visit: Visit): Promise<PageContent> {
  const report = await visit.options.health();
  const { pause, letters, retention } = await visit.run(async (transaction) => ({
    pause: await currentPause(transaction),
    letters: await waitingDeadLetters(transaction, LETTERS_MAX),
    retention: retentionLines(
      await lastRetentionRun(transaction),
      visit.options.personal.keep,
      visit.now,
    ),
  }));
  return {
    title: "Health",
    body: html`${readyView(report, visit)}${pauseView(pause, pauseScopes(visit.parts.policy), visit)}${providersView(visit.options.vendors())}${lettersView(letters, visit)}${section("retention", "How long data is kept", html`${lineList(retention)}${visit.isLead && row(link("/console/person", "One person's data: see, download, erase", "button"))}`)}`,
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
      ${table(["Part", "State", "Since", "Why"], rows)} ${soft(figures)}`,
  );
}

function pauseView({ holds }: Pause, scopes: readonly Scope[], { isLead }: Visit): Html {
  const held = holds.map(({ scope, by }) => {
    const name = scopeName(scope);
    const resume = { to: "/console/pause", body: { paused: false, scope } };
    return html`<li class="words">
      ⏸ ${name}${by === "" ? "" : `, by ${by}`}
      ${isLead ? sendButton(`Resume ${name}`, resume) : aside("A lead can resume it.")}
    </li>`;
  });
  const options = scopes.map((scope): Option => [scope, scopeText(scope)]);
  return section(
    "pause",
    "Pause",
    html`${
      held.length === 0
        ? html`<p>Nothing is paused.</p>`
        : html`<ul>
            ${held}
          </ul>`
    }
    ${soft("Nothing of what is paused goes to customers or the shop until a lead resumes it. Drafts and cards are made as before.")}
    ${dataForm("/console/pause", { press: "Pause", className: "filters" }, [
      hidden({ paused: "true" }),
      choice("scope", "What", options, "all"),
      field("reason", "Why, for the team", "", html`maxlength="150"`, "grow"),
    ])}`,
  );
}

/** Topics are called as on the pages of the policy. */
function scopeName(scope: Scope): string {
  return scope.startsWith("topic:") ? topicName(scope.slice("topic:".length)) : nameOfScope(scope);
}

/** A channel and a topic may have the same name. */
function scopeText(scope: Scope): string {
  const name = capitalised(scopeName(scope));
  return scope === "all" ? name : `${scope.startsWith("topic:") ? "Topic" : "Channel"}: ${name}`;
}

const PROVIDERS: Readonly<Record<string, string>> = {
  closed: "answers",
  open: "away, not asked for a while",
};

/** A vendor may take our calls while it sends us nothing, so both are told. */
function providersView({ providers, credentials, connections }: VendorStates): HtmlValue {
  const known = (name: string, words: string, isFine: boolean): Fact => [
    name,
    words,
    isFine ? "ok" : "bad",
  ];
  const rows = [
    ...Object.entries(providers).map(([name, state]) =>
      known(name, PROVIDERS[state] ?? "is tried again", state === "closed"),
    ),
    ...connections.map(({ name, connected, reason }) =>
      known(name, connected ? "connected" : `away: ${reason ?? "not connected"}`, connected),
    ),
    ...Object.entries(credentials).map(([name, state]) =>
      known(`sign-in to ${name}`, state, state === "ok"),
    ),
  ];
  return rows.length === 0 ? null : section("vendors", "Vendors", facts(rows));
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
  const about =
    "Work that did not succeed and waits for a person. The command dead-letters shows it whole and, with --redrive, puts it back.";
  return section(
    "letters",
    "Given up",
    rows.length === 0
      ? html`<p>Nothing was given up.</p>`
      : html`${soft(about)} ${listView({ rows })}`,
  );
}
