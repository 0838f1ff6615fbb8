/** What a rehearsal came to, in sentences: for its page, and for a terminal of 80 columns. */
import { formatMoney, type Money } from "#core/values/money.ts";
import type { RehearsalFigures, RehearsalSummary, Share } from "#core/values/rehearsal.ts";
import { counted, wrapped } from "#core/values/words.ts";
import type { RehearsalResult } from "./figures.ts";

const COLUMNS = 80;
const LEFT_OUT_MAX = 5;

/** The whole text; no line is longer than 80 characters, except a single longer word. */
export function summaryText(result: RehearsalResult): string {
  const { end, source, model, isRehearsalModel, leftOut } = result;
  return [
    `Rehearsal ${end.id}: ${end.played} of ${end.of} tickets played`,
    `From: ${source}`,
    isRehearsalModel ? "Model: rehearsal rules, no AI" : `Model: ${model}`,
    ...(end.state === "stopped" ? [`Stopped: ${end.reason}. Run it again to go on.`] : []),
    ...missing("could not be read", leftOut),
    ...missing("could not be played", end.failed),
    "",
    ...summarySentences(end.summary),
    ...summaryDoubts(end.summary),
    "",
    "Each ticket, and all of it as one file: the console, page Rehearsals",
  ]
    .flatMap((line) => wrapped(line, COLUMNS, "    "))
    .join("\n");
}

/** A heading with the first so many of its lines; nothing where there are none. */
export function firstLines(
  heading: string,
  lines: readonly string[],
  max: number,
): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length - max;
  return [
    `${heading}:`,
    ...lines.slice(0, max).map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** Why tickets are missing, each with its reason: "12 could not be played". */
export function missing(what: string, lines: readonly string[]): readonly string[] {
  return firstLines(`${lines.length} ${what}`, lines, LEFT_OUT_MAX);
}

/** What a rehearsal came to, in three sentences that need no other figure. */
export function summarySentences({ overall }: RehearsalSummary): readonly string[] {
  const { tickets, alone, withPerson, notAtAll } = overall;
  if (tickets === 0) return ["No ticket has been replayed yet."];
  return [
    `Of ${counted(tickets, "solved ticket")}, Deskhand could have answered ${alone.count} alone (${shareText(alone)}), ${withPerson.count} with a person who approves, and ${notAtAll.count} not at all.`,
    wrongSentence(overall),
    moneySentence(overall),
  ];
}

function wrongSentence({ wrongActions, wrongAlone }: RehearsalFigures): string {
  const { count, of } = wrongActions;
  if (of === 0) return "It is not known what people did, so that nothing can be compared.";
  if (count === 0)
    return `Of the ${of} where it is known what people did, it would have done nothing else in the shop.`;
  return `In ${count} of ${of} it would have done something in the shop that people did not do. ${unseenSentence(count, wrongAlone.count)}`;
}

function unseenSentence(wrong: number, alone: number): string {
  if (alone === 0) return "A person would have seen each of them first.";
  if (alone === wrong) return "No person would have seen any of them first.";
  return `No person would have seen ${alone} of them first.`;
}

function moneySentence({ moneyAtRisk, moneyAtRiskAlone }: RehearsalFigures): string {
  if (moneyAtRisk.length === 0) return "No money was at risk.";
  const alone =
    moneyAtRiskAlone.length === 0
      ? "none of it without a person"
      : `${moneyText(moneyAtRiskAlone)} of it without a person`;
  return `Money at risk: ${moneyText(moneyAtRisk)}, ${alone}.`;
}

/** What the figures rest on, where it is less than it should be. */
export function summaryDoubts({
  accountDataToday,
  identityAssumed,
}: RehearsalSummary): readonly string[] {
  return [
    accountDataToday === 0
      ? ""
      : `${counted(accountDataToday, "ticket")} read account data as it is today, since the shop cannot tell how it was.`,
    identityAssumed === 0
      ? ""
      : `For ${counted(identityAssumed, "ticket")} it is only assumed who wrote.`,
  ].filter((line) => line !== "");
}

/** "42 %", or a dash where nothing was counted. Never 0 or 100 % for a part that is neither. */
export function shareText({ count, of }: Share): string {
  if (of === 0) return "–";
  const percent = (100 * count) / of;
  if (count > 0 && percent < 1) return "<1 %";
  if (count < of && percent > 99) return ">99 %";
  return `${Math.round(percent)} %`;
}

/** "9.00 USD", "9.00 USD and 12.00 EUR"; "nothing" for none. */
export function moneyText(sums: readonly Money[]): string {
  return sums.length === 0 ? "nothing" : sums.map(formatMoney).join(" and ");
}
