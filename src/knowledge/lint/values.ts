/** Reads periods, amounts and shares out of a sentence. Pure. */
import { folded } from "#text/fold.ts";

/** A value that pages can contradict each other in. */
export interface StatedValue {
  /** `period`, `working period`, `share`, or an amount with its currency. Only values of one kind are compared. */
  readonly kind: string;
  /** In hours, in percent, or in units of the currency; both the same where no range is given. */
  readonly low: number;
  readonly high: number;
  /** As the sentence says it. */
  readonly words: string;
}

/** Hours of each unit: en, de, fr, es. A month is a twelfth of a year, so that 12 months are one year. */
const UNITS: readonly (readonly [pattern: string, hours: number])[] = [
  ["minutes?|minuten?|minutos?", 1 / 60],
  ["hours?|hrs?|stunden?|heures?|horas?", 1],
  ["days?|tagen?|tage?s?|jours?|dias?", 24],
  ["weeks?|wochen?|semaines?|semanas?", 168],
  ["months?|monate?n?|mois|mes(?:es)?", 730],
  ["years?|jahre?n?|ans?|annees?|anos?", 8_760],
];

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  fourteen: 14,
  twenty: 20,
  thirty: 30,
  sixty: 60,
  ninety: 90,
  zwei: 2,
  drei: 3,
  vier: 4,
  funf: 5,
  sechs: 6,
  zehn: 10,
  vierzehn: 14,
  deux: 2,
  trois: 3,
  quatre: 4,
  cinq: 5,
  quatorze: 14,
  trente: 30,
  dos: 2,
  tres: 3,
  cuatro: 4,
  cinco: 5,
  catorce: 14,
  treinta: 30,
};

const FIGURE = String.raw`\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?`;
const NUMBER = `(?:${FIGURE}|${Object.keys(NUMBER_WORDS).join("|")})`;
const RANGE = `(?<low>${NUMBER})(?:\\s*(?:-|–|—|to|bis|and|und|a|à|y)\\s*(?<high>${NUMBER}))?`;
const WORKING = "(?<working>(?:business|working|werk|arbeits|week)[ -]?)?";

const PERIOD = new RegExp(
  `(?<![\\p{L}\\p{N}.,])${RANGE}[\\s-]*${WORKING}(?<unit>${UNITS.map(([pattern]) => `(?:${pattern})`).join("|")})(?<after> (?:ouvres?|ouvrables?|habiles|laborables))?(?![\\p{L}\\p{N}])`,
  "gu",
);
const CODES = "eur|usd|gbp|chf|pln|cad|aud|sek|nok|dkk|jpy";
const SIGNS: Readonly<Record<string, string>> = { "€": "eur", $: "usd", "£": "gbp", "¥": "jpy" };
const AMOUNT = new RegExp(
  `(?<![\\p{L}\\p{N}.,])(?:(?<before>[€$£¥]|(?:${CODES})(?=\\s?\\d))\\s?(?<first>${FIGURE})|(?<second>${FIGURE})\\s?(?<behind>[€£]|(?:${CODES})(?![\\p{L}])))`,
  "gu",
);
const SHARE = new RegExp(`(?<![\\p{L}\\p{N}.,])(?<share>${FIGURE})\\s?(?:%|percent|prozent)`, "gu");

/** Longer sentences state more than one thing, and a long text only costs time. */
const SENTENCE_MAX = 600;

/** The values of a sentence, in its order. */
export function valuesIn(sentence: string): readonly StatedValue[] {
  const text = folded(sentence.slice(0, SENTENCE_MAX));
  return [...periodsIn(text), ...amountsIn(text), ...sharesIn(text)];
}

/** The sentence in folded form without its values: what it says them of. */
export function withoutValues(sentence: string): string {
  const text = folded(sentence.slice(0, SENTENCE_MAX));
  return [PERIOD, AMOUNT, SHARE].reduce((rest, pattern) => rest.replace(pattern, " "), text);
}

/** Values that exclude each other: ranges that overlap do not, nor do "12 months" and "1 year". */
export function exclude(one: StatedValue, other: StatedValue): boolean {
  if (one.kind !== other.kind) return false;
  const slack = 1.05;
  return one.low > other.high * slack || other.low > one.high * slack;
}

function periodsIn(text: string): readonly StatedValue[] {
  return [...text.matchAll(PERIOD)].flatMap(({ 0: words, groups = {} }) => {
    const hours = hoursOf(groups["unit"] ?? "");
    const low = numberOf(groups["low"] ?? "");
    const high = numberOf(groups["high"] ?? groups["low"] ?? "");
    if (hours === null || low === null || high === null) return [];
    const works = (groups["working"] ?? groups["after"]) !== undefined;
    const kind = works ? "working period" : "period";
    return [{ kind, low: low * hours, high: high * hours, words: words.trim() }];
  });
}

function hoursOf(unit: string): number | null {
  return UNITS.find(([pattern]) => new RegExp(`^(?:${pattern})$`, "u").test(unit))?.[1] ?? null;
}

function amountsIn(text: string): readonly StatedValue[] {
  return [...text.matchAll(AMOUNT)].flatMap(({ 0: words, groups = {} }) => {
    const sign = groups["before"] ?? groups["behind"] ?? "";
    const amount = numberOf(groups["first"] ?? groups["second"] ?? "");
    if (amount === null) return [];
    const kind = `amount in ${(SIGNS[sign] ?? sign).toUpperCase()}`;
    return [{ kind, low: amount, high: amount, words: words.trim() }];
  });
}

function sharesIn(text: string): readonly StatedValue[] {
  return [...text.matchAll(SHARE)].flatMap(({ 0: words, groups = {} }) => {
    const share = numberOf(groups["share"] ?? "");
    return share === null ? [] : [{ kind: "share", low: share, high: share, words: words.trim() }];
  });
}

/** "1,000.50", "1.000,50", "1 000" and "thirty". A single separator before three digits groups thousands. */
function numberOf(words: string): number | null {
  const named = NUMBER_WORDS[words];
  if (named !== undefined) return named;
  const grouped = words.replaceAll(/[ ,.](?=\d{3}(?!\d))/g, "");
  const value = Number(grouped.replace(",", "."));
  return Number.isFinite(value) ? value : null;
}
