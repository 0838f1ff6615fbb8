/** Says in one line what a look-up found, for the trace that people read, and keeps personal data out of it. */
import { z } from "zod";

/** Enough for an order with its dates, or for the titles of the pages that were read. */
const FOUND_MAX = 400;
const ORDERS_SHOWN = 5;

const Day = z.string().nullable();

const FoundOrder = z.object({
  order_id: z.string(),
  item: z.string(),
  status: z.string(),
  paid: z.string(),
  refunded: z.string(),
  shipped_on: Day,
  due_on: Day,
  delivered_on: Day,
});

const Found = z.union([
  z.object({ found: z.literal(false), remark: z.string() }),
  z.object({ order: FoundOrder }),
  z.object({ orders: z.array(FoundOrder) }),
  z.object({
    order_id: z.string(),
    payments: z.array(z.object({ amount: z.string(), method: z.string() })),
    refunds: z.array(z.object({ amount: z.string() })),
  }),
  z.object({ passages: z.array(z.object({ title: z.string() })) }),
]);

/**
 * "phone, paid 640.00 USD, shipped 2026-11-20, due 2026-11-23, not delivered, nothing refunded"; empty for a result of
 * a form it does not know. Dates are as records write them, so that a reader can write them in its own way.
 */
export function foundText(result: unknown): string {
  const { data } = Found.safeParse(result);
  if (data === undefined) return "";
  return lookupText(data).replaceAll(/\s+/g, " ").slice(0, FOUND_MAX);
}

function lookupText(found: z.infer<typeof Found>): string {
  if ("remark" in found) return found.remark.replace(/\.$/, "");
  if ("order" in found) return orderText(found.order);
  if ("orders" in found) return listText(found.orders);
  if ("payments" in found) return paymentsText(found);
  const titles = [...new Set(found.passages.map(({ title }) => title))];
  return titles.length === 0 ? "no page fits" : titles.join(", ");
}

function orderText(order: z.infer<typeof FoundOrder>): string {
  const { item, paid, refunded, shipped_on, due_on, delivered_on, status } = order;
  return [
    item,
    `paid ${paid}`,
    ...(shipped_on === null ? [status] : [`shipped ${shipped_on}`]),
    ...(delivered_on === null
      ? [...(due_on === null ? [] : [`due ${due_on}`]), "not delivered"]
      : [`delivered ${delivered_on}`]),
    /^0(?:\.00)? /.test(refunded) ? "nothing refunded" : `${refunded} refunded`,
  ].join(", ");
}

function listText(orders: readonly z.infer<typeof FoundOrder>[]): string {
  const shown = orders.slice(0, ORDERS_SHOWN);
  const more = orders.length - shown.length;
  return [
    ...shown.map(({ order_id, item, status }) => `${order_id} ${item} (${status})`),
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join(", ");
}

function paymentsText({
  payments,
  refunds,
}: {
  readonly payments: readonly { readonly amount: string; readonly method: string }[];
  readonly refunds: readonly { readonly amount: string }[];
}): string {
  const paid = payments.map(({ amount, method }) => `${amount} by ${method}`);
  return [
    paid.length === 1
      ? `one payment, ${paid.join()}`
      : `${paid.length} payments, ${paid.join(", ")}`,
    refunds.length === 0
      ? "nothing refunded"
      : `refunded ${refunds.map(({ amount }) => amount).join(", ")}`,
  ].join(", ");
}

/** That there is a value is shown, which one is not. */
const MASKED = "[personal]";

/** The result with each property of one of these names replaced, however deep. */
export function withoutPersonal(result: unknown, names: readonly string[]): unknown {
  if (names.length === 0) return result;
  if (Array.isArray(result)) return result.map((one) => withoutPersonal(one, names));
  if (typeof result !== "object" || result === null) return result;
  return Object.fromEntries(
    Object.entries(result).map(([name, value]) => [
      name,
      names.includes(name) && value !== null ? MASKED : withoutPersonal(value, names),
    ]),
  );
}
