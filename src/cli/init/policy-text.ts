/** Writes the policy file: the safe beginning with the company's own answers in it, comments and all. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadPolicy } from "#policy/load-policy.ts";
import type { Answers } from "./answers.ts";
import type { Hours } from "./fields.ts";

/** Its name in the folder Deskhand is started from. */
export const POLICY_FILE = "deskhand.policy.yaml";

/** What the policy needs to know. People are addresses or ids of the desk. */
export type PolicyAnswers = {
  readonly [Part in "company" | "hours" | "money" | "people"]: NonNullable<Answers[Part]>;
};

/**
 * The text of the file. Every channel only shadows, and every action asks; what the answers add is who is asked, how
 * many of them, and what is refused. Throws `policy.invalid` where the answers contradict each other.
 */
export function policyText(answers: PolicyAnswers): string {
  const { company, hours, money, people } = answers;
  const { leads, support = [] } = people;
  const [lead = ""] = leads;
  const changes: readonly (readonly [from: RegExp, to: string])[] = [
    [/^currency: USD$/m, `currency: ${money.currency}`],
    [
      / {6}# A first promotion[\s\S]*?Every refund is approved by a person\.\n/,
      refundRules(answers),
    ],
    [/^ {6}Your support team$/m, `      ${company.name} support team`],
    [/^ {6}Your support team$/m, `      ${company.name} support team`],
    [
      /^ {2}support: \[\]\n {2}lead: \[lead@example\.com\]$/m,
      `  support: ${list(support)}\n  lead: ${list(leads)}`,
    ],
    [/^ {2}zone: UTC$/m, `  zone: ${hours.zone}`],
    [/ {2}open:\n(?: {4}\w+: .*\n){7}/, openingHours(hours.open)],
    [/^ {6}people: \[lead@example\.com\]$/m, `      people: ${list([...leads, ...support])}`],
    [/fallback_lead: lead@example\.com$/m, `fallback_lead: ${quoted(lead)}`],
    [/page: \[lead@example\.com\]$/m, `page: ${list(leads)}`],
  ];
  const text = changes.reduce((before, [from, to]) => {
    if (before.search(from) < 0) throw new Error(`the policy to start from has no ${String(from)}`);
    return before.replace(from, () => to);
  }, startingText());
  // Read at once, so that no file is written that a start would refuse.
  loadPolicy(text, POLICY_FILE);
  return text;
}

/** The policy as it is before anything is known about the company. */
export function startingText(): string {
  return readFileSync(join(import.meta.dirname, "../../policy/files/init.yaml"), "utf8");
}

/**
 * Refunds above what one teammate may approve alone need two people, one of them a lead; a team of one lead alone
 * cannot give that, so the lead decides alone there.
 */
function refundRules({ money, people: { leads, support = [] } }: PolicyAnswers): string {
  const { currency, refunds } = money;
  const { alone, most, days } = refunds;
  const large =
    leads.length + support.length > 1
      ? { approvers: "{ count: 2, leads: 1 }", who: "by two people, one of them a lead" }
      : { approvers: "{ count: 1, leads: 1 }", who: "by a lead" };
  const usual = `      - name: usual
        verdict: ask
        up_to: ${alone}
        within_days: ${days}
        approvers: { count: 1, leads: 0 }
        reason: Refunds up to ${alone} ${currency} are approved by a teammate.
`;
  return `      - name: too_late
        verdict: deny
        after_days: ${days}
        reason: Refunds are possible within ${days} days after delivery, and this order was delivered longer ago.
      - name: too_much
        verdict: deny
        above: ${most}
        reason: Refunds of more than ${most} ${currency} cannot be made here.
      # A first promotion could be a rule here, with its limit under \`limits\` below:
      #   - name: small
      #     verdict: allow
      #     up_to: 10
      #     within_days: ${days}
      #     delivered: true
      #     limits: [small_refunds_for_one]
      #     reason: Refunds up to 10 ${currency} within ${days} days after delivery are made at once.
${alone === 0 ? "" : usual}      - name: large
        verdict: ask
        up_to: ${most}
        within_days: ${days}
        approvers: ${large.approvers}
        reason: ${alone === 0 ? "Refunds" : `Refunds above ${alone} ${currency}`} are approved ${large.who}.
`;
}

function openingHours(open: Hours): string {
  if (open === "always") return "  open: always\n";
  return `  open:\n${Object.entries(open)
    .map(([day, hours]) => `    ${day}: ${hours}\n`)
    .join("")}`;
}

function list(items: readonly string[]): string {
  return `[${items.map(quoted).join(", ")}]`;
}

/** As JSON writes it wherever YAML could read the bare text as something else. */
function quoted(text: string): string {
  return /^[\w.+-]+@[\w.-]+$|^[A-Z][A-Z0-9]+$/.test(text) ? text : JSON.stringify(text);
}
