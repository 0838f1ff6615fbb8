/** Starting after a restore or more than an hour: paused, earlier cards void, everything looked up first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { claimedIdentity, type IdentityEvidence, PROVEN_LEVEL } from "#core/values/identity.ts";
import { findPastRefunds } from "#jobs/effects/find-past-effects.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { currentPause } from "#store/effects/pause.ts";
import { measureDowntime, recoveryTask } from "#jobs/recovery/resume-after-downtime.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { recordHeartbeat, DOWNTIME } from "#store/effects/recovery.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { customerCalled, proof, stranger } from "#test/jobs/customers.ts";
import { memoryTarget } from "#test/jobs/memory-ports.ts";
import { restoring } from "./restoring.ts";

const HOUR = 3_600_000;
const REFUND = "refund:shop:789:0";

onDesk("coming back", (bench) => {
  const { backUp, restore, start } = restoring(bench);
  const { store } = bench.parts;
  const resume = () => bench.pause("all", false, "lea");
  const isPaused = async () => (await store.run(currentPause)).all;
  const outcomes = async () => {
    const rows = await bench.rows(
      z.object({ key: z.string(), outcome: z.string().nullable() }),
      sql`select key, outcome from message where author_kind = 'requester' order by key`,
    );
    return Object.fromEntries(rows.map(({ key, outcome }) => [key, outcome]));
  };
  const effect = (key: string) => store.run(effectByKey, key);
  const happened = (operation: string) =>
    bench.left.filter(({ action }) => action.operation === operation).length;
  const told = () => bench.alertText();

  test("one answer to two messages is found although they come again one by one", async () => {
    // Ids of conversations come from a secret, which is made with the database and is in every backup of it.
    bench.bindTo(customerCalled("bob"));
    await bench.write("Hello", { key: "m-0", thread: "t0" });
    bench.bindTo(customerCalled("ann"));
    const file = await backUp();
    await bench.write("Where is it?", { key: "m-1" });
    const id = await bench.write("And is it the blue one?", { key: "m-2" });
    await bench.press("approve", id);
    await bench.passes(2, 10_000);
    assert.equal(happened("reply"), 1);
    const kept = [...bench.left];
    await restore(file);
    assert.deepEqual(await outcomes(), { "m-0": null });
    await bench.write("Where is it?", { key: "m-1" });
    assert.notEqual(await bench.pending(id), null, "alone it looks unanswered, and is drafted");
    assert.equal(await bench.write("And is it the blue one?", { key: "m-2" }), id);
    assert.deepEqual(await outcomes(), {
      "m-0": null,
      "m-1": "answered",
      "m-2": "answered",
    });
    assert.equal(await bench.pending(id), null);
    await resume();
    await bench.passes(3, 10_000);
    assert.equal(happened("reply"), 1);
    assert.equal(bench.left.filter(({ target }) => target === "email").length, kept.length);
    assert.match(told(), /booked as done: a reply/);
  });

  test("what was intended at the backup is looked up first: done is booked, absent waits for the resume", async () => {
    bench.answer(() => replying("We have refunded 50.00 USD.", { actions: [refundOf(5_000)] }));
    const id = await bench.write("Please refund order 789", { key: "m-1" });
    await bench.press("approve", id);
    const file = await backUp();
    await bench.passes(2, 10_000);
    assert.equal((await effect(REFUND))?.state, "done");
    // As if the process had died right after the refund.
    bench.left.splice(
      bench.left.findIndex(({ action }) => action.operation === "reply"),
      1,
    );
    await restore(file);
    assert.equal((await effect(REFUND))?.state, "intended");
    await bench.passes(3, 10_000);
    assert.equal((await effect(REFUND))?.state, "done");
    assert.equal(happened("refund"), 1);
    assert.equal(happened("reply"), 0);
    await resume();
    await bench.passes(3, 10_000);
    assert.equal(happened("reply"), 1);
    assert.equal(happened("refund"), 1);
    assert.deepEqual(await outcomes(), { "m-1": "answered" });
  });

  test("a refund of ours that only the shop remembers is booked, and people go on from there", async () => {
    bench.answer(() => replying("We have refunded 50.00 USD.", { actions: [refundOf(5_000)] }));
    const file = await backUp();
    await restore(file);
    bench.shop.refund("789", 5_000, REFUND);
    const asked = new Date(bench.now().getTime() - 2 * HOUR).toISOString();
    const id = await bench.write("Please refund order 789", {
      key: "m-1",
      message: { sentAt: asked },
    });
    assert.equal((await effect(REFUND))?.state, "done");
    assert.equal(await bench.pending(id), null, "nothing is proposed again");
    assert.match(
      await bench.outcome(id),
      /^escalated: Deskhand made a refund of 50\.00 USD, order 789/,
    );
    assert.match(told(), /booked as done: a refund of 50\.00 USD, order 789/);
    await resume();
    await bench.passes(2, 10_000);
    assert.equal(happened("refund"), 0);
  });

  test("what the shop refunded since the backup is booked and told, for customers who do not come again", async () => {
    const id = await bench.write("Hello", { key: "m-0" });
    await bench.press("approve", id);
    await bench.passes(2, 10_000);
    const file = await backUp();
    bench.shop.refund("123", 300, "by hand", new Date(Date.now() - HOUR));
    await restore(file);
    // A backup is dated by the database's own clock.
    const since = new Date(Date.now() + 1_000);
    bench.shop.refund("789", 5_000, REFUND, since);
    bench.shop.refund("456", 700, "by hand", since);
    bench.shop.goDown();
    await bench.passes(2, 10_000);
    assert.equal(await effect(REFUND), null);
    bench.shop.comeBack();
    await bench.passes(9, 10_000);
    const booked = await effect(REFUND);
    assert.deepEqual([booked?.state, booked?.approvedBy], ["done", "policy"]);
    const texts = bench.alerts().map(({ text }) => text);
    const about = (words: RegExp) => texts.filter((text) => words.test(text)).length;
    assert.equal(about(/booked as done: a refund of 50\.00 USD, order 789/), 1, texts.join("\n"));
    assert.equal(about(/order 123/), 0, "what was there at the backup is no news");
    assert.equal(about(/no key of Deskhand's: a refund of 7\.00 USD, order 456/), 1);
    await resume();
    await bench.passes(2, 10_000);
    assert.equal(happened("refund"), 0);
    // All customers have been looked up, and none is looked up again.
    const asked = bench.shop.calls.length;
    await bench.passes(2, 10_000);
    assert.equal(bench.shop.calls.length, asked);
  });

  test("what the shop refunded is looked for although only an earlier mail of the thread is signed", async () => {
    const id = await bench.write("Hello", { key: "m-0" });
    await bench.press("approve", id);
    await bench.passes(2, 10_000);
    const identity = claimedIdentity("no signature", "ann@customer.test");
    assert.equal(await bench.write("And thank you", { key: "m-1", message: { identity } }), id);
    await restore(await backUp());
    bench.shop.refund("789", 5_000, REFUND, new Date(Date.now() + 1_000));
    const byLevel = async ({ level, reason }: IdentityEvidence) =>
      level >= PROVEN_LEVEL ? customerCalled("u123") : stranger({ reason });
    await findPastRefunds({ ...bench.parts, bind: byLevel });
    assert.equal((await effect(REFUND))?.state, "done");
  });

  test("all look-ups of old requesters in one turn share one limit, since the conversation is held meanwhile", async () => {
    await restore(await backUp());
    bench.faults.find = () => {
      throw new DeskhandError("channel.unavailable", "no Sent folder");
    };
    const sentAt = new Date(bench.now().getTime() - HOUR).toISOString();
    const write = (key: string) => {
      const identity = proof(2, "dkim", "signed", `${key}@customer.test`);
      return bench.write("Where is it?", { key, message: { sentAt, identity } });
    };
    const id = await write("bob");
    assert.equal(await write("cara"), id);
    bench.faults.find = () => undefined;
    bench.skip(60_000);
    const bound: AbortSignal[] = [];
    const listed: AbortSignal[] = [];
    await processConversation(
      {
        ...bench.parts,
        bind: async ({ handle }, signal) => {
          bound.push(signal);
          return customerCalled(handle.kind === "email" ? handle.email : "nobody");
        },
        shop: {
          ...bench.shop,
          orders: async (customerId, signal) => {
            listed.push(signal);
            return bench.shop.orders(customerId, signal);
          },
        },
      },
      id,
    );
    const [limit] = listed;
    assert.equal(listed.filter((signal) => signal === limit).length, 2);
    assert.equal(bound.filter((signal) => signal === limit).length, 2);
  });

  test("while a target cannot be asked nothing is thought, and then it goes on", async () => {
    await restore(await backUp());
    bench.faults.find = (target) => {
      if (target === "email") throw new DeskhandError("channel.unavailable", "no Sent folder");
    };
    const sentAt = new Date(bench.now().getTime() - HOUR).toISOString();
    const id = await bench.write("Where is it?", { key: "m-1", message: { sentAt } });
    assert.deepEqual(await outcomes(), {});
    bench.faults.find = () => undefined;
    await bench.passes(2, 10_000);
    assert.notEqual(await bench.pending(id), null);
  });

  test("a card from before is void at once, and a fresh one follows", async () => {
    const id = await bench.write("Where is it?", { key: "m-1" });
    const before = await bench.pending(id);
    await restore(await backUp());
    assert.equal(await bench.pending(id), null);
    await bench.passes(2, 10_000);
    const after = await bench.pending(id);
    assert.notEqual(after, null);
    assert.notEqual(after?.id, before?.id);
  });

  test("more than an hour without a worker starts paused, once, until a person resumes", async () => {
    await bench.write("Where is it?", { key: "m-1" });
    assert.deepEqual(await start(), [], "the first start is none from the past");
    bench.skip(HOUR - 1_000);
    assert.deepEqual(await start(), []);
    bench.skip(HOUR + 1_000);
    assert.match(
      (await start()).join("\n"),
      /PAUSED: no process was at work since .*\n.*resume --as LEAD/,
    );
    assert.equal(await isPaused(), true);
    // A crash, and another start: the same return, told of once.
    assert.match((await start()).join("\n"), /PAUSED/);
    await bench.tick();
    assert.equal(bench.alerts(/Everything is paused/).length, 1);
    assert.match(
      (await store.run(measureDowntime)).join("\n"),
      /Paused: everything, by Deskhand itself/,
    );
    await resume();
    assert.deepEqual(await start(), []);
    assert.equal(await isPaused(), false);
    assert.deepEqual(await store.run(measureDowntime), []);
  });

  test("a sandbox that was off with nothing waiting goes on; one with a card that waits is paused", async () => {
    await store.run(recordHeartbeat, "bench", bench.now());
    bench.skip(10 * HOUR);
    assert.deepEqual(await start(true), []);
    assert.equal(await isPaused(), false);
    await bench.write("Where is it?");
    bench.skip(10 * HOUR);
    assert.match((await start(true)).join(), /PAUSED/);
  });
});

onDesk("an effect in doubt from before a restore", (bench) => {
  test("that two workers find at the same moment is entered once", async () => {
    bench.answer(() => replying("Thank you."));
    bench.faults.commit = ({ action: { operation } }) => {
      if (operation === "reply")
        throw new DeskhandError("channel.uncertain", "the answer was lost");
    };
    bench.faults.find = (target) => {
      if (target === "chat") throw new Error("cannot be read");
    };
    const id = await bench.write("Hello", { channel: "chat" });
    assert.match(await bench.outcome(id), /^escalated/);
    bench.faults.commit = () => undefined;
    bench.faults.find = () => undefined;
    const [key = ""] = await bench.column(sql`select key from effect where state = 'unknown'`);
    const usual = memoryTarget("chat", bench);
    const asked = { count: 0 };
    bench.replace({
      ...usual,
      async find() {
        asked.count += 1;
        return { state: "done", committed: { ref: "chat-1", conversationKeys: [] } };
      },
    });
    bench.skip(60_000);
    await bench.at(DOWNTIME.write, {
      reason: "restored",
      since: bench.now().toISOString(),
      beganAt: bench.now().toISOString(),
      resumedAt: null,
    });
    const other = Object.defineProperties(
      { ...bench.parts },
      {
        ...Object.getOwnPropertyDescriptors(bench.parts),
        worker: { value: "another" },
      },
    );
    const tasks = [recoveryTask(bench.parts), recoveryTask(other)];
    await Promise.all(tasks.map((task) => task.tick()));
    const entries = await bench.column(
      sql`select kind from audit where kind = 'done' and data ->> 'key' = ${key}
          union all select kind from audit_pending where kind = 'done' and data ->> 'key' = ${key}`,
    );
    assert.deepEqual({ asked: asked.count, entries: entries.length }, { asked: 2, entries: 1 });
  });
});
