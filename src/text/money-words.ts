/** Whether an amount of money is the one that the customer's own text names. Amounts are written as "120.00 USD". */
import { folded } from "./fold.ts";
import { MONEY_SIGN } from "./about-text.ts";

/** Groups of digits in any notation: "1,200.50", "1.200,50", "1'200", "5". */
const NUMBER = /(?<![\p{L}\p{N}])\d+(?:[.,']\d+)*(?![\p{N}]|\s?%)/gu;
const SPACED_NUMBER = /(?<![\p{L}\p{N}])\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?![\p{N}]|\s?%)/gu;

/**
 * Why a person has to look at an amount, as the words of the customer that it rests on: another amount of money than
 * asked for, a bare number, which may be anything, or empty where they name no such number at all. Null for an amount
 * that is on record (`known`) unless they ask for another one, and for one that they wrote as money ("$4", "4 bucks",
 * "4.50") beside nothing but amounts on record: then they chose it.
 */
export function amountDoubt(
  ownWords: string,
  amount: string,
  known: readonly string[],
): string | null {
  const words = numberIn(ownWords, amount);
  const priced = [...folded(ownWords).matchAll(PRICED)].map(([text]) => text);
  const own = priced.filter(
    (text) => mayBeIn(amountCurrency(amount), text) && numberIn(text, amount) !== null,
  );
  const others = priced.filter(
    (text) => !own.includes(text) && known.every((one) => numberIn(text, one) === null),
  );
  if (known.includes(amount))
    return (others[0] ?? (words === null ? priced[0] : undefined))?.trim() ?? null;
  return own.length > 0 && others.length === 0 ? null : (words ?? "");
}

/** The number in a text that equals this amount, as written ("5", "5.00", "5,00", "$5"); else null. */
function numberIn(written: string, amount: string): string | null {
  const text = written.normalize("NFKC").replaceAll(/[\u{2019}\u{2018}]/gu, "'");
  const numbers = [...text.matchAll(NUMBER), ...text.matchAll(SPACED_NUMBER)];
  return numbers.find(([number]) => plainDigits(number) === plainDigits(amount))?.[0] ?? null;
}

function amountCurrency(amount: string): string {
  return amount.slice(amount.indexOf(" ") + 1);
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
  "gu",
);

/** One or two digits after the last point or comma are a fraction; every other separator only groups. */
function plainDigits(number: string): string {
  const [, whole = number, fraction = ""] = /^(.*)[.,](\d{1,2})(?!\d)/.exec(number) ?? [];
  return `${whole.replaceAll(/\D|^0+(?=\d)/g, "")}.${fraction.padEnd(2, "0")}`;
}
