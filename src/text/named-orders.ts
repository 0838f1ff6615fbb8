/** Finds the orders that a text names, by number or by what was bought. */
import { folded, foldedWords } from "./fold.ts";

/** Text before or after a number that makes it an amount, not an order. */
export const MONEY_SIGN = String.raw`[$€£¥]|\b(?:usd|eur|gbp|chf|pln|dollars?|euros?|pounds?|bucks?|quid|dolar(?:es|ow|y)?|dollari|libras?|pavos|reais|francs?|franchi|zl(?:otych|ote|oty)?)\b`;

/** True when the text names this order's id by itself: not inside a longer number or word, and not as an amount. */
export function namesOrder(ownWords: string, orderId: string): boolean {
  const id = folded(orderId).replaceAll(/[^\p{L}\p{N}-]/gu, "");
  if (id === "") return false;
  const pattern = new RegExp(
    String.raw`(?<![\p{L}\p{N}-]|\d[.,]|(?:${MONEY_SIGN})\s?)${id}(?![\p{L}\p{N}-]|[.,]\d|\s?(?:${MONEY_SIGN}))`,
    "u",
  );
  return pattern.test(folded(ownWords));
}

/** True when each word and number of a text occurs in the customer's own; order and punctuation do not matter. */
export function standsIn(ownWords: string, text: string): boolean {
  const own = new Set(foldedWords(ownWords));
  const words = foldedWords(text);
  return words.length > 0 && words.every((word) => own.has(word));
}
