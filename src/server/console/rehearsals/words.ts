/** Addresses and words that the pages about rehearsals share, in the console and in the exported file. */
import { formatMoney, type Money } from "#core/values/money.ts";
import type {
  Agreement,
  PersonVerdict,
  RehearsalFigures,
  RehearsalSummary,
  RehearsedRoute,
  Share,
} from "#core/values/rehearsal.ts";
import { durationText } from "#core/values/moment.ts";
import { addressWith } from "#server/http/html.ts";
import { counted } from "#core/values/words.ts";

/** Where rehearsals are listed. */
export const PATH = "/console/rehearsals";

/** The page of one rehearsal. */
export function rehearsalPath(id: string): string {
  return `${PATH}/${encodeURIComponent(id)}`;
}

/** The page of one ticket of a rehearsal. Ids of sources may hold any sign, so it is part of the query. */
export function ticketPath(id: string, ticketId: string): string {
  return addressWith(`${rehearsalPath(id)}/ticket`, { id: ticketId });
}

/** What stands on top of everything that rehearsal rules played. */
export const NO_AI =
  "Played with the rehearsal rules, no AI: a fixed program that answers by patterns. The figures show how this page works, not how well a model would answer.";

/** "zendesk", or "file past.jsonl": folders of the machine say nothing to a lead. */
export function sourceText(source: string): string {
  return source.replace(/^(\w+) .*[/\\](?=[^/\\]+$)/, "$1 ");
}

/** How a draft would have gone out, in words. */
export const ROUTES: Readonly<Record<RehearsedRoute, string>> = {
  alone: "alone",
  with_person: "with a person",
  not_at_all: "not at all",
};

/** The machine's judgement in a word. */
export const AGREEMENTS: Readonly<Record<Agreement, string>> = {
  wrong: "wrong",
  differs: "differs",
  unknown: "cannot be told",
  same: "the same",
};

/** What a teammate said about a disagreement. */
export const VERDICTS: Readonly<Record<PersonVerdict["right"], string>> = {
  draft: "Deskhand was right",
  person: "The teammate was right",
  both: "Both are fine",
  neither: "Neither was right",
};

/** "refund" for `refund`, "order status" for `order_status`. */
export function topicName(topic: string): string {
  return topic === "" ? "no topic" : topic.replaceAll("_", " ");
}

/** "42 %", or a dash where nothing was counted. Never 0 or 100 % for a part that is neither. */
export function shareText({ count, of }: Share): string {
  if (of === 0) return "–";
  const percent = (100 * count) / of;
  if (count > 0 && percent < 1) return "<1 %";
  if (count < of && percent > 99) return ">99 %";
  return `${Math.round(percent)} %`;
}

/** "35 to 49 %": where the true share lies, in 95 of 100 cases. */
export function intervalText({ low, high }: Pick<Share, "low" | "high">): string {
  return `${Math.floor(100 * low)} to ${Math.ceil(100 * high)} %`;
}

/** "9.00 USD", "9.00 USD and 12.00 EUR"; "nothing" for none. */
export function moneyText(sums: readonly Money[]): string {
  return sums.length === 0 ? "nothing" : sums.map(formatMoney).join(" and ");
}

/** "230 ms", "4.2 s", "12 min", "3.5 h", "2.1 days"; a dash where it is not known. */
export function timeText(ms: number | null): string {
  return ms === null ? "–" : durationText(ms);
}

/** What a rehearsal came to, in three sentences that need no other figure. */
export function summarySentences({ overall }: RehearsalSummary): readonly string[] {
  const { tickets, alone, withPerson, notAtAll } = overall;
  if (tickets === 0) return ["No ticket has been played yet."];
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
