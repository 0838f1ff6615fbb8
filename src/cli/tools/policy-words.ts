/** What the policy says about an operation, in words. */
import { formatMoney, fromDecimal } from "#core/values/money.ts";
import type { PolicyFile } from "#policy/load-policy.ts";
import { verdictInWords } from "#policy/on-duty.ts";
import { approversOf } from "#policy/rules.ts";

type Document = PolicyFile["document"];
type Rule = NonNullable<Document["operations"][string]>["rules"][number];

/** One line a rule, in the order in which they are looked at; the last ones say what holds beside them. */
export function policyWords(document: Document, operation: string): readonly string[] {
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
