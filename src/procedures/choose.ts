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

type Findable = Pick<Procedure, "title" | "when" | "words" | "channels" | "brands" | "languages">;

/** The fits of all procedures that hold for this channel, brand and language, best first, also bad ones. */
function procedureFits<Of extends Findable>(
  procedures: readonly Of[],
  asked: CaseWords,
): readonly Fit<Of>[] {
  const indexed = procedures.map((procedure) => ({ procedure, stems: procedureStems(procedure) }));
  const rarity = rarityAmong(indexed.map(({ stems }) => stems));
  const text = folded(asked.text.slice(0, TEXT_MAX));
  const all = new Set(indexed.flatMap(({ stems }) => [...stems]));
  const known = [...stemsIn(text)].filter((stem) => all.has(stem));
  const whole = sum(known.map(rarity));
  return indexed
    .filter(({ procedure }) => holdsFor(procedure, asked))
    .map(({ procedure, stems }) => {
      const matched = sum(known.filter((stem) => stems.has(stem)).map(rarity));
      const phrases = phrasesIn(procedure, text);
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
  const fits = procedureFits(procedures, asked);
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

function procedureStems({ title, when, words = [] }: Findable): ReadonlySet<string> {
  return stemsIn(folded([title, when, ...words].join("\n")));
}

function phrasesIn({ words = [] }: Findable, text: string): number {
  return words.map(folded).filter((phrase) => phrase.includes(" ") && text.includes(phrase)).length;
}

/**
 * The first letters of a word stand for all its forms, in any language that adds them at the end: refund, refunded,
 * refunds. Short words mean little anywhere.
 */
function stemsIn(text: string): ReadonlySet<string> {
  return new Set(
    (text.match(/[\p{L}\p{N}]{4,}/gu) ?? [])
      .filter((word) => !/^\d+$/.test(word) && !COMMON.has(word))
      .map((word) => word.slice(0, 5)),
  );
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
