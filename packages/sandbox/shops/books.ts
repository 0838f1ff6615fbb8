/** What the stand-ins of shops share: who bought what, what of it went back, and what else became of it. */
import type { IncomingMessage } from "node:http";

/** One call as a shop sees it. */
export interface ShopCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** An answer of a shop; `body` is sent as JSON. */
export interface ShopAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** An answer to what was understood. */
export function answered(body: unknown, status = 200): ShopAnswer {
  return { status, body };
}

/** How one company's shop behaves. */
export interface Vendor {
  /** Settings by name under which the ready-made tools find it, its secrets among them. */
  settings(url: string): Readonly<Record<string, string>>;
  /** What a call without the right secret, or to no address of the shop, is answered; null for any other. */
  refused(call: ShopCall, books: Books): ShopAnswer | null;
  /** True for a call that changes something: faults named for writes hit these. */
  isWrite(call: ShopCall): boolean;
  readonly read: (call: ShopCall, books: Books) => ShopAnswer;
  readonly write: (call: ShopCall, books: Books) => ShopAnswer;
  /** Another address than those of its interface, such as the one that gives out tokens; null for any other call. */
  token?(call: ShopCall, books: Books): ShopAnswer | null;
  /** What it says when it has done nothing because it was asked too often. */
  readonly busy: ShopAnswer;
  /** As the shop names it and the order, and writes the amount: a whole number of minor units, or decimal text. */
  booked(refund: KeptRefund): Readonly<Record<"id" | "order" | "amount", string>>;
}

/** An order in minor units of its currency, and what became of it; `digits` is how many of them stand after the point. */
export interface Sale {
  readonly number: string;
  readonly email: string;
  readonly customer: string;
  readonly item: string;
  readonly minor: number;
  readonly currency: string;
  readonly digits: number;
  /** Had not left the warehouse at the beginning. */
  readonly isNew: boolean;
  /** Has left the warehouse by now. */
  isShipped: boolean;
  /** Set once it is cancelled: what the shop keeps of it. */
  cancelled: string | null;
  /** A cancellation that the shop has taken on: it is done after so many more looks at the order. */
  cancelling: { readonly note: string; looks: number } | null;
  /** How often it was changed. */
  changes: number;
  /** How often a cancellation was taken on. */
  cancels: number;
  address: Address | null;
  /** What others keep with it. */
  readonly metadata: Record<string, string>;
  readonly notes: { readonly id: number; readonly note: string }[];
  readonly returns: { readonly id: string; readonly note: string; readonly quantity: number }[];
  readonly refunds: KeptRefund[];
}

/** Where the parcel of an order goes, by the names that the shop gives its parts. */
type Address = Readonly<Record<string, string | null>>;

const ANN = { email: "ann@customer.test", customer: "31" };
const BOB = { email: "bob@elsewhere.test", customer: "32" };

const USD = { currency: "USD", digits: 2 };

/**
 * Ann asks, in three currencies; Bob is the stranger. The addresses are those of the sample world. The last two orders
 * have not left yet.
 */
const ORDERS = [
  { number: "1001", ...ANN, item: "desk lamp", minor: 12_000, ...USD },
  { number: "1002", ...ANN, item: "tea bowl", minor: 3000, currency: "JPY", digits: 0 },
  { number: "1003", ...ANN, item: "copper pot", minor: 12_500, currency: "KWD", digits: 3 },
  { number: "2001", ...BOB, item: "bookshelf", minor: 9000, ...USD },
  { number: "1004", ...ANN, item: "floor mat", minor: 4500, ...USD, isNew: true },
  { number: "2002", ...BOB, item: "coat rack", minor: 7000, ...USD, isNew: true },
];

/** Minor units as decimal text with all digits of the currency: "12.500". */
export function decimalText(minor: number, { digits }: Sale): string {
  return (minor / 10 ** digits).toFixed(digits);
}

/** Decimal text as minor units; null for text that is no amount of that many digits. */
export function minorOf(text: string, { digits }: Sale): number | null {
  const minor = Number(text) * 10 ** digits;
  return /^\d+(\.\d+)?$/.test(text) && Number.isInteger(Math.round(minor * 1e6) / 1e6)
    ? Math.round(minor)
    : null;
}

/** A refund as it was carried out, with what the caller wrote with it. */
export interface KeptRefund {
  /** From 1, of all that the shop has carried out. */
  readonly number: number;
  readonly sale: Sale;
  readonly minor: number;
  /** By which the caller finds it again. */
  readonly key: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** How much of an order went back, in minor units. */
export function refundedMinor({ refunds }: Sale): number {
  return refunds.reduce((sum, { minor }) => sum + minor, 0);
}

/** How much of it can still go back. */
export function leftMinor(sale: Sale): number {
  return sale.minor - refundedMinor(sale);
}

/** What one shop keeps; everything is in memory. */
export type Books = ReturnType<typeof openBooks>;

/** What the app may not see: addresses of orders, said or left empty, customers, returns, or what was paid back. */
type Hidden =
  | "nothing"
  | "email"
  | "email silently"
  | "customers"
  | "returns"
  | "all_orders"
  | "payments"
  | "refunds";

/** The books with the orders to begin with. */
export function openBooks() {
  const kept = new Map<string, { readonly asked: string; readonly answer: ShopAnswer }>();
  const sales = ORDERS.map((order): Sale => ({
    isNew: false,
    ...order,
    isShipped: !("isNew" in order),
    cancelled: null,
    cancelling: null,
    changes: 0,
    cancels: 0,
    address: null,
    metadata: {},
    notes: [],
    returns: [],
    refunds: [],
  }));
  const refunds = (): readonly KeptRefund[] =>
    sales.flatMap((sale) => sale.refunds).toSorted((one, other) => one.number - other.number);
  return {
    sales,
    /** Access tokens that were given out and still count. */
    tokens: new Set<string>(),
    hides: "nothing" as Hidden,
    /** All refunds in their order. */
    refunds,
    /** Carries a refund out. */
    refund(sale: Sale, refund: Omit<KeptRefund, "number" | "sale">): KeptRefund {
      const made = { ...refund, number: refunds().length + 1, sale };
      sale.refunds.push(made);
      return made;
    },
    /** Books what `create` answers under an idempotency key: the same request gets it again, another is `conflict`. */
    once(key: string, asked: string, conflict: ShopAnswer, create: () => ShopAnswer): ShopAnswer {
      const before = kept.get(key);
      if (before !== undefined) return before.asked === asked ? before.answer : conflict;
      const answer = create();
      // A request that did not pass validation is not kept under its key.
      if (answer.status < 400) kept.set(key, { asked, answer });
      return answer;
    },
  };
}
