/** The page of the policy: what is in force, what waits for agreement, what one case would get, what the bot can do, and the history. */

import { inWords } from "#core/values/words.ts";
import { reasonOf } from "#core/values/errors.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import { draftsUnder, policyCard } from "#jobs/policy/card.ts";
import { explain, explanationText, questionFrom, typedCase } from "#policy/explain/explain.ts";
import { policySummary } from "#policy/explain/summary.ts";
import { openPolicyInForce, storedPolicy, type PolicyFile } from "#policy/load-policy.ts";
import { html, type Html, type HtmlValue } from "#server/http/html.ts";
import { changeInForce, policyChanges, proposedChange } from "#store/console/policy-history.ts";
import { lastErrors } from "#store/effects/dead-letters.ts";
import type { PolicyChange } from "#store/policy/policy-changes.ts";
import { cardView } from "#server/console/case/card.ts";
import { choice, field, filterForm } from "./forms.ts";
import type { PageContent, Subject } from "./frame.ts";
import {
  andMore,
  aside,
  dotted,
  fold,
  lineList,
  none,
  pagedList,
  section,
  soft,
  table,
  trace,
} from "./parts.ts";
import type { Visit, ListedTool } from "./session.ts";
import { z } from "zod";
import { formatMoney, fromDecimal } from "#core/values/money.ts";
import { verdictInWords } from "#policy/on-duty.ts";
import { requiredApprovers } from "#policy/rules.ts";

/** The page, and the change that waits, which it asks for again. */
export const POLICY: Subject = {
  place: "/console/policy",
  pages: { "/policy": policyPage },
  // The change that waits alone, which the page asks for again.
  parts: {
    "/policy": async (visit) => proposedView(await visit.run(proposedChange), visit),
  },
};

/** A policy file longer than this is shown in part; the file itself is where it is edited. */
const TEXT_MAX = 40_000;

/** Everything about the policy. */
async function policyPage(visit: Visit): Promise<PageContent> {
  const { inForce, proposed, history, errors } = await visit.run(async (transaction) => ({
    inForce: await changeInForce(transaction, visit.parts.policy.version),
    proposed: await proposedChange(transaction),
    history: await policyChanges(transaction, visit.after),
    errors: await lastErrors(transaction),
  }));
  return {
    title: "Policy",
    body: html`<section
        id="cards"
        class="stack"
        aria-label="What waits for agreement"
        data-live="/console/part/policy"
      >
        ${await proposedView(proposed, visit)}
      </section>
      ${explainView(inForce, visit)} ${inForceView(inForce, visit.parts.policy.version, visit)}
      ${inForce !== null && toolsView(visit.options.tools(), openPolicyInForce(inForce.text).document, errors, visit)}
      ${section(
        "changes",
        "History",
        pagedList(visit, {
          path: POLICY.place,
          rows: history.rows.map((change) => changeRow(change, visit)),
          next: history.next,
        }),
        "plain",
      )}`,
  };
}

async function proposedView(proposed: PolicyChange | null, visit: Visit): Promise<Html> {
  if (proposed === null) return none("No change waits for agreement.", "no-change");
  const card = policyCard(proposed, await draftsUnder(visit.parts.store, proposed));
  return cardView({ ...card, zone: visit.zone }, null);
}

function inForceView(change: PolicyChange | null, version: string, visit: Visit): Html {
  if (change === null)
    return html`<section class="box">
      <h2>In force</h2>
      <p>Version ${version}. Its text is not stored yet.</p>
    </section>`;
  const since = change.activeSince === null ? "" : `, since ${visit.when(change.activeSince)}`;
  const isLong = change.text.length > TEXT_MAX;
  const file = { ...openPolicyInForce(change.text), policy: storedPolicy(change) };
  return section(
    "force",
    "In force",
    html`<p>
        Version ${change.version.slice(0, 12)}${since},
        ${change.source === "built-in" ? "the built-in file" : "your file"}.
      </p>
      ${fold("What it allows, asks for and never does", trace(policySummary(file)))}
      ${fold(
        "The whole text",
        html`${trace(change.text.slice(0, TEXT_MAX))}
        ${isLong && soft("It is longer than this page shows.")}`,
      )}`,
  );
}

/** A form for one case; the answer is the same as that of `policy explain`. */
function explainView(inForce: PolicyChange | null, visit: Visit): HtmlValue {
  if (inForce === null) return null;
  const { asked, parts } = visit;
  const chosen = (name: string, label: string, values: readonly string[]): Html =>
    choice(
      name,
      label,
      values.map((one) => [one, inWords(one)]),
      asked(name),
    );
  const money = html`inputmode="decimal" maxlength="12" placeholder="120.00"`;
  const days = html`inputmode="numeric" maxlength="4" placeholder="not delivered"`;
  const fields = html`${chosen("operation", "Action", parts.policy.operations)}
  ${field("amount", "Amount", asked("amount"), money)}
  ${field("age", "Days since delivery", asked("age"), days)}
  ${chosen("level", "Identity level", ["2", "3", "1", "0"])}
  ${chosen("channel", "Channel", ChannelName.options)}`;
  return section(
    "explain",
    "What would happen if …",
    html`${filterForm(`${POLICY.place}#explain`, fields, { press: "Explain" })}
    ${asked("operation") !== "" && trace(explained(inForce, visit), "explained")}`,
  );
}

function explained({ text }: PolicyChange, { asked, now }: Visit): string {
  const given = (name: string): string | undefined => asked(name).trim() || undefined;
  const age = given("age");
  try {
    const file = openPolicyInForce(text);
    const typed = typedCase({
      operation: given("operation"),
      amount: given("amount"),
      orderAge: age,
      notDelivered: age === undefined,
      level: given("level") ?? "2",
      channel: given("channel") ?? "email",
      brand: "",
    });
    const question = questionFrom(typed, file, now);
    return explanationText(file, question, explain(file, question));
  } catch (error) {
    return `That cannot be explained: ${reasonOf(error)}`;
  }
}

const LINES_SHOWN = 12;

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
    <span class="meta">${dotted([state, closing])}</span>
  </li>`;
}

// What the bot can look up and propose, with what the policy says of each change.

type Document = PolicyFile["document"];
type Rule = NonNullable<Document["operations"][string]>["rules"][number];

/** A row for each tool: what it does, for whom, its arguments, what the policy says, and what failed last. */
function toolsView(
  tools: readonly ListedTool[],
  document: Document,
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
      html`${operation !== null && lineList(policyWords(document, operation))}${
        failed !== undefined &&
        html`<p class="bad words">Failed ${when(failed.at)}: ${mask(failed.error)}</p>`
      }`,
    ];
  });
  return section(
    "tools",
    "What the bot can do",
    html`<div class="table-box">
      ${table(["Tool", "Does", "For", "Arguments", "By the policy"], rows)}
    </div>`,
  );
}

const KINDS = { read: "looks up", write: "proposes", ending: "ends the turn" } as const;

const Parameters = z.looseObject({ properties: z.record(z.string(), z.unknown()).default({}) });

/** One line a rule, in the order in which they are looked at; the last ones say what holds beside them. */
function policyWords(document: Document, operation: string): readonly string[] {
  const entry = Object.hasOwn(document.operations, operation)
    ? document.operations[operation]
    : undefined;
  if (entry === undefined) return ["no rule in the policy: a person decides"];
  const rules = entry.rules.map((rule) => {
    const then = verdictInWords(rule.verdict, requiredApprovers(rule));
    const limits = rule.limits === undefined ? "" : `, within ${rule.limits.join(" and ")}`;
    return `${ruleConditions(rule, document.currency).join(", ") || "always"}: ${then}${limits}`;
  });
  return [
    ...rules,
    "what no rule fits: a person decides",
    ...(entry.own_words === "required"
      ? ["without a person only what the customer plainly asked for"]
      : []),
    ...(entry.two_witnesses === "enough"
      ? ["also for a sender whom only two witnesses prove"]
      : []),
  ];
}

function ruleConditions(rule: Rule, currency: string): readonly string[] {
  const money = (amount: number): string => formatMoney(fromDecimal(amount, currency));
  return [
    rule.above === undefined ? "" : `above ${money(rule.above)}`,
    rule.up_to === undefined ? "" : `up to ${money(rule.up_to)}`,
    rule.within_days === undefined ? "" : `within ${rule.within_days} days of delivery`,
    rule.after_days === undefined ? "" : `after ${rule.after_days} days from delivery`,
    rule.delivered === undefined ? "" : rule.delivered ? "delivered" : "not delivered",
    rule.before_shipping === undefined ? "" : "not shipped yet",
    rule.level === undefined ? "" : `from level ${rule.level}`,
  ].filter((words) => words !== "");
}
