/** What a card says about its case: headline, facts, tone, and what else is open about the same order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Card } from "#core/contracts/approval-desk.ts";
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
