/** What a card says about its case: headline, facts, tone, and what else is open about the same order. */
import { deliveredFacts } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { cardSections, confirmText } from "#core/contracts/card-sections.ts";
import type { Card } from "#core/contracts/approval-desk.ts";
import type { Message } from "#core/values/message.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

const FACTS = deliveredFacts("2001", 64_000, {
  customerId: "u789",
  status: "shipped",
  deliveredOn: null,
});

const SIGNED_IN: Partial<Message> = {
  identity: {
    level: 2,
    method: "chat-token",
    reason: "signed in",
    handle: { kind: "customer", customerId: "u789" },
  },
};

onDesk("the case of a card", (bench) => {
  const cardOf = async (id: string): Promise<Card> => (await bench.card(id)).card;

  /** What a lead reads before the draft, under which heading. */
  const read = (card: Card, kind: "facts" | "warnings"): readonly string[] =>
    cardSections(card).flatMap((section) => (section.kind === kind ? section.lines : []));

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
    await bench.at(
      updateConversation,
      other,
      { owner: "human", ownerReason: { words: "a reason", holder: null, delicate: "legal" } },
      bench.now(),
    );
    bench.skip(3 * 3_600_000);
    const planned = refundOf(2_500);
    const facts = [deliveredFacts("789", 12_000)];
    bench.answer(() =>
      replying("We refund 25.00 USD.", {
        actions: [{ ...planned, planned: { ...planned.planned, facts } }],
      }),
    );
    const id = await bench.write("Please refund order 789", { thread: "second" });
    const { card } = await bench.card(id);
    assert.match(read(card, "warnings").join(), /Same order in another open case: legal threat/);
    assert.match(confirmText(card), /^Same order: legal threat \(\S+\)\. Refund 25\.00 USD/);
    const { records } = card.context;
    assert.ok(records?.kind === "known");
    const open = records.open.map((one) => ({ ...one, isSameOrder: false }));
    const elsewhere = { ...card, context: { ...card.context, records: { ...records, open } } };
    assert.match(confirmText(elsewhere), /^Also open: legal threat \(\S+\)\. Refund/);
  });

  test("a writer's order that is another customer's is told to the team alone, and to nobody of an unproven one", async () => {
    bench.answer(() => replying("I can't find these orders."));
    const theirs = async (level: 1 | 2, thread: string) => {
      bench.bindTo({ ...cara, level });
      const card = await cardOf(
        await bench.write("Where is order 789, order 7890 and order 2001?", { thread }),
      );
      assert.equal(card.draft?.text.includes("Ann"), false);
      return card.flags.map(({ text }) => text).filter((text) => text.includes("another customer"));
    };
    const [told = "", ...more] = await theirs(2, "proven");
    assert.match(told, /^Order 789 exists and is another customer's\./);
    assert.deepEqual(more, []);
    assert.deepEqual(await theirs(1, "claimed"), []);
  });

  test("the headline says what, how much, for what and for whom; the facts and what disagrees follow; a notification may leave the name out", async () => {
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
    bench.answer(() => replying("It is on its way.", { ...LOOKED_UP, topic: "order_status" }));
    bench.rule({ cards: { namesInNotifications: false, thanksNeedNone: true } });
    const reply = await cardOf(await bench.write("Where is it?", { thread: "t2" }));
    assert.equal(reply.headline, "Reply · order 2001, where is it · Cara Lind");
    assert.equal(reply.notification, "Reply · order 2001, where is it");
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

  test("anger and the messages without an answer are told, also those about the same order elsewhere", async () => {
    bench.answer(() => replying("It is on its way.", { ...LOOKED_UP, topic: "order_status" }));
    const first = await bench.write("Where is order 2001?", { thread: "one" });
    assert.deepEqual((await cardOf(first)).context.messageNumber, 1);
    await bench.write("Any news?", { thread: "one" });
    assert.equal((await cardOf(first)).context.messageNumber, 2);
    bench.skip(1_000);
    const other = await bench.write("This is ridiculous, order 2001 is still not here!", {
      thread: "two",
    });
    const joined = await cardOf(other);
    assert.deepEqual([joined.context.messageNumber, joined.context.isAngry], [3, true]);
    await bench.write("Where is order 456?", { thread: "three" });
    assert.equal((await cardOf(other)).context.isAngry, true);
  });

  test("what was kept apart is counted and named beside the card all the same, and a refund there as well is warned of once", async () => {
    bench.bindTo(cara);
    const refund = refundOf(64_000, { orderId: "2001" });
    const actions = [{ ...refund, planned: { ...refund.planned, facts: [FACTS] } }];
    bench.answer(() => replying("We refund 640.00 USD.", { ...LOOKED_UP, actions }));
    await bench.write("Please refund order 2001", { thread: "one" });
    const other = await bench.write("Refund order 2001 please", { thread: "two" });
    await bench.press("separate", other);
    await bench.wake(other);
    const card = await cardOf(other);
    const { messageNumber, records } = card.context;
    assert.equal(messageNumber, 2);
    assert.ok(records?.kind === "known");
    assert.deepEqual(
      records.open.map(({ isSameOrder }) => isSameOrder),
      [true],
    );
    const [first, ...others] = read(card, "warnings").filter((line) => /order/i.test(line));
    assert.match(first ?? "", /^⚠️ Same order in another open case: email \S+ “Headphones”$/);
    assert.deepEqual(others, [
      "⚠️ Order 2001 is not delivered: shipped 18 Nov, due 23 Nov, not delivered",
    ]);
    assert.doesNotMatch(read(card, "facts").join("\n"), /Same order/);
  });

  test("what is open about the same order and what is delicate comes before everything else", async () => {
    bench.answer(() => replying("It is on its way.", { ...LOOKED_UP, topic: "order_status" }));
    const sued = await bench.write("I will see you in court.", { channel: "zendesk", thread: "2" });
    const ownerReason = { words: "a reason", holder: null, delicate: "legal" } as const;
    await bench.at(updateConversation, sued, { owner: "human", ownerReason }, bench.now());
    for (const orderId of ["456", "789", "3001"]) {
      bench.skip(DAY);
      await bench.write(`And what about order ${orderId}?`, { thread: orderId });
    }
    bench.skip(DAY);
    const card = await cardOf(await bench.write("Where is 2001?", { thread: "here" }));
    assert.deepEqual(read(card, "warnings").slice(0, 1), [
      "⚠️ Also open: legal threat (zendesk 2) “Headphones”",
    ]);
    const facts = read(card, "facts");
    assert.deepEqual(
      facts.filter((line) => line.startsWith("🗂")),
      ["🗂 4 other open conversations"],
    );
    assert.doesNotMatch(facts.join("\n"), /legal threat/);
  });
});

const DAY = 86_400_000;
