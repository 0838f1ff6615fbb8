/** The page of the policy: what is in force, what waits for agreement, what the bot can do, and the history. */

import { policyCard } from "#jobs/policy/card.ts";
import { policySummary } from "#policy/explain/summary.ts";
import { openPolicyInForce, storedPolicy } from "#policy/load-policy.ts";
import { addressWith, html, type Html } from "#server/http/html.ts";
import { lastErrors } from "#store/effects/dead-letters.ts";
import {
  changeInForce,
  policyChanges,
  proposedChange,
  type PolicyChange,
} from "#store/policy/policy-changes.ts";
import type { PageContent, Subject } from "#server/console/frame.ts";
import {
  andMore,
  aside,
  dotted,
  fold,
  lineList,
  pagedList,
  section,
  soft,
  table,
  trace,
} from "#server/console/parts.ts";
import type { Visit, ListedTool } from "#server/console/session.ts";
import { PATH, policyTabs, proposedView, waitingView } from "./draft.ts";
import { z } from "zod";

/** The page, which asks for all of itself again, since a vote changes all of it; its tabs ask for the change that waits. */
export const POLICY: Subject = {
  place: PATH,
  pages: { "/policy": policyPage },
  parts: {
    "/policy": async (visit) => proposedView(await visit.run(proposedChange), visit),
    "/policy/whole": async (visit) => html`${(await policyPage(visit)).body}`,
  },
};

/** A policy file longer than this is shown in part; the file itself is where it is edited. */
const TEXT_MAX = 40_000;

/** Everything about the policy. */
async function policyPage(visit: Visit): Promise<PageContent> {
  const { inForce, history, errors } = await visit.run(async (transaction) => ({
    inForce: await changeInForce(transaction, visit.parts.policy.version),
    history: await policyChanges(transaction, visit.after),
    errors: await lastErrors(transaction),
  }));
  const live = addressWith("/console/part/policy/whole", { after: visit.asked("after") });
  return {
    title: "Policy",
    tools: policyTabs(PATH),
    body: html`${await waitingView(visit, live)}
    ${inForceView(inForce, visit.parts.policy.version, visit)}
    ${inForce !== null && toolsView(visit.options.tools(), errors, visit)}
    ${section(
      "changes",
      "History",
      pagedList(visit, {
        path: PATH,
        id: "changes-list",
        rows: history.rows.map((change) => changeRow(change, visit)),
        next: history.next,
      }),
      "plain",
    )}`,
  };
}

function inForceView(change: PolicyChange | null, version: string, visit: Visit): Html {
  const inForce = (body: Html): Html =>
    section("force", "In force", html`<div class="stack" id="force-now">${body}</div>`);
  if (change === null) return inForce(html`<p>Version ${version}. Its text is not stored yet.</p>`);
  const since = change.activeSince === null ? "" : `, since ${visit.when(change.activeSince)}`;
  const isLong = change.text.length > TEXT_MAX;
  const file = { ...openPolicyInForce(change.text), policy: storedPolicy(change) };
  return inForce(
    html`<p>Version ${change.version.slice(0, 12)}${since}.</p>
      ${fold("What it allows, asks for and never does", trace(policySummary(file)))}
      ${fold(
        "The whole text",
        html`${trace(change.text.slice(0, TEXT_MAX))}
        ${isLong && soft("It is longer than this page shows.")}`,
      )}`,
  );
}

const LINES_SHOWN = 12;

/** What became of a change, in words for leads. */
const STATES = {
  proposed: "waits for the leads",
  active: "in force",
  superseded: "replaced",
  rejected: "rejected",
  expired: "expired",
} as const satisfies Record<PolicyChange["state"], string>;

function changeRow(change: PolicyChange, { when }: Visit): Html {
  const { id, state, proposedAt, closing, relaxations, differences, version } = change;
  const lines = [
    ...relaxations.map((line) => `permits more: ${line}`),
    ...differences.map((line) => `different: ${line}`),
  ];
  return html`<li class="case-row" id="${state === "proposed" ? `history-${id}` : id}">
    ${fold(
      policyCard(change).headline,
      html`${lineList(lines.slice(0, LINES_SHOWN))} ${andMore(lines.length - LINES_SHOWN)}
        <p class="soft words">${id} · version ${version.slice(0, 12)}</p>`,
    )}
    <span class="money">${when(proposedAt)}</span>
    <span class="meta">${dotted([STATES[state], closing])}</span>
  </li>`;
}

// What the bot can look up and propose.

/** A row for each tool: what it does, for whom, its arguments, and what failed last. */
function toolsView(
  tools: readonly ListedTool[],
  errors: Awaited<ReturnType<typeof lastErrors>>,
  { when, mask }: Visit,
): Html {
  const rows = tools.map(({ name, kind, operation, level, from, parameters }) => {
    const failed = errors.find((error) => error.operation === operation);
    return [
      html`<b class="words">${name}</b><br />${aside(from)}`,
      operation === null ? KINDS[kind] : `${KINDS[kind]} ${operation}`,
      level === 0 ? "every writer" : `identity level ${level} and above`,
      Object.keys(Parameters.parse(parameters).properties).join(", "),
      failed !== undefined &&
        html`<p class="bad words">Failed ${when(failed.at)}: ${mask(failed.error)}</p>`,
    ];
  });
  return section(
    "tools",
    "What the bot can do",
    html`<div id="tools-table">
      ${table(["Tool", "Does", "For", "Arguments", "Failed last"], rows)}
    </div>`,
  );
}

const KINDS = { read: "looks up", write: "proposes", ending: "ends the turn" } as const;

const Parameters = z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) });
