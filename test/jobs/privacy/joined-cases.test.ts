/** An erasure reaches what the same proven customer wrote on another channel, and where their words were repeated there. */
import assert from "node:assert/strict";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { test } from "node:test";
import { findPersonTraces } from "#jobs/privacy/erase-person.ts";
import { findPerson } from "#store/people/find-person.ts";
import { personNames } from "#store/people/person-names.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { ANN_IN_CHAT } from "#test/jobs/customers.ts";
import { memoryBlobs } from "#test/jobs/memory-ports.ts";
import { lookingUp, refundOf } from "#test/jobs/turn-results.ts";
import { by, PROVEN } from "./busy-desk.ts";
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

onDesk("two people of a company that the shop has as one customer", (bench) => {
  const { erase, leftOf, parts } = erasing(bench, () => memoryBlobs());
  const colleague = "bob-of-u123@other.test";
  const bothWrote = async () => {
    bench.answer((input) => lookingUp(input, { actions: [refundOf(12_000)] }));
    await bench.write("Please refund order 789, the zebra broke.", {
      thread: "m1",
      message: by("ann"),
    });
    bench.skip(300_000);
    const author = { kind: "requester" as const, id: `email:${colleague}`, name: "Bob Stone" };
    await bench.write("Please refund order 789, the giraffe broke.", {
      thread: "m2",
      message: { ...by("bob"), author, identity: PROVEN(colleague) },
    });
  };
  const found = async (typed: string) =>
    (await findPersonTraces(parts(), personNames(typed))).person;

  test("an erasure of one leaves the other's mails and address", async () => {
    await bothWrote();
    const { names, places } = await found("ann@customer.test");
    assert.deepEqual(
      names.map(({ value }) => value),
      ["ann@customer.test", "u123"],
    );
    assert.equal(places.length, 1);
    await erase("ann@customer.test");
    assert.deepEqual(await leftOf(/^message_content .*zebra/), []);
    assert.equal((await leftOf(/^message_content .*giraffe/)).length, 1);
  });

  test("asked by the shop's id, both are meant", async () => {
    await bothWrote();
    assert.equal((await found("customer:u123")).places.length, 2);
  });

  test("an id from the list of erasures is not asked for by anybody: what else the company wrote stays", async () => {
    await bothWrote();
    const again = await bench.at(findPerson, personNames("customer:u123"), bench.now());
    assert.deepEqual(again.places, []);
  });
});
