/** The facts an answer states: amounts, numbers, days, periods, orders, links, and what it says was done or refused. */
import type { ComparedFact } from "#core/values/rehearsal.ts";
import { stancesIn } from "#guard/claims/stances.ts";
import { dayOf, namesOfDay } from "#guard/output/dates.ts";
import { factsIn } from "#guard/output/evidence.ts";
import { type Fact, longerEnd, ordersIn, WITHOUT_CURRENCY } from "#guard/output/facts.ts";
import { linkKey, linksIn } from "#guard/output/links.ts";
import { type Piece, sentencePieces } from "#guard/output/sentences.ts";

/** One fact with its readings, by which the same fact is found in another text, and the sentence it stands in. */
export interface StatedFact extends ComparedFact {
  readonly keys: readonly string[];
  /** The sentence as readers see it, without sign and case. */
  readonly sentence: string;
}

/** Longer texts are no answers of a person. */
const CHARACTERS_MAX = 20_000;

/** Every fact of a text in its order; "tomorrow" is counted from `at`. */
export function factsStated(text: string, at: Date): readonly StatedFact[] {
  const whole = text.slice(0, CHARACTERS_MAX);
  const pieces = sentencePieces(whole);
  const links = linksIn(whole);
  const around = (start: number): string =>
    pieces.find((piece) => piece.start <= start && start < piece.end)?.plain ?? "";
  // Blanked instead of cut out, so that the digits of an address are no numbers and positions stay the same.
  const unlinked = links.reduce(
    (left, { words, start }) =>
      left.slice(0, start) + " ".repeat(words.length) + left.slice(start + words.length),
    whole,
  );
  const orders = new Set(ordersIn(unlinked).map(({ start }) => start));
  return [
    ...withoutParts(factsIn(unlinked, dayOf(at))).map((fact) => ({
      kind: kindOf(fact, orders.has(fact.start)),
      words: fact.words.trim(),
      keys: readingsOf(fact),
      sentence: around(fact.start),
    })),
    ...links.flatMap(({ words, start, url }) =>
      url === null
        ? []
        : [
            {
              kind: "link" as const,
              words,
              keys: [`link:${linkKey(url)}`],
              sentence: around(start),
            },
          ],
    ),
    ...claimsStated(whole),
  ];
}

/** "October 2026" within "8 October 2026" states nothing of its own. */
function withoutParts(facts: readonly Fact[]): readonly Fact[] {
  return facts.filter(
    ({ start, end }) =>
      !facts.some(
        (other) =>
          other.start <= start && end <= other.end && other.end - other.start > end - start,
      ),
  );
}

/** What was done or refused, once for each kind of act and side. */
function claimsStated(text: string): readonly StatedFact[] {
  const claims = new Map<string, StatedFact>();
  for (const { name, says, sentence } of stancesIn(text)) {
    const key = `claim:${name}:${says}`;
    if (!claims.has(key)) claims.set(key, claimOf(key, sentence));
  }
  return [...claims.values()];
}

function claimOf(key: string, { text, plain }: Piece): StatedFact {
  return { kind: "claim", words: text.trim(), keys: [key], sentence: plain };
}

/** The other side of a claim: "no" for a "yes"; null for every other fact. */
export function oppositeOf({ keys: [key = ""] }: StatedFact): string | null {
  const [what, name, says] = key.split(":");
  return what === "claim" ? `claim:${name}:${says === "yes" ? "no" : "yes"}` : null;
}

function kindOf({ kind, keys: [key = ""] }: Fact, isOrder: boolean): ComparedFact["kind"] {
  if (kind === "amount") return key.startsWith("percent:") ? "number" : "amount";
  if (kind === "date") return key.startsWith("duration:") ? "period" : "date";
  return isOrder ? "order" : "number";
}

/** A day also has its name without a year, a range also its longer end, an amount also a form that names no currency. */
function readingsOf({ keys }: Fact): readonly string[] {
  return keys
    .filter((key) => !key.endsWith(`:${WITHOUT_CURRENCY}`))
    .flatMap((key) => {
      if (key.startsWith("day:"))
        return namesOfDay(Number(key.slice("day:".length))).filter((name) => IS_DAY.test(name));
      return key.startsWith("duration:") ? [key, longerEnd(key)] : [key];
    });
}

/** Two days of one month are two facts. */
const IS_DAY = /^(?:day|month-day):/;

/** Whether two facts state the same, in one of their readings. An amount without a currency is one in any. */
export function isSameFact(one: StatedFact, other: StatedFact): boolean {
  return one.keys.some((key) => other.keys.some((known) => isSameKey(key, known)));
}

function isSameKey(one: string, other: string): boolean {
  if (one === other) return true;
  const [what, minor, currency] = one.split(":");
  if (what !== "amount") return false;
  const [known, same, in_] = other.split(":");
  return known === "amount" && same === minor && (currency === "?" || in_ === "?");
}

/** Few and short words say nothing about what a sentence is about. */
const WORD = /\p{L}{4,}/gu;
const STEM_CHARACTERS = 5;
const SHARED_MIN = 2;
const SHARE_MIN = 1 / 3;

/**
 * Whether two sentences are about the same: they share a third of their longer words, and two at least. So a period for
 * sending back and one for a refund are two facts, and not one that differs.
 */
export function isAboutSame(one: StatedFact, other: StatedFact): boolean {
  const [mine, theirs] = [stemsOf(one.sentence), stemsOf(other.sentence)];
  const shared = [...mine].filter((stem) => theirs.has(stem)).length;
  return shared >= SHARED_MIN && shared >= Math.min(mine.size, theirs.size) * SHARE_MIN;
}

function stemsOf(sentence: string): Set<string> {
  return new Set([...sentence.matchAll(WORD)].map(([word]) => word.slice(0, STEM_CHARACTERS)));
}
