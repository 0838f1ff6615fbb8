/** Finds amounts in the customer's own text. */
import { type Money, parseAmount } from "#core/values/money.ts";
import { folded } from "#text/fold.ts";
import { MONEY_SIGN } from "#text/about-text.ts";

/** Groups of digits in any notation: "1,200.50", "1.200,50", "1'200", "5". */
const NUMBER = /(?<![\p{L}\p{N}])\d+(?:[.,']\d+)*(?![\p{N}]|\s?%)/gu;
const SPACED_NUMBER = /(?<![\p{L}\p{N}])\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?![\p{N}]|\s?%)/gu;

/** The number in the customer's text that equals this amount, as written ("5", "5.00", "5,00", "$5"); else null. */
export function amountIn(ownWords: string, amount: Money): string | null {
  const text = ownWords.normalize("NFKC").replaceAll(/[\u{2019}\u{2018}]/gu, "'");
  const written = [...text.matchAll(NUMBER), ...text.matchAll(SPACED_NUMBER)];
  return written.find(([number]) => isAmount(number, amount))?.[0] ?? null;
}

/**
 * The amount as the customer wrote it as money ("$4", "4 bucks", "4.50"), when every other amount of money in their text
 * is one of `known`: then they chose it. Null for a bare number, which may be anything, for several amounts, and for
 * one in another currency than the order's.
 */
export function amountChosenIn(
  ownWords: string,
  amount: Money,
  known: readonly Money[],
): string | null {
  const priced = [...folded(ownWords).matchAll(new RegExp(PRICED, "gu"))].map(([text]) => text);
  const own = priced.filter(
    (text) => mayBeIn(amount.currency, text) && amountIn(text, amount) !== null,
  );
  const others = priced.filter(
    (text) => !own.includes(text) && known.every((one) => amountIn(text, one) === null),
  );
  return others.length === 0 ? (own[0]?.trim() ?? null) : null;
}

/** Another amount of money in the customer's text, as written; null when the text names this amount or none. */
export function otherAmountIn(ownWords: string, amount: Money): string | null {
  if (amountIn(ownWords, amount) !== null) return null;
  return PRICED.exec(folded(ownWords))?.[0].trim() ?? null;
}

/** The currencies that a sign or word may mean; one that is not here says nothing. Texts are folded. */
const CURRENCIES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/€|\beur(?:os?)?\b/, ["EUR"]],
  [/£|\b(?:gbp|pounds?|quid|libras?)\b/, ["GBP"]],
  [/¥/, ["JPY", "CNY"]],
  [/\b(?:pln|zl(?:otych|ote|oty)?)\b/, ["PLN"]],
  [/\b(?:chf|francs?|franchi)\b/, ["CHF"]],
  [/\breais\b/, ["BRL"]],
  [/\busd\b/, ["USD"]],
  [
    /\$|\b(?:dollars?|bucks?|dolar(?:es|ow|y)?|dollari)\b/,
    ["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"],
  ],
];

/** False when the text names another currency than this one. */
function mayBeIn(currency: string, text: string): boolean {
  return CURRENCIES.every(([named, meant]) => !named.test(text) || meant.includes(currency));
}

const PRICED = new RegExp(
  String.raw`(?:${MONEY_SIGN})\s?\d+(?:[.,']\d+)*|(?<![\p{L}\p{N}.,])\d+(?:[.,']\d+)*\s?(?:${MONEY_SIGN})|(?<![\p{L}\p{N}.,])\d+[.,]\d{2}(?![\p{L}\p{N}.,]*\d)`,
  "u",
);

/** One or two digits after the last point or comma are a fraction; every other separator only groups. */
function isAmount(number: string, { minor, currency }: Money): boolean {
  const [, whole = number, fraction = ""] = /^(.*)[.,](\d{1,2})$/.exec(number) ?? [];
  const digits = whole.replaceAll(/\D/g, "");
  const read = parseAmount(
    fraction === "" ? digits : `${digits}.${fraction.padEnd(2, "0")}`,
    currency,
  );
  return "minor" in read && read.minor === minor;
}
