/** Tells which values of a statement follow from the lines it quotes, whatever else is known. */
import { addedUp } from "#core/values/money.ts";
import { daysNear, namesOfDay } from "#guard/output/dates.ts";
import { covered, evidenceFrom, factsIn, keysAsked } from "#guard/output/evidence.ts";
import type { Fact } from "#guard/output/facts.ts";
import { countsIn } from "#guard/output/numbers.ts";
import { once } from "#guard/output/once.ts";
import { reckonedFrom } from "#guard/output/reckoned.ts";
import {
  amountTerms,
  calendarDeadlines,
  elapsedKeys,
  workingDeadlines,
} from "#guard/output/what-follows.ts";
import type { Source } from "#core/contracts/guard.ts";
import type { Quoted } from "./opposites.ts";
import { CALENDAR, isRule, type ReadSources, receiptsOf } from "./sources.ts";

/**
 * By the rules of the output check, with the quoted lines as all that is known: sums, differences, shares, deadlines and
 * the time between two days. A rule of a page is also applied to what the customer wrote, and to today; from one line of a
 * record nothing follows.
 */
export function reckonedFromQuotes(
  text: string,
  own: readonly Pick<Quoted, "source" | "quote">[],
  { today, all }: ReadSources,
): (fact: Fact) => boolean {
  const quoted = own.some(({ source }) => isRule(source))
    ? [...own, ...all.filter(mayBeApplied).map((source) => ({ source, quote: source.text }))]
    : own;
  // The next working day follows from today alone.
  const isToday = own.some(({ source }) => source.name === CALENDAR);
  const isSeveral = isToday || quoted.length > 1 || own.some(({ quote }) => quote.includes("\n"));
  const reckon = once(() => {
    const lines = quoted.map(({ source, quote }) => ({ ...source, text: quote }));
    const told = lines.map((line) => line.text).join("\n");
    const receipts = receiptsOf(lines, new Date(today * DAY_MS));
    const known = evidenceFrom(receipts);
    const theirs = keysAsked(receipts);
    // "Three of them" counts only where a quoted line says how many.
    const counts = new Set(countsIn(told).map(({ value }) => value));
    const read = covered(text, factsIn(text, today));
    const isCounted = countsIn(text).every(
      ({ value, start }) => value === 1 || read[start] === 1 || counts.has(value),
    );
    const shown = factsIn(told, today);
    const isAmount = reckonedFrom(shown, { text: isCounted ? text : "", receipts }, known, theirs);
    const ends = daysAfter(shown, isToday || NEXT_DAY.test(told), today);
    const totals = new Set(totalsOf(lines.map((line) => factsIn(line.text, today))));
    return (fact: Fact): boolean =>
      fact.keys.some((key) => ends.has(key) || totals.has(key)) ||
      (fact.kind === "amount" && isAmount(fact));
  });
  return (fact) => isSeveral && reckon()(fact);
}

const DAY_MS = 86_400_000;

function mayBeApplied({ kind, name }: Source): boolean {
  return kind === "customer" || name === CALENDAR;
}

/** What the amounts of the lines come to; an amount that one line says twice counts once. */
function totalsOf(lines: readonly (readonly Fact[])[]): readonly string[] {
  const terms = lines.flatMap((facts) =>
    amountTerms(new Set(facts.flatMap(({ keys }) => keys.slice(0, 1)))),
  );
  return addedUp(terms).map(({ minor, currency }) => `amount:${minor}:${currency}`);
}

/** The days on which lengths of time after the days of the lines end, one after another, and the time between the days. */
function daysAfter(
  shown: readonly Fact[],
  hasNextDay: boolean,
  today: number,
): ReadonlySet<string> {
  const dates = shown.filter(({ kind }) => kind === "date").flatMap(({ keys }) => keys);
  const lengths = new Set(hasNextDay ? [...dates, "duration:1-1:working-day"] : dates);
  const after = (days: readonly number[]): readonly number[] => [
    ...calendarDeadlines(days, lengths),
    ...workingDeadlines(days, lengths),
  ];
  const days = daysNear(dates, today);
  const first = after(days);
  return new Set([
    ...[...first, ...after(first)].flatMap(namesOfDay),
    ...days.flatMap((day) =>
      elapsedKeys(
        days.filter((other) => other !== day),
        day,
      ),
    ),
  ]);
}

const NEXT_DAY = /\bnext (?:business|working) day\b/i;
