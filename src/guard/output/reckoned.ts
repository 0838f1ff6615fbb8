/** Tells which amounts of a draft follow from its sources and from what the customer wrote, and which are theirs to use. */
import type { Receipts } from "#core/contracts/guard.ts";
import { pattern, spelled } from "#guard/languages/spelling.ts";
import { allMatches } from "#text/matches.ts";
import { covered, type Evidence, numbersAsked } from "./evidence.ts";
import type { Fact } from "./facts.ts";
import { countsIn } from "./numbers.ts";
import { once } from "./once.ts";
import { sentencePieces } from "./sentences.ts";
import { amountTerms, byCurrency, followsFrom, leavesDifference } from "./what-follows.ts";

/** Which amounts follow from those the reply states with evidence and those the customer wrote. */
export function reckonedFrom(
  facts: readonly Fact[],
  { text, receipts }: { readonly text: string; readonly receipts: Receipts },
  known: Evidence,
  askedKeys: ReadonlySet<string>,
): (fact: Fact) => boolean {
  const shown = facts.flatMap(({ kind, keys }) =>
    kind === "amount" && keys.some((key) => known.keys.has(key)) ? keys.slice(0, 1) : [],
  );
  const theirs = amountTerms(askedKeys);
  const read = covered(text, facts);
  const pieces = [
    ...countsIn(text).filter(({ start }) => read[start] !== 1),
    ...countsIn(receipts.asked),
  ].map(({ value }) => value);
  const counts = new Set([...pieces, ...timesIn(text, read)]);
  const added = amountTerms(known.keys);
  // "I have 75 on a gift card": such a number alone is no amount, but may be taken off one.
  const numbers = numbersAsked(receipts).map((number) => ({ minor: number * 100, currency: "?" }));
  const taken = [...theirs, ...numbers];
  const from = byCurrency([...theirs, ...added]);
  const fees = byCurrency(added);
  const terms = [...amountTerms(shown), ...theirs];
  let isReckoning = facts.some(
    ({ kind, start }) => kind === "amount" && isTheirsToUse(text, start),
  );
  // What is taken off has to be seen, unless the sentence says that it tells what is left.
  const leaves = once(() =>
    covered(
      text,
      sentencePieces(text).filter(({ plain }) => DIFFERENCE.test(plain)),
    ),
  );
  return (fact) => {
    const [wanted] = amountTerms(fact.keys.slice(0, 1));
    if (wanted === undefined) return false;
    const isLess = leavesDifference(
      wanted,
      taken,
      leaves()[fact.start] === 1 ? from : byCurrency(terms),
    );
    // To a sum the reply works out, the price of delivery may be added without being shown.
    const isSum = followsFrom(wanted, terms, {
      counts,
      added: isReckoning ? fees : byCurrency([]),
    });
    if (!isLess && !isSum) return false;
    terms.push(wanted);
    isReckoning = true;
    return true;
  };
}

const DIFFERENCE = pattern(
  String.raw`(?<!\w)(?:difference|remain\w*|left|rest|minus|less|unterschied|differenz|différence|reste|diferencia|differenza|diferença|verschil|różnica)(?!\w)`,
);

/** How many times one number of a text is another: "100 points are 5.00 USD, so 400 are 20.00 USD". */
function timesIn(text: string, read: Uint8Array): readonly number[] {
  const numbers = allMatches(text, WHOLE_NUMBER)
    .filter(({ index }) => read[index] !== 1)
    .slice(0, NUMBERS_MAX)
    .map(([digits]) => Number(digits));
  return numbers.flatMap((one) => numbers.map((other) => one / other)).filter(Number.isInteger);
}

const NUMBERS_MAX = 8;
const WHOLE_NUMBER = /(?<![\p{L}\p{N}_.,:/#-])[1-9]\d{1,4}(?![\p{L}\p{N}_:/-]|[.,]\d)/gu;

/** "Three lamps at 24.50", "use up the 12.00": so much for each, or theirs to spend, as the customer wrote. */
export function isTheirsToUse(text: string, start: number): boolean {
  const before = spelled(text.slice(Math.max(0, start - PIECE_CHARACTERS), start));
  const isPiece = EACH.test(before) && (countsIn(before).length > 0 || WITH_ONE.test(before));
  return isPiece || SPENT.test(before);
}

const PIECE_CHARACTERS = 60;
const EACH = pattern(
  String.raw`(?:\b(?:at|je|zu(?: je)?|für je|à|a|por|da|per|voor|po|för|til|till|için|tanesi)|[@×x]) $`,
);
/** "With a lamp at 39.00 you would pay": one of theirs is reckoned with, and not sold. */
const WITH_ONE = pattern(
  String.raw`\b(?:with|for|mit|für|avec|pour|con|para|per|voor|met) (?:an?|eine?[mnr]?|une?|una|uno|um|uma|een) `,
);
const SPENT = pattern(String.raw`(?<!\b(?:i|we) )\b(?:use|spend)(?: up)?(?: the| your)? $`);

/** "The 60.00 USD you wrote of", which they wrote as "60". */
export function isNumberOf({ keys }: Fact, numbers: readonly number[]): boolean {
  return amountTerms(keys.slice(0, 1)).some(({ minor }) => numbers.includes(minor / 100));
}
