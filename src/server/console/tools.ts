/** What the bot can look up and propose, with what the policy says of each change: a part of the page of the policy. */

import { z } from "zod";
import type { JsonObject } from "#core/values/canonical-json.ts";
import { formatMoney, fromDecimal } from "#core/values/money.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { verdictInWords } from "#policy/on-duty.ts";
import { approversOf } from "#policy/rules.ts";
import { html, type Html } from "#server/http/html.ts";
import type { lastErrors } from "#store/effects/dead-letters.ts";
import { lineList, section, table } from "./parts.ts";
import type { Visit } from "./session.ts";
import type { ListedTool } from "#server/pages/options.ts";

type Document = PolicyFile["document"];
type Rule = NonNullable<Document["operations"][string]>["rules"][number];

/** A row for each tool: what it does, for whom, its arguments, what the policy says, and what failed last. */
export function toolsView(
  tools: readonly ListedTool[],
  document: Document,
  errors: Awaited<ReturnType<typeof lastErrors>>,
  { when, mask }: Visit,
): Html {
  const rows = tools.map(({ name, kind, operation, level, from, parameters }) => {
    const failed = errors.find((error) => error.operation === operation);
    return [
      html`<b class="words">${name}</b><br /><span class="soft">${from}</span>`,
      operation === null ? KINDS[kind] : `${KINDS[kind]} ${operation}`,
      level === 0 ? "every writer" : `identity level ${level} and above`,
      argumentNames(parameters),
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

function argumentNames(parameters: JsonObject): string {
  return Object.keys(Parameters.parse(parameters).properties).join(", ");
}

/** One line a rule, in the order in which they are looked at; the last ones say what holds beside them. */
function policyWords(document: Document, operation: string): readonly string[] {
  const entry = Object.hasOwn(document.operations, operation)
    ? document.operations[operation]
    : undefined;
  if (entry === undefined) return ["no rule in the policy: a person decides"];
  const rules = entry.rules.map((rule) => {
    const then = verdictInWords(rule.verdict, approversOf(rule));
    const limits = rule.limits === undefined ? "" : `, within ${rule.limits.join(" and ")}`;
    return `${conditionsOf(rule, document.currency).join(", ") || "always"}: ${then}${limits}`;
  });
  return [
    ...rules,
    "what no rule fits: a person decides",
    ...(entry.own_words === "required"
      ? ["without a person only what the customer plainly asked for"]
      : []),
  ];
}

function conditionsOf(rule: Rule, currency: string): readonly string[] {
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
