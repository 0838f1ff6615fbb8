/** The context of a card as text, the same on every desk. It may contain customer text: a desk shows it literally. */
import type { Citation, Records } from "./card-context.ts";
import type { Card } from "#core/contracts/approval-desk.ts";

/** As many names as fit on a phone; the count is always shown. */
const COPIES_SHOWN = 4;
const CITATIONS_SHOWN = 8;
const SUBJECT_MAX = 60;

/** How long the customer has waited, and which deadlines apply. */
export function timeLine({ context: { since, due }, expiresAt }: Card): string {
  const parts = [
    since === null ? "" : `Waiting since ${momentOf(since)}`,
    due === null ? "" : `due ${momentOf(due.at)} (${due.by})`,
    expiresAt === null ? "" : `expires ${momentOf(expiresAt)}${due === null ? " (policy)" : ""}`,
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `🕑 ${parts.join(" · ")}`;
}

/** Minutes are enough, and the year is obvious. */
function momentOf(iso: string): string {
  const month = MONTHS[Number(iso.slice(5, 7)) - 1] ?? "";
  return `${Number(iso.slice(8, 10))} ${month} ${iso.slice(11, 16)} UTC`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/**
 * What the records hold about the customer: one line for all of it, then one for each open conversation that is named.
 */
export function recordLines(records: Records | null): readonly string[] {
  if (records === null) return [];
  if (records.kind === "unproven") return ["🗂 Records not looked up: the sender is not verified"];
  const { openCount, open, refundDays, refundCount, refunded } = records;
  const more = openCount - open.length;
  const conversations =
    openCount === 0
      ? "no other open conversation"
      : countText(openCount, "other open conversation");
  const refunds =
    refundCount === 0
      ? `no refunds in ${refundDays} days`
      : `${countText(refundCount, "refund")} in ${refundDays} days, ${refunded.join(" + ")}`;
  return [
    `🗂 ${conversations} · ${refunds}`,
    ...open.map(({ channel, called, subject, isWithPeople }) => {
      const about = subject === "" ? "" : ` “${shortenedSubject(subject)}”`;
      return `• ${channel} ${called}${about}${isWithPeople ? ", with people" : ""}`;
    }),
    ...(more > 0 ? [`• and ${more} more`] : []),
  ];
}

function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

function shortenedSubject(text: string): string {
  return text.length <= SUBJECT_MAX ? text : `${text.slice(0, SUBJECT_MAX).toWellFormed()}…`;
}

/** Who else reads the answer; empty when only the customer does. */
export function readersLine({ copies, isShared }: Card["context"]): string {
  if (copies.length === 0) return isShared ? "👀 Others may read it there" : "";
  const more = copies.length > COPIES_SHOWN ? ` and ${copies.length - COPIES_SHOWN} more` : "";
  return `👀 ${copies.length} in copy: ${copies.slice(0, COPIES_SHOWN).join(", ")}${more}`;
}

/** The citations that still apply to a text: after an edit some quoted text may be gone. */
export function citationsIn(text: string, footnotes: readonly Citation[]): readonly Citation[] {
  return footnotes
    .map(({ source, words }) => ({
      source,
      words: words.filter((said) => placeOf(text, said) !== null),
      wasQuoted: words.length > 0,
    }))
    .filter(({ words, wasQuoted }) => words.length > 0 || !wasQuoted)
    .slice(0, CITATIONS_SHOWN);
}

/**
 * A text with a small number after each cited part, for display only, never sent. When consecutive cited parts of a
 * sentence have the same source, only the last one gets the number.
 */
export function withNumbers(text: string, footnotes: readonly Citation[]): string {
  const places = footnotes
    .flatMap(({ words }, index) =>
      words.flatMap((said) => {
        const end = placeOf(text, said);
        return end === null ? [] : [{ end, number: superscript(index + 1) }];
      }),
    )
    .toSorted((one, other) => one.end - other.end);
  const shown = places.filter(({ end, number }, index) => {
    const next = places[index + 1];
    return next?.number !== number || /[.!?]\s|\n/.test(text.slice(end, next.end));
  });
  return shown.reduceRight(
    (all, { end, number }) => all.slice(0, end) + number + all.slice(end),
    text,
  );
}

/** Where the text first ends, but never within a number or a word: “5.00” does not match in 15.00. */
function placeOf(text: string, said: string): number | null {
  for (let from = text.indexOf(said); from >= 0; from = text.indexOf(said, from + 1)) {
    const end = from + said.length;
    const before = text.slice(0, from).match(/[\p{L}\p{N}]$/u) !== null;
    const after = /^[\p{L}\p{N}]/u.test(text.slice(end, end + 2));
    if (!(before && /^[\p{L}\p{N}]/u.test(said)) && !(after && /[\p{L}\p{N}]$/u.test(said)))
      return end;
  }
  return null;
}

/** One line for each number: the evidence for the text it follows. */
export function citationLines(footnotes: readonly Citation[]): readonly string[] {
  return footnotes.map(({ source }, index) => `${superscript(index + 1)} ${source}`);
}

function superscript(number: number): string {
  return String(number).replaceAll(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(Number(digit)));
}
