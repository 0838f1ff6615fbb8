/** Chooses the procedures that fit a message, by their words. */
import type { CaseWords } from "#core/contracts/knowledge.ts";
import { folded } from "#text/fold.ts";
import type { Procedure } from "./format.ts";

/** A model is shown at most so many, each whole. */
const SHOWN_MAX = 3;

/**
 * Below this a procedure is about something else. Measured with `test/procedures/choose.test.ts` on messages written
 * for it: lower shows procedures to messages that have none, higher leaves out the right one.
 */
const SCORE_MIN = 0.2;

/** A second one is shown only if it fits nearly as well: each costs tokens in every call. */
const SHARE_OF_BEST = 0.75;

/** The beginning of a question is enough, and bounds the time. */
const TEXT_MAX = 2_000;

/** A procedure with its fit, 0 to 1. */
interface Fit<Of> {
  readonly procedure: Of;
  readonly score: number;
}

type Findable = Pick<
  Procedure,
  "title" | "when" | "words" | "tools" | "channels" | "brands" | "languages"
>;

/** The fits of all procedures that hold for this channel, brand and language, best first, also bad ones. */
function fitsOf<Of extends Findable>(
  procedures: readonly Of[],
  asked: CaseWords,
): readonly Fit<Of>[] {
  const indexed = procedures.map((procedure) => ({ procedure, stems: stemsOf(procedure) }));
  const rarity = rarityAmong(indexed.map(({ stems }) => stems));
  const text = folded(asked.text.slice(0, TEXT_MAX));
  const said = new Set(wordsIn(text));
  const all = new Set(indexed.flatMap(({ stems }) => [...stems]));
  const known = [...stemsIn(text)].filter((stem) => all.has(stem));
  const whole = sum(known.map(rarity));
  return indexed
    .filter(({ procedure }) => holdsFor(procedure, asked))
    .map(({ procedure, stems }) => {
      const shared = known.filter((stem) => stems.has(stem));
      const terms = termsOf(procedure).filter((term) => isIn(said, term));
      // One word in common, such as "send", is in any message: it says nothing of what is asked.
      if (terms.length === 0 && shared.length < 2) return { procedure, score: 0 };
      const matched = sum(shared.map(rarity));
      const phrases = terms.filter((term) => term.length > 1).length;
      const covered = whole === 0 ? 0 : matched / whole;
      const strength = Math.min(1, matched / STRONG);
      return { procedure, score: Math.min(1, covered * strength + Math.min(2, phrases) * PHRASE) };
    })
    .toSorted((a, b) => b.score - a.score);
}

/** The procedures to show: those that fit, and of the others only those nearly as good as the best. */
export function chosen<Of extends Findable>(
  procedures: readonly Of[],
  asked: CaseWords,
): readonly Of[] {
  const fits = fitsOf(procedures, asked);
  const least = Math.max(SCORE_MIN, (fits[0]?.score ?? 0) * SHARE_OF_BEST);
  return fits
    .filter(({ score }) => score >= least)
    .slice(0, SHOWN_MAX)
    .map(({ procedure }) => procedure);
}

/** The rarity of two words that only one procedure has: a message with as much says clearly what it is about. */
const STRONG = 4;

/** What a phrase of several words adds, since its words together mean more than each of them. */
const PHRASE = 0.3;

function holdsFor({ channels, brands, languages }: Findable, asked: CaseWords): boolean {
  return (
    (channels === undefined || channels.includes(asked.channel)) &&
    (brands === undefined || brands.includes(asked.brand)) &&
    // A language that was not detected rules nothing out.
    (languages === undefined || asked.language === null || languages.includes(asked.language))
  );
}

/** A phrase counts whole: of "jamais reçu" the second word alone is about any parcel. */
function stemsOf({ title, when, words = [] }: Findable): ReadonlySet<string> {
  const single = words.filter((word) => !/\s/.test(word.trim()));
  return stemsIn(folded([title, when, ...single].join("\n")));
}

/** What its author says customers write, and what its operations are called: each says alone what is asked. */
function termsOf({ words = [], tools }: Findable): readonly (readonly string[])[] {
  const operations = tools.flatMap((tool) => tool.split("_").filter((part) => !VERBS.has(part)));
  return [...words, ...operations]
    .map((term) => wordsIn(folded(term)).filter((word) => !COMMON.has(word)))
    .filter((term) => term.length > 0);
}

function wordsIn(text: string): readonly string[] {
  return text.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** True where each word of a term has a form in what was said: "zurück" is none of "zurückschicken". */
function isIn(said: ReadonlySet<string>, term: readonly string[]): boolean {
  return term.every((word) =>
    [...said].some(
      (other) => stem(other) === stem(word) && Math.abs(other.length - word.length) <= ENDING_MAX,
    ),
  );
}

/** The longest ending by which two forms of a word differ. */
const ENDING_MAX = 4;

/** What the names of tools have beside the thing they are about. */
const VERBS = new Set(
  "get list find look up send issue change reset start create"
    .split(" ")
    .concat("order status item support ticket".split(" ")),
);

/**
 * The first letters of a word stand for all its forms, in any language that adds them at the end: refund, refunded,
 * refunds. Short words mean little anywhere.
 */
function stemsIn(text: string): ReadonlySet<string> {
  return new Set(
    (text.match(/[\p{L}\p{N}]{4,}/gu) ?? [])
      .filter((word) => !/^\d+$/.test(word) && !COMMON.has(word))
      .map(stem),
  );
}

function stem(word: string): string {
  return word.slice(0, 5);
}

/** English words of every message and every "when"; `when` is mostly written in English. */
const COMMON = new Set(
  "about after again also because been before being both could customer does from have help here into just like more much need only order other over please shall should some than thank thanks that their them then there these they thing this those very want wants were what when which will with would your yours".split(
    " ",
  ),
);

/** Inverse document frequency among the procedures, smoothed as in BM25 so that none is negative. */
function rarityAmong(documents: readonly ReadonlySet<string>[]): (stem: string) => number {
  return (stem) => {
    const holders = documents.filter((stems) => stems.has(stem)).length;
    return Math.log(1 + (documents.length - holders + 0.5) / (holders + 0.5));
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
