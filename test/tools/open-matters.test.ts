/** What an order shows of our own open matters: to its proven owner alone, and without a word a person wrote. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { type OpenMatter, ShownMatter } from "#core/cases/open-matter.ts";
import type { ToolContext } from "#core/contracts/tool.ts";
import { STRANGER, verified } from "#test/support/fixtures/turns.ts";
import { contextOf, lookUp } from "./tool-bench.ts";

const SINCE = new Date("2026-11-20T09:00:00.000Z");

function change(orderId: string, operation: string, given: Record<string, string | object>) {
  const action = { target: "shop" as const, operation, arguments: { orderId, ...given } };
  return { kind: "change" as const, orderId, since: SINCE, action };
}

const usd = (minor: number) => ({ minor, currency: "USD" });
const REFUND = change("789", "refund", { amount: usd(1_990), reason: "the customer's words" });

/** The lines each order of an answer shows, by order. */
async function shown(name: string, input: object, matters: readonly OpenMatter[]) {
  const openMatters = async (ids: readonly string[]): Promise<readonly OpenMatter[]> =>
    matters.filter(({ orderId }) => ids.includes(orderId));
  const { output } = await lookUp(name, input, contextOf(verified("u123"), { openMatters }));
  const Shown = z.looseObject({
    order_id: z.string(),
    open_with_us: z.array(ShownMatter).optional(),
  });
  const Answer = z.union([z.object({ order: Shown }), z.object({ orders: z.array(Shown) })]);
  const answer = Answer.parse(output);
  const orders = "order" in answer ? [answer.order] : answer.orders;
  return new Map(orders.map((order) => [order.order_id, order.open_with_us]));
}

test("an order tells how far each change of it is, with its amount and since when", async () => {
  const matters: readonly OpenMatter[] = [
    { ...REFUND, state: "proposed" },
    { ...change("789", "start_return", {}), state: "decided" },
    { ...change("789", "change_address", { address: "1 New Street, Paris" }), state: "begun" },
    { ...change("789", "cancel_order", { amount: usd(12_000) }), state: "in_doubt" },
    {
      kind: "conversation",
      orderId: "789",
      since: SINCE,
      channel: "email",
      isWithPeople: true,
    },
  ];
  const since = "2026-11-20";
  const lines = (await shown("get_order_status", { order_id: "789" }, matters)).get("789");
  assert.deepEqual(lines, [
    { state: "waiting for a teammate", what: "refund", amount: "19.90 USD", since },
    { state: "decided, not done yet", what: "start_return", since },
    { state: "under way, not confirmed yet", what: "change_address", since },
    {
      state: "not known whether it was done, a teammate finds out",
      what: "cancel_order",
      amount: "120.00 USD",
      since,
    },
    { state: "with a teammate", what: "case", written_by: "mail", since },
  ]);
});

test("in a list each order tells its own, and one with nothing open tells nothing", async () => {
  const orders = await shown("list_orders", {}, [{ ...REFUND, state: "proposed" }]);
  assert.equal(orders.get("789")?.length, 1);
  assert.ok(orders.has("456"));
  assert.equal(orders.get("456"), undefined);
});

test("nothing is looked for where the account may not be shown", async () => {
  let asked = 0;
  const openMatters = async (): Promise<readonly OpenMatter[]> => {
    asked += 1;
    return [];
  };
  const outsiders: readonly ToolContext[] = [
    contextOf(verified("u456"), { openMatters }),
    contextOf(STRANGER, { openMatters }),
    contextOf({ ...verified("u123"), level: 1 }, { openMatters }),
    contextOf(verified("u123"), { audience: "shared", openMatters }),
  ];
  for (const context of outsiders) {
    await lookUp("get_order_status", { order_id: "789" }, context);
    if (context.requester.customerId === "u123") await lookUp("list_orders", {}, context);
  }
  assert.equal(asked, 0);
});
