/** Finds numbers that are read as nothing else: counts, measures, codes, whatever they are of. */
import type { Receipts } from "#core/contracts/guard.ts";
import { covered, type Evidence } from "./evidence.ts";
import { countsIn, numberValue } from "#text/numbers.ts";
import { allMatches } from "#text/normalize.ts";

/** A number as it may be meant: "20,117" and "2.345" are thousands to some and decimals to others. */
export function readingsOf(written: string): readonly number[] {
  return allMatches(written, DIGITS).flatMap(({ 0: digits }) => {
    const readings = [
      numberValue(digits),
      digits.replace(",", "."),
      digits.replaceAll(/[.,' ]/g, ""),
    ];
    return readings.map(Number).filter((one) => Number.isFinite(one));
  });
}

const DIGITS = /\d+(?:[.,' ]\d+)*/g;

/**
 * The words with a digit that stand outside the stretches that are read otherwise, and that no source has: a name such as
 * "WELCOME15" letter by letter, everything else as a number. `follows` tells what more is known at a place, from the numbers before it that stand.
 */
export function strangeNumbers(
  text: string,
  {
    read,
    sources,
  }: {
    readonly read: readonly { readonly start: number; readonly end: number }[];
    readonly sources: () => readonly string[];
  },
  follows: (value: number, at: number, shown: readonly number[]) => boolean = () => false,
): readonly string[] {
  const places = covered(text, read);
  const words = allMatches(text, WORD).filter(
    ({ 0: word, index }) =>
      /\d/.test(word) &&
      !places.subarray(index, index + word.length).includes(1) &&
      // How many of a thing were told of before is reckoned with what they are worth.
      !/^ of (?:them|these|those)\b/.test(text.slice(index + word.length)),
  );
  if (words.length === 0) return [];
  const whole = sources().join("\n").toLowerCase();
  const numbers = new Set([
    ...readingsOf(whole),
    ...(whole.match(/\d+(?:\.\d+)?/g) ?? []).map(Number),
    ...(whole.match(/\d+/g) ?? []).map(Number),
  ]);
  const shown: number[] = [];
  return words.flatMap(({ 0: word, index }) => {
    if (/^\p{L}/u.test(word)) return whole.includes(word.toLowerCase()) ? [] : [word];
    const known = readingsOf(word).find(
      (value) => numbers.has(value) || follows(value, index, shown),
    );
    if (known === undefined) return [word];
    shown.push(known);
    return [];
  });
}

/** Scripts without spaces between their words have numbers of digits alone. */
const WORD =
  /(?<![\p{Script=Latin}\p{N}]|\d:)[\p{Script=Latin}\p{N}](?:[\p{Script=Latin}\p{N}-]|[.,'](?=\d))*/gu;

/** Days that passed and are left, and what an action or the customer adds to a number of a record. */
export function countsThatFollow(
  { toolResults, proposal, asked }: Receipts,
  known: Evidence,
  told: readonly number[],
) {
  const lengths = daysLong(known.keys);
  const passed = [...daysLong(known.elapsed), ...told];
  const recorded = numbersWithin(toolResults.map(({ result }) => result));
  const changes = [
    ...numbersWithin((proposal?.actions ?? []).map(({ action }) => action.arguments)),
    ...readingsOf(asked),
  ].slice(0, COUNTS_MAX);
  return new Set([
    ...passed.flatMap((days) => [days, days + 1, ...lengths.map((length) => length - days)]),
    ...changes.flatMap((by) => recorded.flatMap((one) => [one + by, one - by, by - one])),
  ]);
}

/**
 * "Four of your eight baubles broke" where they wrote of three: how many of their own things neither they, a record nor an
 * earlier answer counted, and that is not what these leave of another.
 */
export function strangeCounts(text: string, receipts: Receipts): readonly string[] {
  const told = countsIn(text).filter(
    ({ start, value }) => value > 1 && OF_THEIRS.test(text.slice(start, start + 60)),
  );
  if (told.length === 0) return [];
  const { toolResults, asked, askedBefore = [], said = [] } = receipts;
  const sources = JSON.stringify([toolResults, asked, askedBefore, said.map(({ text }) => text)]);
  const known = countsIn(sources.replaceAll(ISO_DAY, " ")).map(({ value }) => value);
  const isKnown = (value: number): boolean =>
    value === toolResults.length ||
    known.some((one) => one === value || known.includes(one + value));
  return told.flatMap(({ start, value }) =>
    isKnown(value) ? [] : [OF_THEIRS.exec(text.slice(start))?.[0] ?? ""],
  );
}

const ISO_DAY = /\d{4}-\d\d-\d\d/g;
const OF_THEIRS =
  /^[\p{L}\d]+ of (?:your|the \p{L}+) (?!orders|parcels|questions)(?:\p{L}+ )?\p{L}+s(?!\p{L})/u;

/** More than one reply works with. */
export const COUNTS_MAX = 24;
/** Results are nested a few levels deep. */
const DEPTH_MAX = 6;

function daysLong(keys: ReadonlySet<string>): readonly number[] {
  return [...keys].flatMap((key) => {
    const days = /^duration:(\d+)-\d+:day$/.exec(key)?.[1];
    return days === undefined ? [] : [Number(days)];
  });
}

/** The values of records that are numbers and nothing else. */
function numbersWithin(value: unknown, depth = 0): readonly number[] {
  if (typeof value === "number") return [value];
  if (typeof value === "string")
    return /^\d{1,6}(?:\.\d{1,3})?$/.test(value) ? [Number(value)] : [];
  if (value === null || typeof value !== "object" || depth > DEPTH_MAX) return [];
  return Object.values(value).flatMap((one) => numbersWithin(one, depth + 1));
}
