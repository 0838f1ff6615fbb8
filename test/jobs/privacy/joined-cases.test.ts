/** An erasure reaches what the same proven customer wrote on another channel, and where their words were repeated there. */
import assert from "node:assert/strict";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { test } from "node:test";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { lookingUp, refundOf } from "#test/jobs/turn-results.ts";
import { by } from "./busy-desk.ts";
import { erasing } from "./erasing.ts";

onDesk("an erasure of a customer with a case on two channels", (bench) => {
  const { erase, leftOf } = erasing(bench, () => memoryBlobs());
  const joined = async () => {
    bench.rule({ replyAutonomy: (_channel: ChannelName) => "draft" as const });
    bench.answer((input) => lookingUp(input, { actions: [refundOf(12_000)] }));
    await bench.write("Please refund order 789, the zebra broke.", {
      channel: "email",
      thread: "m1",
      message: { ...by("ann"), subject: "" },
    });
    bench.skip(300_000);
    const chat = await bench.write("refund for order 789 please", {
      channel: "chat",
      thread: "chat1",
      message: ANN_IN_CHAT,
    });
    assert.match(JSON.stringify((await bench.pending(chat))?.card), /zebra/);
  };
  const places = (rows: readonly string[]) => [...new Set(rows.map((row) => row.split(" ")[0]))];

  test("asked by address, the mail's words are not left in the card of the chat", async () => {
    await joined();
    await erase("ann@customer.test");
    assert.deepEqual(places(await leftOf(/zebra/)), []);
  });

  test("asked by the shop's id, as the chat knows them, the mails go as well", async () => {
    await joined();
    await erase("customer:u123");
    assert.deepEqual(places(await leftOf(/zebra/)), []);
  });
});
