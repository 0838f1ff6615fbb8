/** What a customer wrote elsewhere, on a card that waits: it stays there, counts by when it arrived, and is on no card of another customer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT, customerCalled, proof } from "#test/jobs/customers.ts";
import { lookedInto } from "#test/jobs/turn-results.ts";

onDesk("what a customer wrote elsewhere", (bench) => {
  const asksAbout = (orderId: string, refunds = true): void => {
    bench.rule({ replyAutonomy: () => "draft" as const });
    bench.answer(() => lookedInto(orderId, { refunds }));
  };

  for (const how of ["edit", "redo", "undo", "writes here"] as const)
    test(`stays said on the card through ${how}`, async () => {
      asksAbout("3301");
      const first = await bench.write("Please refund order 3301.", { thread: "m1" });
      bench.skip(10 * 60_000);
      asksAbout("3302");
      await bench.write("Do not refund the machine.", {
        channel: "chat",
        thread: "c1",
        message: ANN_IN_CHAT,
      });
      const before = await bench.card(first);
      const told = before.card.changes.filter((line) => line.includes("“Do not refund"));
      assert.equal(told.length, 1);
      asksAbout("3301");
      if (how === "edit")
        await bench.press("edit", first, undefined, { edit: { text: "Dear Ann.", amount: null } });
      if (how === "redo") {
        await bench.press("redo", first, undefined, { hint: "shorter" });
        await bench.pass(1_000, 3);
      }
      if (how === "undo") {
        await bench.press("redo", first, undefined, { hint: "shorter" });
        const { version = 0 } = (await bench.pending(first)) ?? {};
        await bench.press("approve", first);
        await bench.decide(before.id, "undo", { version });
      }
      if (how === "writes here") await bench.write("Thanks so far.", { thread: "m1" });
      const { card, version } = await bench.card(first);
      assert.ok(version > before.version);
      assert.deepEqual(
        card.changes.filter((line) => line.includes("“Do not refund")),
        told,
      );
      assert.ok(card.changes.length > told.length, "with what happened since");
      assert.ok(card.changes.every((line) => !line.includes("is being made")));
    });

  for (const minutes of [0, 30])
    test(`marks a card whose own mail came by a clock ${minutes} minutes fast`, async () => {
      asksAbout("3301");
      const sentAt = new Date(bench.now().getTime() + minutes * 60_000).toISOString();
      const first = await bench.write("Please refund order 3301.", {
        thread: "m1",
        message: { sentAt },
      });
      bench.skip(10 * 60_000);
      asksAbout("3302", false);
      await bench.write("Do not refund the machine.", {
        channel: "chat",
        thread: "c1",
        message: { ...ANN_IN_CHAT, sentAt: bench.now().toISOString() },
      });
      assert.match((await bench.pending(first))?.card.changes.join() ?? "", /Do not refund/);
      // What arrived before the card's own message is no news for it, whatever its clock says.
      asksAbout("3303");
      const last = await bench.write("Please refund order 3303.", { thread: "m3" });
      await bench.pass(60_000, 3);
      assert.deepEqual((await bench.pending(last))?.card.changes, []);
    });

  test("gets on no card of the conversation once another customer goes on with it", async () => {
    asksAbout("3301");
    const first = await bench.write("Please refund order 3301.", { thread: "m1" });
    bench.skip(10 * 60_000);
    bench.bindTo(customerCalled("bob"));
    asksAbout("5501");
    await bench.write("It is Bob here, please refund my order 5501.", {
      thread: "m1",
      message: {
        author: { kind: "requester", id: "email:bob@customer.test", name: "Bob" },
        identity: proof(2, "dkim", "signed", "bob@customer.test"),
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
    const { card } = await bench.card(first);
    assert.deepEqual(
      card.changes.filter((line) => line.includes("wrote again")),
      [],
    );
  });
});
