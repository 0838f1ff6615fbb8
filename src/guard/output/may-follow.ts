/**
 * Tells of a value without evidence whether it is wrong, or may follow from what is known in more ways than code is sure of:
 * then nothing is sent back for it, and a reader or a person tells.
 */
import { type Finding, type Receipts, unsure } from "#core/contracts/guard.ts";
import { ENGLISH } from "#guard/claims/deed-grammar.ts";
import { pattern, spelled } from "#text/spelling.ts";
import { daysNear, epochDay, isRelativeDay, namesOfDay } from "./dates.ts";
import { type Evidence, once } from "./evidence.ts";
import type { Fact } from "./facts.ts";
import { mayBeReckoned } from "./reckoned.ts";
import { deadlineDays } from "./what-follows.ts";

/** Why a value is objected to, by its kind. */
export const MISSING: Readonly<Record<Fact["kind"], string>> = {
  amount: "no tool result, page or action has this amount",
  date: "no tool result, page or action has this date or length of time",
  order: "no tool result, page or action has this number",
};

/**
 * A day that only today or the customer's own words give may be meant in many ways, and a length of time, a share or a year
 * may be reckoned from what is known: nothing is sent back for it. "Within" so many days, or when something comes, has its source.
 */
function missing(
  fact: Fact,
  theirs: () => ReadonlySet<string>,
  mayFollow: (fact: Fact) => boolean,
): Finding {
  const { kind, words, keys } = fact;
  if (isRelativeDay(fact)) return unsure(words, "no date that was looked up is this day");
  if (mayFollow(fact))
    return unsure(
      words,
      "it may be reckoned from what is known, but nothing that was looked up says it",
    );
  return kind === "date" && keys.flatMap(inAnyYear).some((key) => isAsked(key, theirs()))
    ? unsure(words, "only the customer names this day: nothing says that it is so")
    : { kind, words, reason: MISSING[kind] };
}

/** "3 April last year" is meant by "3 April 2026". */
function inAnyYear(key: string): readonly string[] {
  const [, , day] = /^(day:(\d+))$/.exec(key) ?? [];
  return day === undefined
    ? [key]
    : namesOfDay(Number(day)).filter((name) => !name.startsWith("month:"));
}

const RECKONED = /^(?:duration:|id:(?:19|20)\d\d$)/;

/** What a value without evidence is judged by. */
interface Judged {
  readonly text: string;
  readonly receipts: Receipts;
  readonly known: Evidence;
  /** All values of the text. */
  readonly facts: readonly Fact[];
  /** The keys of the customer's own values. */
  readonly theirs: () => ReadonlySet<string>;
  /** Whether it tells when something comes. */
  readonly arrives: (fact: Fact) => boolean;
}

/** What is found of values without evidence. */
export function findingsOf(unbacked: readonly Fact[], judged: Judged): readonly Finding[] {
  const { text, receipts, known, facts, theirs, arrives } = judged;
  const ends = once(() =>
    daysAfter([...theirs(), ...facts.flatMap(({ keys }) => keys)], known, epochDay(receipts.today)),
  );
  // "It arrives in three days" names the day; "two days before it arrives" counts.
  const isDue = (fact: Fact): boolean =>
    arrives(fact) && fact.keys.some((key) => key.startsWith("day:"));
  const mayFollow = (fact: Fact): boolean =>
    fact.kind === "amount"
      ? mayBeReckoned(fact, { text, receipts }, known, theirs(), isCost(text, fact.start))
      : (fact.keys.some((key) => RECKONED.test(key)) && !isLimit(text, fact) && !isDue(fact)) ||
        fact.keys.some((key) => ends().has(key));
  return unbacked.map((fact) => missing(fact, theirs, mayFollow));
}

/** "The 19th", "13/3", "segunda 28", "17-én": a number that may name a day. */
export function mayBeDay(number: string): boolean {
  return /^(?:[12]?\d|3[01])(?:-?\p{L}{1,3})?$/u.test(number);
}

/**
 * The days on which known lengths of time end after the days of these keys, which are
 * the customer's: "if the e-mail came on Monday, until the next".
 */
export function daysAfter(
  keys: readonly string[],
  known: Evidence,
  today: number,
): ReadonlySet<string> {
  const days = daysNear(keys, today);
  const ends = (["calendar", "working"] as const).flatMap((one) =>
    deadlineDays(one, days, known.keys),
  );
  return new Set(ends.flatMap((day) => namesOfDay(day)));
}

/** "Within 45 days" is a rule, "45 days ago" is counted. */
export function isLimit(text: string, { keys, start }: Fact): boolean {
  const before = spelled(text.slice(Math.max(0, start - LIMIT_CHARACTERS), start));
  return keys.some((key) => key.startsWith("duration:")) && LIMIT.test(before);
}

const LIMIT_CHARACTERS = 20;
const LIMIT = pattern(
  String.raw`\b(?:within|up to|(?<!\bhad (?:it|them|this|that) )for|innerhalb(?: von)?|binnen|bis zu|sous|dans les|entro|dentro de|en el plazo de|w ciągu|do|até|em até|inom|inden for) (?:the |den |les |de |los )?(?:first |next )?$`,
);

/** "Your order cost 500.00 USD": for the record to say, whatever the customer wrote. */
export function isCost(text: string, start: number): boolean {
  return ENGLISH.details.priceBefore.test(
    spelled(text.slice(Math.max(0, start - LIMIT_CHARACTERS), start)),
  );
}

/** An amount the customer wrote without a currency is one in any. */
export function isAsked(key: string, theirs: ReadonlySet<string>): boolean {
  return theirs.has(key) || (key.startsWith("amount:") && theirs.has(key.replace(/[^:]+$/, "?")));
}
