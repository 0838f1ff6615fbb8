/** Amounts of money: parsing, formatting, comparing, adding up; what may go back; and which operations move money. */
import { z } from "zod";

/** An amount in whole minor units (cents) of an ISO 4217 currency. Floating point never holds money here. */
export const Money = z.strictObject({
  minor: z.int().min(0).max(100_000_000),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
export type Money = z.infer<typeof Money>;

/** How much the model proposes to give back, as `parseAmount` reads it. */
export const RefundAmount = z
  .string()
  .max(40)
  .nullable()
  .describe('Such as "25.00" for a part; null for all that is left');

/** Operations that move money: an unknown outcome is never settled by trying again. */
export const MONEY_OPERATIONS: readonly string[] = ["refund", "cancel_order"];

/** Currencies with another number of minor digits than two, by ISO 4217. */
const OTHER_DIGITS: ReadonlyMap<string, number> = new Map([
  ..."BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
    .split(" ")
    .map((code) => [code, 0] as const),
  ..."BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3] as const),
]);

/** How many digits an amount of this currency has after its point: two where nothing else is known. */
export function currencyDigits(currency: string): number {
  return OTHER_DIGITS.get(currency) ?? 2;
}

/**
 * Parses what a person typed, such as "120.00" or "120". Anything else (a sign, an exponent, a decimal comma, more
 * digits than the currency has, zero) returns a reason for the form field.
 */
export function parseAmount(text: string, currency: string): Money | { readonly reason: string } {
  const digits = currencyDigits(currency);
  const match = /^(\d{1,7})(?:\.(\d{1,3}))?$/.exec(text.trim());
  const [, whole, fraction = ""] = match ?? [];
  if (whole === undefined || fraction.length > digits || (fraction && fraction.length !== digits))
    return {
      reason: `Write the amount as digits with a point, for example ${formatAmount({ minor: 25 * 10 ** digits, currency })} (${currency}).`,
    };
  const minor = Number(whole) * 10 ** digits + Number(fraction || "0");
  return minor === 0 ? { reason: "The amount must be more than zero." } : { minor, currency };
}

/** What was paid for something, and what of it went back already. */
export interface Account {
  readonly paid: Money;
  readonly refunded: Money;
}

/** What can still go back; null where something went back in another currency than was paid in. */
export function leftIn({ paid, refunded }: Account): Money | null {
  if (refunded.currency !== paid.currency) return null;
  return { ...paid, minor: Math.max(0, paid.minor - refunded.minor) };
}

/**
 * The amount that is to go back: what was typed, or all that is left; never more than is left. The reason of a no is for
 * the customer and begins with `what`, such as "Order 789".
 */
export function amountAsked(
  typed: string | null,
  account: Account,
  what: string,
): Money | { readonly reason: string } {
  const left = leftIn(account);
  if (left === null)
    return {
      reason: `${what} has a refund in ${account.refunded.currency}, so a person looks at it.`,
    };
  if (left.minor === 0)
    return { reason: `${what} has been refunded already, ${formatMoney(account.refunded)}.` };
  if (typed === null) return left;
  // Amounts are shown with their currency, so a model copies it; any other currency stays an error.
  const asked = parseAmount(typed.trim().replace(` ${left.currency}`, ""), left.currency);
  if ("reason" in asked || asked.minor <= left.minor) return asked;
  const name = `${what.charAt(0).toLowerCase()}${what.slice(1)}`;
  return { reason: `At most ${formatMoney(left)} of ${name} can be refunded.` };
}

/** "120.00 USD": the only form in which amounts are shown, so that readers and checks see the same. */
export function formatMoney({ minor, currency }: Money): string {
  return `${formatAmount({ minor, currency })} ${currency}`;
}

/** "120.00" without the currency, for an input field. */
export function formatAmount({ minor, currency }: Money): string {
  const digits = currencyDigits(currency);
  return digits === 0 ? String(minor) : (minor / 10 ** digits).toFixed(digits);
}

/** The shop uses decimals; more precision than the currency has is refused instead of rounded away. */
export function fromDecimal(amount: number, currency: string): Money {
  const minor = Math.round(amount * 10 ** currencyDigits(currency));
  if (Math.abs(minor / 10 ** currencyDigits(currency) - amount) > 1e-9)
    throw new Error(`${amount} is no amount of ${currency}`);
  return Money.parse({ minor, currency });
}

/** The decimal number for a JSON body of the shop. */
export function toDecimal({ minor, currency }: Money): number {
  return minor / 10 ** currencyDigits(currency);
}

/** One sum per currency, in the order they first occur; unknown amounts (null) are skipped. */
export function addedUp(amounts: readonly (Money | null)[]): Money[] {
  const sums = new Map<string, number>();
  for (const amount of amounts)
    if (amount !== null) sums.set(amount.currency, (sums.get(amount.currency) ?? 0) + amount.minor);
  return [...sums].map(([currency, minor]) => ({ minor, currency }));
}

/** The same sums as a person reads them. */
export function formattedSums(amounts: readonly (Money | null)[]): readonly string[] {
  return addedUp(amounts).map(formatMoney);
}
