/** The first line of a card after an edit says what the card does by now. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { decideAction } from "#jobs/policy/recheck.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

onDesk("the headline of an edited card", (bench) => {
  const refund = async (orderId: string, minor: number) => {
    const order = await bench.shop.order(orderId, AbortSignal.timeout(PATIENCE_MS));
    assert.ok(order !== null);
    const amount = { minor, currency: "USD" };
    const planned = {
      key: `refund:shop:${orderId}:0`,
      facts: [sealedOrderFacts(order)],
      action: {
        target: "shop" as const,
        operation: "refund",
        arguments: { orderId, amount, reason: "broken" },
      },
      label: `Refund ${(minor / 100).toFixed(2)} USD, order ${orderId}`,
    };
    const decision = await decideAction(bench.parts, planned, {
      conversation: { channel: "email", brand: "ourshop" },
      level: 2,
      actingLevel: undefined,
      customerId: order.customerId,
      topic: "refund",
      earlier: [],
      origin: null,
    });
    return { planned, origin: { asked: true, unproven: [] }, decision };
  };

  /** Makes a card of these refunds, and an edit of it; gives its headline and what a phone shows. */
  const asks = async (thread: string, refunds: readonly (readonly [string, number])[]) => {
    const policy = loadPolicy(readFileSync(SANDBOX_POLICY, "utf8"), "test.yaml");
    bench.rule({ ...policy, cards: { ...policy.cards, namesInNotifications: false } });
    const actions = await Promise.all(refunds.map(([order, minor]) => refund(order, minor)));
    bench.answer(() => replying("We do as you asked.", { actions }));
    const id = await bench.write("Please do all of this", { thread });
    return async (amount: string | null = null, text = "We refund it.") => {
      if (amount !== null) await bench.press("edit", id, undefined, { edit: { text, amount } });
      const { card } = (await bench.pending(id)) ?? assert.fail("no card waits");
      return [card.headline, card.notification];
    };
  };

  test("names an amount that is on the card, whatever other amounts look like", async () => {
    const both = await asks("t1", [
      ["789", 1_200],
      ["1001", 51_200],
    ]);
    const before = await both();
    assert.match(before[0] ?? "", /^Refund 512\.00 USD and 1 more · order 1001 · .+/);
    assert.equal(before[1], "Refund 512.00 USD and 1 more · order 1001");
    assert.deepEqual(await both("30.00"), before);
  });

  test("names the new amount, and the same person", async () => {
    const one = await asks("t2", [["789", 1_200]]);
    const [first = ""] = await one();
    const after = [first.replace("12.00", "30.00"), "Refund 30.00 USD · order 789"];
    assert.deepEqual(await one("30.00"), after);
    assert.deepEqual(await one("30.00", "We refund it at once."), after);
  });
});
