/** Tells which amounts of a draft follow from its sources and from what the customer wrote. */
import type { Receipts } from "#core/contracts/guard.ts";
import { isEnglish } from "#guard/languages/detect.ts";
import { pattern, spelled } from "#text/spelling.ts";
import { allMatches } from "#text/normalize.ts";
import { UNIT_WORDS } from "./calendar-words.ts";
import { covered, type Evidence } from "./evidence.ts";
import { amountsIn, type Fact } from "./facts.ts";
import { countsIn, partsIn } from "#text/numbers.ts";
import { sentencePieces } from "./sentences.ts";
import { readingsOf } from "./strange-numbers.ts";
import { amountTerms, type AmountTerm, followsFrom, isSame, PIECES_MAX } from "./what-follows.ts";

/**
 * Which amounts follow from those the reply states with evidence (`backed`) and those the customer wrote. An amount that
 * follows is one that the next may follow from.
 */
export function reckonedFrom(
  backed: readonly Fact[],
  { text, receipts }: { readonly text: string; readonly receipts: Receipts },
  known: Evidence,
  askedKeys: ReadonlySet<string>,
): (fact: Fact) => boolean {
  const shown = backed.filter(({ kind }) => kind === "amount");
  const theirs = amountTerms(askedKeys);
  const read = covered(text, backed);
  const counts = [
    ...countsIn(text).filter(({ start }) => read[start] !== 1),
    ...countsIn(receipts.asked),
  ].map(({ value }) => value);
  const told = `${receipts.asked}\n${text}`;
  const recorded = amountTerms(known.keys);
  const parts = new Set(partsIn(told).map(({ value }) => value));
  const sources = {
    terms: [...amountTerms(shown.flatMap(({ keys }) => keys.slice(0, 1))), ...theirs],
    theirs,
    recorded,
    counts: new Set(counts),
    shares: [
      ...sharesOf(told, receipts.passages),
      ...[...parts].flatMap((part) =>
        [...theirs, ...recorded].map((one) => ({ ...one, minor: Math.round(one.minor / part) })),
      ),
    ],
  };
  return (fact) => {
    const [wanted] = amountTerms(fact.keys.slice(0, 1));
    if (wanted === undefined || !followsFrom(wanted, sources)) return false;
    sources.terms.push(wanted);
    return true;
  };
}

/**
 * Whether an amount or a share may be reckoned from what is known in more ways than are sure: with any two amounts, any few
 * pieces, any rate, any percentage. What may be is neither known nor wrong. What something is told to cost or be worth may
 * follow from a page's rate alone: the rest is for the record to say.
 */
export function mayBeReckoned(
  fact: Fact,
  { text, receipts }: { readonly text: string; readonly receipts: Receipts },
  known: Evidence,
  askedKeys: ReadonlySet<string>,
  isCost: boolean,
): boolean {
  const keys = [...askedKeys, ...known.keys];
  const [wanted] = amountTerms(fact.keys.slice(0, 1));
  // "And now it is at 168": an amount of theirs has no currency every time.
  const theirs = readingsOf(receipts.asked).map((units) => Math.round(units * 100));
  const minors = [
    ...theirs,
    ...amountTerms(keys).flatMap((one) =>
      wanted === undefined || isSame(one, wanted) ? [one.minor] : [],
    ),
  ]
    .filter((minor) => minor > 0)
    .slice(0, MINORS_MAX);
  const pairs = minors.flatMap((one) => minors.map((other) => [one, other] as const));
  const [percent] = percentsIn(fact.keys);
  if (percent !== undefined)
    return pairs.some(([one, other]) => Math.round((one * 100) / other) === Math.round(percent));
  if (wanted === undefined) return false;
  const isWanted = (minor: number): boolean => Math.round(minor) === wanted.minor;
  const told = `${receipts.asked}\n${text}`;
  const rates = receipts.passages.flatMap((page) => ratesIn(page.text)).slice(0, RATES_MAX);
  const numbers = [...new Set(readingsOf(told))].slice(0, MINORS_MAX);
  const byRate = rates.flatMap(({ worth, count }) =>
    numbers.map((one) => (worth.minor * one) / count),
  );
  if (isCost || byRate.some(isWanted)) return byRate.some(isWanted);
  // Numbers in words are read in few languages.
  const pieces = isEnglish(text)
    ? countsIn(told).map(({ value }) => value)
    : Array.from({ length: PIECES_MAX }, (_, at) => at + 1);
  const percents = percentsIn([...keys, ...amountsIn(told).flatMap((one) => one.keys)]);
  const reckoned = [
    ...pairs.flatMap(([one, other]) => [one + other, one - other]),
    ...minors.flatMap((one) => pieces.map((count) => one * count)),
    ...pairs.flatMap(([one, other]) =>
      one === other ? [] : pieces.map((count) => one * count + other),
    ),
    ...minors.flatMap((one) =>
      percents.flatMap((part) => [one * part, one * (100 - part)].map((all) => all / 100)),
    ),
  ];
  return reckoned.some(isWanted);
}

const MINORS_MAX = 40;

function percentsIn(keys: readonly string[]): readonly number[] {
  return keys.flatMap((key) => (key.startsWith("percent:") ? [Number(key.slice(8))] : []));
}

/**
 * What the numbers of things in a text are worth, by sentences of it and of pages that say what so many are worth: "100
 * points are 5.00 USD, so 340 are 17.00 USD". A number of what is not named beside it ("I've 300 of them") is one of any
 * thing.
 */
function sharesOf(told: string, passages: Receipts["passages"]): readonly AmountTerm[] {
  const counted = countedThings(told);
  if (counted.length === 0) return [];
  const rates = [told, ...passages.map(({ text }) => text)].flatMap(ratesIn).slice(0, RATES_MAX);
  return counted.flatMap(({ count, thing }) =>
    rates
      .filter((rate) => (thing === "" || rate.thing === thing) && rate.count !== count)
      .map(({ worth, ...rate }) => ({
        ...worth,
        minor: Math.round((worth.minor * count) / rate.count),
      })),
  );
}

const RATES_MAX = 40;

function ratesIn(text: string) {
  return sentencePieces(text.slice(0, READ_MAX)).flatMap((sentence) => {
    const worths = amountTerms(amountsIn(sentence.text).flatMap(({ keys }) => keys.slice(0, 1)));
    return worths.length === 0
      ? []
      : countedThings(sentence.text).flatMap((one) => worths.map((worth) => ({ ...one, worth })));
  });
}

function countedThings(
  text: string,
): readonly { readonly count: number; readonly thing: string }[] {
  let last = "";
  return allMatches(spelled(text.slice(0, READ_MAX)), COUNTED_THING)
    .slice(0, COUNTED_MAX)
    .map(({ groups }) => {
      const { count, thing = last } = groups ?? {};
      last = thing;
      return { count: Number(count), thing: thing.replace(/s$/, "") };
    });
}

const READ_MAX = 20_000;
const COUNTED_MAX = 24;
/** "600 points", and of the same thing "600 of them", "de 400 die je noemt"; money and time are reckoned otherwise. */
const COUNTED_THING = pattern(
  String.raw`(?<![\w.,:/#-])(?<count>[1-9]\d{0,4}) (?!(?:${UNIT_WORDS}|dollars?|euros?|pounds?|cents?|percent)\b)(?:[a-z]{1,3}|(?<thing>[a-z]{4,20}))(?!\w)`,
  "g",
);
