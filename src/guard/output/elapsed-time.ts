/** What follows from known days: how long they are ago, and when a length of time after them ends. */

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
 * November. Working days are not counted: nothing here knows holidays.
 */
export function deadlinesOf(days: readonly number[], keys: ReadonlySet<string>): readonly number[] {
  const lengths = [...keys].flatMap((key) => {
    const { count, unit } = LENGTH.exec(key)?.groups ?? {};
    return count === undefined ? [] : [{ count: Number(count), inMonths: unit === "month" }];
  });
  return days.flatMap((day) =>
    lengths
      .slice(0, LENGTHS_MAX)
      .map(({ count, inMonths }) => (inMonths ? monthsAfter(day, count) : day + count)),
  );
}

/** As `facts.ts` writes lengths of time; of a range the longer end. */
const LENGTH = /^duration:[\d.]+-(?<count>\d{1,4}):(?<unit>day|month)$/;

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
      ...weeks.map((one) => `duration:${one * WEEK}-${one * WEEK}:day`),
      ...months.map((one) => `duration:${one}-${one}:month`),
    ];
  });
}
