/** What a card says about its case: headline, facts, tone, and what else is open about the same order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card } from "#core/contracts/approval-desk.ts";
import { overviewFor } from "#jobs/decisions/home-overview.ts";
import type { Message } from "#core/values/message.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { flagTexts } from "#test/support/flag-texts.ts";

const SIGNED_IN: Partial<Message> = {
  identity: {
    level: 2,
    method: "chat-token",
    reason: "signed in",
    handle: { kind: "customer", customerId: "u789" },
  },
};

onDesk("the case of a card", (bench) => {
  const cardOf = async (id: string): Promise<Card> => {
    const approval = await bench.pending(id);
    assert.ok(approval);
    return approval.card;
  };

  const PHONE = {
    order_id: "2001",
    item: "phone",
    status: "shipped",
    paid: "640.00 USD",
    refunded: "0.00 USD",
    shipped_on: "2026-11-18",
    due_on: "2026-11-23",
    delivered_on: null,
  };
  const LOOKED_UP = {
    toolResults: [{ tool: "get_order_status", result: { found: true, order: PHONE } }],
  };
  const cara = {
    level: 2,
    name: "Cara Lind",
    customerId: "u789",
    emailOnFile: "cara@customer.test",
    reason: "signed",
  } as const;

  test("a refund of an order about which people have a chargeback or a legal threat warns of it", async () => {
    bench.answer(() => replying("A draft."));
    const other = await bench.write("My lawyer looks at order 789", { thread: "first" });
    await bench.parts.store.run((transaction) =>
      updateConversation(
        transaction,
        other,
        { owner: "human", ownerReason: "delicate: legal" },
        bench.now(),
      ),
    );
    bench.skip(3 * 3_600_000);
    const planned = refundOf(2_500);
    const facts = [
      {
        orderId: "789",
        customerId: "u123",
        status: "delivered",
        paid: { minor: 12_000, currency: "USD" },
        refunded: { minor: 0, currency: "USD" },
        refundCount: 0,
        deliveredOn: "2026-11-08",
      },
    ];
    bench.answer(() =>
      replying("We refund 25.00 USD.", {
        actions: [{ ...planned, planned: { ...planned.planned, facts } }],
      }),
    );
    const id = await bench.write("Please refund order 789", { thread: "second" });
    const approval = await bench.pending(id);
    assert.match(flagTexts(approval?.card).join(), /Same order in another open case: legal threat/);
  });

  test("the headline says what, how much, for what and for whom; the facts and what disagrees follow", async () => {
    bench.bindTo(cara);
    bench.answer(() =>
      replying("We refund 640.00 USD.", {
        ...LOOKED_UP,
        actions: [refundOf(64_000, { orderId: "2001" })],
      }),
    );
    const id = await bench.write("My phone arrived cracked. Refund 2001, please.");
    const { headline, notification, context, zone, requester } = await cardOf(id);
    assert.equal(headline, "Refund 640.00 USD · phone · Cara Lind");
    assert.deepEqual([notification, zone, requester.standing], ["", "UTC", "known"]);
    assert.deepEqual(
      context.orders.map(({ orderId, item }) => `${orderId} ${item}`),
      ["2001 phone"],
    );
    assert.deepEqual(context.conflicts, [
      "says it arrived; shop: shipped 18 Nov, due 23 Nov, not delivered",
    ]);
    const lead = { id: "U2", name: "Lea", email: "lea@ourshop.test", eligible: true };
    const home = await overviewFor(bench.parts, lead);
    assert.deepEqual(
      home?.waiting[0]?.flags.filter((flag) => flag.startsWith("Customer ")),
      context.conflicts.map((conflict) => `Customer ${conflict}`),
    );
    bench.answer(() => replying("It is on its way.", { ...LOOKED_UP, topic: "order_status" }));
    const asked = await bench.write("Where is it?", { thread: "t2" });
    assert.equal((await cardOf(asked)).headline, "Reply · order 2001, where is it · Cara Lind");
  });

  test("only a customer of the shop is known, and a genuine address of somebody else is a stranger's", async () => {
    bench.answer(() => replying("A draft."));
    for (const [requester, standing] of [
      [{ ...cara, level: 3 }, "confirmed"],
      [{ ...cara, customerId: null }, "stranger"],
      [{ ...cara, level: 1 }, "claimed"],
      [{ ...cara, level: 0 }, "unknown"],
    ] as const) {
      bench.bindTo(requester);
      const id = await bench.write("Hello", { thread: standing });
      assert.equal((await cardOf(id)).requester.standing, standing);
    }
    bench.bindTo(cara);
    const id = await bench.write("Hello", { thread: "signed", message: SIGNED_IN });
    assert.equal((await cardOf(id)).requester.standing, "signed_in");
  });
});
