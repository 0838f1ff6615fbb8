/** What a customer writes anywhere is seen before their money cards elsewhere are decided. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

onDesk("a customer who writes again", (bench) => {
  const asksAbout = (order: string, refunds: boolean, needs = { count: 1, leads: 0 }): void => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer(() =>
      replying("We look into it.", {
        actions: refunds ? [refundOf(34_900, { orderId: order, needs })] : [],
        toolResults: [
          {
            tool: "get_order_status",
            result: { found: true, order: { order_id: order, item: `item ${order}` } },
          },
        ],
      }),
    );
  };

  test("marks every money card of theirs as changed, and an old press is refused", async () => {
    asksAbout("3301", true);
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    const before = (await bench.pending(first)) ?? assert.fail("no card waits");
    bench.skip(10 * 60_000);
    asksAbout("3302", true);
    await bench.write("I meant the milk jug of order 3302, the machine is fine.", {
      channel: "chat",
      thread: "c1",
      message: ANN_IN_CHAT,
    });
    const card = (await bench.pending(first)) ?? assert.fail("the card is gone");
    assert.equal(card.version, before.version + 1);
    assert.match(card.card.changes.join(), /^The customer wrote again at .+, in chat /);
    const old = await bench.press("approve", first, undefined, { version: before.version });
    assert.equal(old.accepted, false);
    assert.equal((await bench.press("approve", first)).accepted, true);
  });

  test("lapses an approval of a card that needs two, and says whose it was", async () => {
    asksAbout("3301", true, { count: 2, leads: 1 });
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    await bench.press("approve", first);
    bench.skip(10 * 60_000);
    asksAbout("3302", true);
    await bench.write("And order 3302?", { channel: "chat", thread: "c1", message: ANN_IN_CHAT });
    const card = (await bench.pending(first)) ?? assert.fail("the card is gone");
    assert.deepEqual(card.votes, []);
    assert.equal(card.card.changes.at(-1), "sam's approval lapsed.");
  });

  test("leaves a card alone that changes nothing, and another customer's", async () => {
    asksAbout("3301", false);
    const first = await bench.write("Where is order 3301?", { thread: "m1" });
    asksAbout("3303", true);
    const theirs = await bench.write("Please refund order 3303.", { thread: "m2" });
    bench.bindTo({
      level: 2,
      customerId: "u9",
      emailOnFile: "bob@customer.test",
      name: "Bob",
      reason: "signed",
    });
    bench.skip(10 * 60_000);
    await bench.write("Please refund order 3304.", { thread: "m3" });
    assert.deepEqual((await bench.pending(theirs))?.version, 1);
    assert.equal((await bench.pending(first))?.version, 1);
  });

  test("about another order is answered, although people have their ticket about the first", async () => {
    asksAbout("3301", false);
    await bench.write("Where is order 3301?", { channel: "zendesk", thread: "12" });
    const chat = { channel: "chat", thread: "c1", message: ANN_IN_CHAT } as const;
    const here = await bench.write("Where is order 3301?", chat);
    await bench.press("approve", here);
    bench.skip(10_000);
    await bench.wake(here);
    await bench.write("Mine.", {
      channel: "zendesk",
      thread: "12",
      message: { author: { kind: "teammate", id: "lea", name: "Lea" }, visibility: "internal" },
      signals: [
        {
          kind: "assigned",
          key: "taken",
          at: bench.now().toISOString(),
          to: "human",
          assignee: "Lea",
          actor: "Lea",
          automatic: false,
        },
      ],
    });
    asksAbout("3302", false);
    await bench.write("Where is order 3302?", chat);
    assert.equal((await bench.pending(here))?.answers.length, 1);
  });
});
