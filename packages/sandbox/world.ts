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
  readonly due?: Day;
}

export const ORDERS = [
  {
    id: "123",
    customerId: "u123",
    item: "kettle",
    amountMinor: 2500,
    status: "shipped",
    shipped: { on: "2025-01-10" },
  },
  { id: "456", customerId: "u123", item: "desk lamp", amountMinor: 6000, status: "processing" },
  {
    id: "789",
    customerId: "u123",
    item: "headphones",
    amountMinor: 12000,
    status: "delivered",
    shipped: { daysFromNow: -15 },
    delivered: { daysFromNow: -12 },
  },
  {
    id: "790",
    customerId: "u123",
    item: "backpack",
    amountMinor: 8000,
    status: "delivered",
    shipped: { daysFromNow: -48 },
    delivered: { daysFromNow: -45 },
  },
  {
    id: "1001",
    customerId: "u456",
    item: "laptop",
    amountMinor: 90000,
    status: "delivered",
    shipped: { daysFromNow: -8 },
    delivered: { daysFromNow: -5 },
  },
  {
    id: "1002",
    customerId: "u456",
    item: "USB cable",
    amountMinor: 900,
    status: "delivered",
    shipped: { daysFromNow: -5 },
    delivered: { daysFromNow: -3 },
  },
  {
    id: "1003",
    customerId: "u456",
    item: "phone case",
    amountMinor: 800,
    status: "delivered",
    shipped: { daysFromNow: -6 },
    delivered: { daysFromNow: -4 },
  },
  {
    id: "2001",
    customerId: "u789",
    item: "phone",
    amountMinor: 64000,
    status: "shipped",
    shipped: { daysFromNow: -1 },
    due: { daysFromNow: 2 },
  },
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
