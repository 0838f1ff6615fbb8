/** The private facts of the sample world's customers. */
import { CUSTOMERS, ORDERS, type SampleOrder } from "#sandbox/world.ts";

const DAY_MS = 86_400_000;

/** Where the customers of the sample world live, in the parts that would identify an address. */
const STREETS: Readonly<Record<string, readonly string[]>> = {
  u123: ["Orchard Lane", "Springfield", "97477"],
  u456: ["Canal Street", "Dayton", "45402"],
  u789: ["Harbor View", "Portland", "04101"],
};

/** Data that belongs to one customer, in the form in which it would appear. */
export interface PrivateFact {
  readonly customerId: string;
  readonly words: string;
}

/** Everything the sample world has about its customers: names, addresses, what they bought and when. */
export function privateFacts(today: Date): readonly PrivateFact[] {
  const ofPeople = CUSTOMERS.flatMap(({ id, name, email }) =>
    [...name.split(" "), email, ...(STREETS[id] ?? [])].map((words) => ({ customerId: id, words })),
  );
  const orders: readonly SampleOrder[] = ORDERS;
  const ofOrders = orders.flatMap((order) => {
    const days = [order.shipped, order.delivered, order.due].map((day) => dayIn(day, today));
    return [order.id, order.item, (order.amountMinor / 100).toFixed(2), ...days]
      .filter((words) => words !== null)
      .map((words) => ({ customerId: order.customerId, words }));
  });
  return [...ofPeople, ...ofOrders];
}

function dayIn(day: SampleOrder["due"], today: Date): string | null {
  if (day === undefined) return null;
  return "on" in day
    ? day.on
    : new Date(today.getTime() + day.daysFromNow * DAY_MS).toISOString().slice(0, 10);
}

/** As a whole word: "Ann" is not in "cannot", and 25.00 is not in 125.00. */
export function holds(text: string, words: string): boolean {
  const escaped = words.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}.])${escaped}(?![\\p{L}\\p{N}])`, "u").test(text);
}
