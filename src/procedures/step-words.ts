/** Reads from a step what can be compared with the policy: amounts, days, "at once", and words that say no. */
import { type Money, parseAmount } from "#core/values/money.ts";

const SIGNS: Readonly<Record<string, string>> = { $: "USD", "€": "EUR", "£": "GBP" };

const AMOUNT =
  /(?:([$€£])\s?|\b([A-Z]{3})\s)(\d[\d.,']{0,12})|(\d[\d.,']{0,12})\s?(?:([$€£])|([A-Z]{3})\b|(dollars?|euros?|pounds?)\b)/g;

/** All amounts of a sentence in this currency; an amount in another one cannot be compared. */
export function amountsIn(sentence: string, currency: string): readonly Money[] {
  return [...sentence.matchAll(AMOUNT)].flatMap((found) => {
    const [, sign, before, first, second, after, code, word = ""] = found;
    const named = before ?? code ?? SIGNS[sign ?? after ?? ""] ?? WORDS[word.slice(0, 4)];
    const amount = parseAmount(plainNumber(first ?? second ?? ""), currency);
    return named === currency && !("reason" in amount) ? [amount] : [];
  });
}

const WORDS: Readonly<Record<string, string>> = { doll: "USD", euro: "EUR", poun: "GBP" };

/** "1,500.00", "1.500,00" and "1500" as a number with a point: the last mark before two digits is the decimal one. */
function plainNumber(written: string): string {
  const trimmed = written.replace(/(?<![.,'])[.,']+$/, "");
  const [, whole = trimmed, cents] = /^(.*)[.,](\d{2})$/.exec(trimmed) ?? [];
  const digits = whole.replaceAll(/[.,']/g, "");
  return cents === undefined ? digits : `${digits}.${cents}`;
}

const DAYS =
  /\b(\d{1,4})[- ]?(days?|weeks?|months?|years?|tagen?|wochen?|monaten?|jahren?|jours?|semaines?|mois|ans?|d[ií]as?|semanas?|mes(?:es)?|años?)(?!\p{L})/giu;

const UNITS = [
  [/^(?:w|sem)/i, 7],
  [/^m(?:o|e)/i, 30],
  [/^(?:y|jahr|an|añ)/i, 365],
] as const;

/** Every length of time in a sentence, in days; a month counts 30 and a year 365. */
export function daysIn(sentence: string): readonly number[] {
  return [...sentence.matchAll(DAYS)].map(([, number, unit = ""]) => {
    const [, days = 1] = UNITS.find(([pattern]) => pattern.test(unit)) ?? [];
    return Number(number) * days;
  });
}

/** Bounds sound like a no and are none: "no later than", "not more than". */
const BOUNDS =
  /\b(?:no|not) (?:later|more|longer|less) than\b|\bnicht (?:später|mehr|länger) als\b|\bpas plus (?:tard|de)\b|\bno más (?:tarde )?de\b/giu;

const NO =
  /\b(?:not|no|never|nor|cannot|can't|don't|doesn't|isn't|won't|without exception|hand over|nicht|kein\w*|nie|niemals|ne|pas|jamais|aucun\w*|nunca|ning[uú]n\w*|tampoco)(?!\p{L})/iu;

/** Whether a sentence says what is not done, or that people do it. */
export function isDeclined(sentence: string): boolean {
  return NO.test(sentence.replaceAll(BOUNDS, ""));
}

const AT_ONCE =
  /\b(?:at once|right away|straight away|immediately|automatically|without (?:asking|approval|a person|waiting)|sofort|automatisch|ohne (?:rückfrage|freigabe)|imm[ée]diatement|automatiquement|sans (?:demander|accord)|inmediatamente|autom[áa]ticamente|sin (?:preguntar|aprobaci[óo]n))(?!\p{L})/iu;

/** Whether a sentence says that no person is asked. */
export function saysAtOnce(sentence: string): boolean {
  return AT_ONCE.test(sentence);
}
