/** Formats the explanation of a decision as plain text. */
import { formatMoney } from "#core/values/money.ts";
import type { PolicyQuestion } from "#core/contracts/policy.ts";
import { verdictInWords } from "#policy/on-duty.ts";
import { dayNumber } from "#policy/calendar.ts";
import type { Approver, Explanation, LimitLookedAt } from "./explain.ts";
import type { PolicyFile } from "#policy/load-policy.ts";

/** Longer lists of names do not help a reader. */
const NAMES_MAX = 12;
const LABEL_WIDTH = 14;
const LINE_MAX = 84;

const LEVEL_IN_WORDS = ["unknown", "only claimed", "verified", "confirmed by a code"] as const;

/** An explanation as plain text for team leads: the result first, then why, then who and when. */
export function explanationText(
  { terms, document: { currency } }: PolicyFile,
  question: PolicyQuestion,
  explanation: Explanation,
): string {
  const { decision, source, expiresAt, remindAt, place } = explanation;
  const { calendar } = terms;
  const line = `line ${source.line} of ${source.file}`;
  return [
    `${questionSubject(question)}: ${verdictInWords(decision.verdict, decision.approvers)}.`,
    "",
    ...row("Decided by", [
      `${decision.rule}, ${source.isInFile ? "" : "which is built in; see "}${line}`,
    ]),
    ...row("Reason", [decision.reason]),
    ...row("Looked at", lookedAt(question, calendar.dayOf(question.at))),
    ...row("At", [calendar.inWords(question.at)]),
    ...row(
      "Limits",
      explanation.limits.map((limit) => limitInWords(limit, currency)),
    ),
    ...(decision.verdict === "ask"
      ? [
          "",
          ...row("May approve", approverNames(explanation.approvers)),
          ...row("Card goes to", [place ?? "the desk's own place"]),
          ...row("Told at once", toldAtOnce(explanation)),
          ...row("Reminder", remindAt === null ? [] : [calendar.inWords(remindAt)]),
          ...row(
            "Expires",
            expiresAt === null ? [] : [`${calendar.inWords(expiresAt)}; then people take over`],
          ),
          ...row("Customer", [
            explanation.closedText === null
              ? "gets no holding message, because the team is there"
              : `is told: ${explanation.closedText}`,
          ]),
        ]
      : []),
  ].join("\n");
}

function row(label: string, values: readonly string[]): readonly string[] {
  return values
    .flatMap(wrapped)
    .map((line, index) => `  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}${line}`);
}

/** Wrapped between words, so that a sentence stays readable in a narrow window. */
function wrapped(text: string): readonly string[] {
  return text.split(" ").reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length >= LINE_MAX) return [...lines, word];
    return [...lines.slice(0, -1), `${last} ${word}`];
  }, []);
}

/** "Refund of 120.00 USD", "Change address". */
function questionSubject({ operation, amount }: PolicyQuestion): string {
  const words = operation.replaceAll("_", " ");
  const name = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return amount === null ? name : `${name} of ${formatMoney(amount)}`;
}

function lookedAt(question: PolicyQuestion, today: number): readonly string[] {
  const { channel, brand, topic, level, order, origin } = question;
  return [
    `written on ${channel}${brand === "" ? "" : ` to ${brand}`}, about ${topic}`,
    `who is writing is ${LEVEL_IN_WORDS[level]} (level ${level})`,
    ...(order === null ? [] : [orderInWords(order, today)]),
    ...(origin === null ? [] : [originInWords(origin)]),
  ];
}

function orderInWords(
  { deliveredOn, status }: NonNullable<PolicyQuestion["order"]>,
  today: number,
) {
  if (deliveredOn === null) return `the order is not delivered, its status is ${status}`;
  const days = today - dayNumber(deliveredOn);
  return `the order was delivered ${days === 0 ? "today" : days === 1 ? "yesterday" : `${days} days ago`}`;
}

function originInWords({ asked, unproven }: NonNullable<PolicyQuestion["origin"]>): string {
  const words = asked
    ? "asked for in the customer's own words"
    : "not asked for in the customer's own words";
  const names = unproven.map(({ argument }) => argument.replaceAll("_", " "));
  return names.length === 0 ? words : `${words}; in no record: ${names.join(", ")}`;
}

function limitInWords(
  { name, words, count, minor, isUsedUp }: LimitLookedAt,
  currency: string,
): string {
  const used =
    count === 0 ? "nothing used yet" : `${count} made, ${formatMoney({ minor, currency })} in all`;
  return `${name} (${words}): ${used}${isUsedUp ? ", so it leaves no room" : ""}`;
}

/** Teammates on duty first, because they will see a card first. */
function approverNames(approvers: readonly Approver[]): readonly string[] {
  const sorted = approvers.toSorted((a, b) => Number(b.isOnDuty) - Number(a.isOnDuty));
  const names = sorted
    .slice(0, NAMES_MAX)
    .map(
      ({ name, isLead, isOnDuty }) =>
        `${name}${isLead ? ", lead" : ""}${isOnDuty ? ", on duty" : ""}`,
    );
  return sorted.length > NAMES_MAX ? [...names, `and ${sorted.length - NAMES_MAX} more`] : names;
}

function toldAtOnce({ short }: Explanation): readonly string[] {
  return short === null ? [] : [`${short.lead}, the fallback lead:`, short.sentence];
}
