/** Who bought what in the stand-ins: one customer with orders in three currencies, and a stranger with one. */

/** An order in minor units of its currency; `digits` is how many of them stand after the point. */
export interface StandInOrder {
  readonly number: string;
  readonly email: string;
  readonly customer: string;
  readonly item: string;
  readonly minor: number;
  readonly currency: string;
  readonly digits: number;
}

/** Ann asks, Bob is the stranger. The addresses are those of the sample world. */
export const STAND_IN_ORDERS: readonly StandInOrder[] = [
  order("1001", "ann@customer.test", "desk lamp", 12_000, "USD", 2),
  order("1002", "ann@customer.test", "tea bowl", 3000, "JPY", 0),
  order("1003", "ann@customer.test", "copper pot", 12_500, "KWD", 3),
  order("2001", "bob@elsewhere.test", "bookshelf", 9000, "USD", 2),
];

function order(
  number: string,
  email: string,
  item: string,
  minor: number,
  currency: string,
  digits: number,
): StandInOrder {
  const customer = email.startsWith("ann") ? "31" : "32";
  return { number, email, customer, item, minor, currency, digits };
}

/** Minor units as decimal text with all digits of the currency: "12.500". */
export function decimalText(minor: number, digits: number): string {
  return (minor / 10 ** digits).toFixed(digits);
}

/** Decimal text as minor units; null for text that is no amount of that many digits. */
export function minorOf(text: string, digits: number): number | null {
  const minor = Number(text) * 10 ** digits;
  return /^\d+(\.\d+)?$/.test(text) && Number.isInteger(Math.round(minor * 1e6) / 1e6)
    ? Math.round(minor)
    : null;
}
