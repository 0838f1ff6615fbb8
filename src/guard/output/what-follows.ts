/**
 * What follows from known facts: how long days are ago, when a length of time after them ends, and which amounts are
 * sums, differences, multiples and shares of others.
 */

/** More days and lengths of time than the records and pages of one turn have; the rest is not combined. */
const DAYS_MAX = 24;
const LENGTHS_MAX = 16;

const DAY_MS = 86_400_000;
const WEEK = 7;
/** The average length of a month in days. */
const MONTH = 30.44;

/** The days among the keys of known facts, counted since 1970. */
export function daysIn(keys: ReadonlySet<string>): readonly number[] {
  const days = [...keys].filter((key) => key.startsWith("day:"));
  return days.slice(0, DAYS_MAX).map((key) => Number(key.slice("day:".length)));
}

/**
 * The days on which a known length of time after one of these days ends: "30 days after delivery" of 30 October is 29
 * November. Lengths in working days, which are Monday to Friday, are counted apart: nothing here knows holidays, which a
 * reply does not count either.
 */
export function deadlineDays(
  counted: "calendar" | "working",
  days: readonly number[],
  keys: ReadonlySet<string>,
): readonly number[] {
  const lengths = [...keys].flatMap((key) => {
    const { first, last, unit } = LENGTH.exec(key)?.groups ?? {};
    if (unit === undefined || (unit === "working-day") !== (counted === "working")) return [];
    // Of "5 to 7 business days" people count both ends, of "30 days" there is one.
    return [...new Set([Number(first), Number(last)])].map((count) => ({ count, unit }));
  });
  return lengths
    .slice(0, LENGTHS_MAX)
    .flatMap(({ count, unit }) => days.map((day) => AFTER[unit]?.(day, count) ?? day));
}

/** As `facts.ts` writes lengths of time. */
const LENGTH = /^duration:(?<first>\d{1,4})-(?<last>\d{1,4}):(?<unit>day|month|working-day)$/;

const AFTER: Readonly<Record<string, (day: number, count: number) => number>> = {
  day: (day, count) => day + count,
  month: monthsAfter,
  "working-day": workingDaysAfter,
};

/** The first day of the count is the next working day. */
function workingDaysAfter(day: number, count: number): number {
  // 1970-01-01 was a Thursday. A weekend counts like the Friday before it.
  const weekday = (day + 3) % WEEK;
  const start = day - Math.max(0, weekday - FRIDAY);
  const left = Math.min(weekday, FRIDAY) + count;
  return start + count + Math.floor(left / WORKING) * (WEEK - WORKING);
}

/** Counted from Monday as 0. */
const FRIDAY = 4;
const WORKING = 5;

function monthsAfter(day: number, count: number): number {
  const at = new Date(day * DAY_MS);
  const date = at.getUTCDate();
  at.setUTCMonth(at.getUTCMonth() + count);
  // 31 January and a month is the last day of February.
  if (at.getUTCDate() !== date) at.setUTCDate(0);
  return Math.floor(at.getTime() / DAY_MS);
}

/** The keys of lengths of time between today and these days, exact in days and as people round weeks and months. */
export function elapsedKeys(days: readonly number[], today: number): readonly string[] {
  return days.flatMap((day) => {
    const count = Math.abs(today - day);
    const weeks = [Math.floor(count / WEEK), Math.ceil(count / WEEK)].filter((one) => one > 0);
    const months = [Math.floor(count / MONTH), Math.round(count / MONTH)].filter((one) => one > 0);
    return [
      `duration:${count}-${count}:day`,
      ...workingDayKeys(day, today),
      ...weeks.map((one) => `duration:${one * WEEK}-${one * WEEK}:day`),
      ...months.map((one) => `duration:${one}-${one}:month`),
    ];
  });
}

/** "Four business days late": the working days after the earlier of two days, the later one included. */
function workingDayKeys(one: number, other: number): readonly string[] {
  const [from, to] = [Math.min(one, other), Math.max(one, other)];
  const counts = Array.from({ length: Math.min(to - from, LATE_MAX) }, (_, place) => place + 1);
  return counts
    .filter((count) => workingDaysAfter(from, count) === to)
    .map((count) => `duration:${count}-${count}:working-day`);
}

/** Longer ago, nobody counts working days. */
const LATE_MAX = 30;

// Amounts that follow from others by the arithmetic a reader does: a sum, what is left, so many times a price.

/** More amounts and counts than one reply works with; the rest is not combined. */
const TERMS_MAX = 12;
const COUNTS_MAX = 8;
const RECORDED_MAX = 24;
/** A reader does no sum of more pieces in the head. */
export const PIECES_MAX = 20;

/** An amount with its currency, "?" where none was written. */
export interface AmountTerm {
  readonly minor: number;
  readonly currency: string;
}

interface AmountSources {
  /** Those that stand before the reader: stated with evidence, or written by the customer. */
  readonly terms: readonly AmountTerm[];
  /** Of these, the customer's: to them anything known may be added, and they may be taken off anything known. */
  readonly theirs: readonly AmountTerm[];
  readonly recorded: readonly AmountTerm[];
  /** Numbers of pieces that stand beside them. */
  readonly counts: ReadonlySet<number>;
  /** What so many of a thing are worth, by what another number of it is worth. */
  readonly shares: readonly AmountTerm[];
}

/** Whether an amount is a sum of two or three, a difference or so many times what stands before the reader. */
export function followsFrom(wanted: AmountTerm, sources: AmountSources): boolean {
  if (sources.shares.some((one) => one.minor === wanted.minor && isSame(one, wanted))) return true;
  const singles = minorsLike(wanted, sources.terms).slice(0, TERMS_MAX);
  const recorded = minorsLike(wanted, sources.recorded).slice(0, RECORDED_MAX);
  const theirs = new Set(minorsLike(wanted, sources.theirs).slice(0, TERMS_MAX));
  const pieces = [...sources.counts].filter((count) => count > 1 && count <= PIECES_MAX);
  const threes = singles.flatMap((one, at) =>
    singles
      .slice(at + 1)
      .flatMap((two, after) => singles.slice(at + after + 2).map((three) => one + two + three)),
  );
  if (threes.includes(wanted.minor)) return true;
  const parts = singles.flatMap((price) =>
    [1, ...pieces.slice(0, COUNTS_MAX)].map((count) => ({ price, count, minor: price * count })),
  );
  return parts.some(
    ({ price, count, minor }) =>
      (count > 1 && (minor === wanted.minor || isShare(wanted.minor, price, [count, pieces]))) ||
      [...singles, ...(theirs.has(price) || count > 1 ? recorded : [])].some(
        (other) =>
          other !== price &&
          (minor + other === wanted.minor || Math.abs(minor - other) === wanted.minor),
      ),
  );
}

/** Whether it is one of so many that cost the price together, or several of them: "of 60.00 for twelve, five are 25.00". */
function isShare(
  wanted: number,
  price: number,
  [all, some]: readonly [number, readonly number[]],
): boolean {
  return (
    price === wanted * all ||
    some.some((part) => part < all && Math.round((price * part) / all) === wanted)
  );
}

/** The different minor units above zero of what may be of the same currency. */
function minorsLike(wanted: AmountTerm, terms: readonly AmountTerm[]): readonly number[] {
  const minors = terms.filter((term) => isSame(term, wanted)).map(({ minor }) => minor);
  return [...new Set(minors)].filter((minor) => minor > 0);
}

/** The amounts among the keys of facts. */
export function amountTerms(keys: Iterable<string>): AmountTerm[] {
  return [...keys].flatMap((key) => {
    const { minor, currency } = KEY.exec(key)?.groups ?? {};
    return minor === undefined || currency === undefined
      ? []
      : [{ minor: Number(minor), currency }];
  });
}

const KEY = /^amount:(?<minor>\d{1,12}):(?<currency>\?|[A-Z]{3})$/;

/** Whether two amounts may be of the same currency. */
export function isSame(one: AmountTerm, other: AmountTerm): boolean {
  return one.currency === other.currency || one.currency === "?" || other.currency === "?";
}
