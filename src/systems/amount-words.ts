/** Whether the customer's own text names an amount of money, and whether it is this one. */

import { formatAmount, type Money } from "#core/values/money.ts";
import { folded } from "#text/fold.ts";
import { MONEY_SIGN } from "#text/named-orders.ts";

const NUMBER = String.raw`\d{1,7}(?:[.,']\d{3}){0,2}(?:[.,]\d{1,2})?`;
const PRICED = new RegExp(
  String.raw`(?:${MONEY_SIGN})\s?(?<after>${NUMBER})|(?<![\p{L}\p{N}.,])(?<before>${NUMBER})\s?(?:${MONEY_SIGN})`,
  "gu",
);

/**
 * Why a person has to look at an amount, as the words it rests on; null when the customer chose it or all that is left is
 * asked for and no other amount is named. `isAllThatIsLeft` amounts are on record.
 */
export function amountDoubt(
  ownWords: string,
  amount: Money,
  isAllThatIsLeft: boolean,
): { readonly words: string } | null {
  const named = [...folded(ownWords).matchAll(PRICED)];
  const isIt = ({ groups }: RegExpMatchArray): boolean =>
    plainDigits(groups?.["after"] ?? groups?.["before"] ?? "") ===
    plainDigits(formatAmount(amount));
  const other = named.find((one) => !isIt(one));
  if (other !== undefined) return { words: other[0].trim() };
  return isAllThatIsLeft || named.length > 0 ? null : { words: "" };
}

/** "1,200.5" and "1200.50" are the same amount: at most two digits after the last sign are a fraction. */
function plainDigits(number: string): string {
  const [, whole = number, fraction = ""] = /^(.*)[.,](\d{1,2})$/.exec(number) ?? [];
  return `${whole.replaceAll(/\D/g, "")}.${fraction.padEnd(2, "0")}`;
}
