/** Tells which amounts of a draft follow from its sources and from what the customer wrote. */
import type { Receipts } from "#core/contracts/guard.ts";
import { pattern, spelled } from "#text/spelling.ts";
import { allMatches } from "#text/normalize.ts";
import { UNIT_WORDS } from "./calendar-words.ts";
import { covered, type Evidence } from "./evidence.ts";
import { amountsIn, type Fact } from "./facts.ts";
import { countsIn, partsIn } from "#text/numbers.ts";
import { sentencePieces } from "./sentences.ts";
import { amountTerms, type AmountTerm, followsFrom } from "./what-follows.ts";

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
