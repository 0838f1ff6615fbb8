/** The sample world every embedded part agrees on: who buys, what they bought, who answers them. */

/** A customer of the sample shop; the address is the only identity a mail can prove. */
export interface SampleCustomer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

export const CUSTOMERS = [
  { id: "u123", name: "Ann Fields", email: "ann@customer.test" },
  { id: "u456", name: "Bob Marsh", email: "bob@elsewhere.test" },
  { id: "u789", name: "Cara Lind", email: "cara@customer.test" },
] as const satisfies readonly SampleCustomer[];

/** A dated fact is a fixed day or a number of days relative to the day the world was made. */
type Day = { readonly on: string } | { readonly daysFromNow: number };

/** One order as the sample shop is seeded with it. Amounts are minor units of USD, and every order is paid. */
export interface SampleOrder {
  readonly id: string;
  readonly customerId: string;
  readonly item: string;
  readonly amountMinor: number;
  readonly status: "processing" | "shipped" | "delivered";
  readonly shipped?: Day;
  readonly delivered?: Day;
  readonly dueInDays?: number;
}

const DAY_MS = 86_400_000;

/** The day so many days after a moment; the one after where that is a Sunday, on which the shop does not deliver. */
export function deliveryDay(from: Date, days: number): string {
  const day = new Date(from.getTime() + days * DAY_MS);
  if (day.getUTCDay() === 0) day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

const processing = { status: "processing" } as const;

/** Shipped, and delivered if it was, so many days before the world is made. */
function sent(
  shipped: number,
  delivered?: number,
): Pick<SampleOrder, "status" | "shipped" | "delivered"> {
  const left = { shipped: { daysFromNow: -shipped } };
  return delivered === undefined
    ? { status: "shipped", ...left }
    : { status: "delivered", ...left, delivered: { daysFromNow: -delivered } };
}

const ANN = { customerId: "u123" } as const;
const BOB = { customerId: "u456" } as const;
const CARA = { customerId: "u789", dueInDays: 2 } as const;
const LONG_AGO = { status: "shipped", shipped: { on: "2025-01-10" } } as const;

export const ORDERS = [
  { id: "123", ...ANN, item: "kettle", amountMinor: 2500, ...LONG_AGO },
  { id: "456", ...ANN, item: "desk lamp", amountMinor: 6000, ...processing },
  { id: "789", ...ANN, item: "headphones", amountMinor: 12000, ...sent(15, 12) },
  { id: "790", ...ANN, item: "backpack", amountMinor: 8000, ...sent(48, 45) },
  { id: "1001", ...BOB, item: "laptop", amountMinor: 90000, ...sent(8, 5) },
  { id: "1002", ...BOB, item: "USB cable", amountMinor: 900, ...sent(5, 3) },
  { id: "1003", ...BOB, item: "phone case", amountMinor: 800, ...sent(6, 4) },
  { id: "2001", ...CARA, item: "phone", amountMinor: 64000, ...sent(1) },
] as const satisfies readonly SampleOrder[];

/** The people who answer. Sam and Lea have one e-mail in Slack and Zendesk, so a click has one owner in both. */
export const TEAM = {
  sam: { name: "Sam Ortiz", email: "sam@ourshop.test", role: "support" },
  lea: { name: "Lea Winter", email: "lea@ourshop.test", role: "lead" },
  dana: { name: "Dana Cole", email: "dana@ourshop.test", role: "support" },
  lee: { name: "Lee Park", email: "lee@ourshop.test", role: "lead" },
  ned: { name: "Ned Frost", email: "ned@ourshop.test", role: "none" },
} as const;

/** The address customers write to. */
export const SUPPORT_ADDRESS = "support@ourshop.test";
