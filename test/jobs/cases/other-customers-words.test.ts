/** What one customer writes stands on no card of another. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT, customerCalled } from "#test/jobs/customers.ts";
import { orderFound, refundOf, replying } from "#test/jobs/turn-results.ts";

onDesk("a conversation that another customer goes on with", (bench) => {
  const asksAbout = (orderId: string): void => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() =>
      replying("We look into it.", {
        actions: [refundOf(34_900, { orderId })],
        toolResults: [orderFound(orderId)],
      }),
    );
  };

  test("gets no words of the first one on its card", async () => {
    asksAbout("3301");
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    bench.skip(10 * 60_000);
    bench.bindTo(customerCalled("bob"));
    asksAbout("5501");
    await bench.write("It is Bob here, please refund my order 5501.", {
      thread: "m1",
      message: {
        author: { kind: "requester", id: "email:bob@customer.test", name: "Bob" },
        identity: {
          level: 2,
          method: "dkim",
          reason: "signed",
          handle: { kind: "email", email: "bob@customer.test" },
        },
      },
    });
    assert.equal((await bench.pending(first))?.card.requester.name, "bob");
    bench.skip(10 * 60_000);
    bench.bindTo(customerCalled("u123"));
    asksAbout("3302");
    await bench.write("My private number is 555 and I feel unwell.", {
      channel: "chat",
      thread: "c1",
      message: ANN_IN_CHAT,
    });
    const { card } = (await bench.pending(first)) ?? assert.fail("no card waits");
    assert.deepEqual(
      card.changes.filter((line) => line.includes("wrote again")),
      [],
    );
  });
});
