/** A pause of a part: what stops, what goes on, what cards say of it, and what older processes make of it. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { currentPause, type Scope } from "#store/effects/pause.ts";
import { readSetting, writeSetting } from "#store/db/settings.ts";
import { z } from "zod";
import { onDesk } from "#test/jobs/bench.ts";
import { escalating, refundOf, replying } from "#test/jobs/turn-results.ts";

const HELD_MS_MAX = 2_000;
const SECOND = 1_000;

onDesk("a pause by topic", (bench) => {
  const pause = (scope: Scope, paused = true, by = "Sam: strange words") =>
    bench.pause(scope, paused, by);
  const onlyCard = () => [...bench.cards.values()].at(-1);

  beforeEach(() => {
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
  });

  test("what was approved waits in its undo time and beyond, does not say that it will be sent and can still be taken back, and happens once when it is resumed", async () => {
    const id = await bench.write("Please refund order 789");
    await bench.press("approve", id);
    await pause("topic:refund");
    await bench.passes(3, 20 * SECOND);
    assert.deepEqual([bench.made("refund"), bench.replies()], [[], []]);
    const card = onlyCard();
    assert.equal(card?.state, "undoable");
    assert.equal(card.closing, "Approved by sam, not done yet.");
    assert.match(card.status?.text ?? "", /^Paused: refund/);
    await pause("topic:refund", false);
    await bench.tick();
    await bench.tick();
    assert.equal(bench.made("refund").length, 1);
    assert.equal(bench.replies().length, 1);
  });

  test("other topics go out, and so does a reply that is about nothing of it", async () => {
    await pause("topic:refund");
    bench.answer(() => replying("It is on its way.", { topic: "order_status" }));
    await bench.write("Where is it?", { channel: "chat", thread: "t2" });
    assert.equal(bench.replies().length, 1);
    bench.answer(() => replying("We take things back for 30 days.", { topic: "refund" }));
    await bench.write("How do refunds work?", { channel: "chat", thread: "t3" });
    assert.equal(bench.replies().length, 1, "a reply about it is held without any action");
  });

  test("an action is held by its own topic, whatever its turn was filed under", async () => {
    bench.answer(() =>
      replying("We refund 120.00 USD.", { actions: [refundOf(12_000)], topic: "address" }),
    );
    const id = await bench.write("Move it, and refund order 789");
    await bench.press("approve", id);
    await pause("topic:refund");
    await bench.pass(60 * SECOND);
    assert.deepEqual([bench.made("refund"), bench.replies()], [[], []]);
  });

  test("of many refunds that are due, none begins later than two seconds after the pause, and each happens once", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 8; index += 1) {
      const orderId = `9${index}`;
      bench.answer(() => replying("Done.", { actions: [refundOf(12_000, { orderId })] }));
      const id = await bench.write(`Please refund order ${orderId}`, { thread: `t${index}` });
      await bench.press("approve", id);
      ids.push(id);
    }
    bench.skip(60 * SECOND);
    const begun: number[] = [];
    const pausing: Promise<unknown>[] = [];
    let pausedAt = 0;
    bench.faults.commit = ({ action }) => {
      if (action.operation === "refund") begun.push(performance.now());
      // A teammate stops it while the third one is under way.
      if (begun.length < 3 || pausing.length > 0) return;
      pausedAt = performance.now();
      pausing.push(pause("topic:refund"));
    };
    for (const id of ids) await bench.wake(id);
    await Promise.all(pausing);
    const count = begun.length;
    assert.ok(count < ids.length, "it was stopped in the midst");
    for (const at of begun) assert.ok(at - pausedAt < HELD_MS_MAX, `${at - pausedAt} ms`);
    await bench.tick();
    assert.equal(begun.length, count, "nothing begins while it lasts");
    await pause("topic:refund", false);
    for (let round = 0; round < 3; round += 1) await bench.tick();
    assert.equal(bench.made("refund").length, ids.length);
  });

  test("a card that waits says who paused it and why, loses it when it is resumed, and is the same version throughout", async () => {
    const id = await bench.write("Please refund order 789");
    await bench.tick();
    const before = await bench.pending(id);
    assert.equal(onlyCard()?.status, null);
    await pause("topic:refund");
    await bench.tick();
    assert.deepEqual(onlyCard()?.status, {
      kind: "paused",
      text: "Paused: refund, by Sam: strange words",
    });
    assert.ok(onlyCard()?.buttons.includes("approve"));
    const during = await bench.pending(id);
    assert.deepEqual([during?.version, during?.seal], [before?.version, before?.seal]);
    await pause("topic:refund", false);
    await bench.tick();
    assert.equal(onlyCard()?.status, null);
    await bench.press("approve", id);
    await bench.pass(60 * SECOND);
    assert.equal(bench.made("refund").length, 1, "what was approved is what was shown");
  });

  test("a card of another topic says nothing; turns go on being planned during a pause of everything, and cards and alerts get through", async () => {
    await pause("topic:address");
    await bench.write("Please refund order 789");
    await bench.tick();
    assert.equal(onlyCard()?.status, null);
    await pause("all", true, "Lea");
    await bench.write("And order 790", { thread: "t2" });
    await bench.tick();
    assert.equal(bench.cards.size, 2);
    for (const { status: aside } of bench.cards.values())
      assert.ok(aside?.text === "Paused: everything, by Lea", aside?.text);
    bench.answer(() => replying("", { ending: escalating("unclear", { delicate: "legal" }) }));
    await bench.write("My lawyer will write to you", { thread: "t3" });
    await bench.tick();
    assert.equal(bench.alerts().length, 1);
  });
});

onDesk("a pause of other versions", (bench) => {
  const { store } = bench.parts;
  const older = { all: false, channels: ["chat"], by: "Sam" };
  const holds = async () => (await store.run(currentPause)).holds;

  test("one of 0.3.0 is read as it was, and goes on with what is paused and resumed since", async () => {
    await store.run(writeSetting, "pause", older);
    assert.deepEqual(await holds(), [{ scope: "chat", by: "Sam" }]);
    await bench.pause("topic:refund", true);
    assert.deepEqual(
      (await holds()).map(({ scope }) => scope),
      ["chat", "topic:refund"],
    );
    await bench.pause("chat", false);
    assert.deepEqual(
      (await holds()).map(({ scope }) => scope),
      ["topic:refund"],
    );
  });

  test("one of 0.4.0 is read as its holds, and 0.4.0 finds what is paused here in the same place", async () => {
    const hold = { scope: "topic:refund", by: "Lea" };
    const all = { all: true, channels: [], by: "Lea (only refund)" };
    await store.run(writeSetting, "pause", all);
    await store.run(writeSetting, "holds", { holds: [hold], beside: all });
    assert.deepEqual(await holds(), [hold]);
    await bench.pause("chat", true);
    // 0.4.0 takes the holds while the copy beside them equals the setting of before, which is gone.
    assert.equal(await readSetting(store, "pause", z.unknown()), null);
    const kept = await readSetting(store, "holds", z.looseObject({ beside: z.unknown() }));
    assert.deepEqual(kept?.beside, { all: false, channels: [], by: "" });
  });
});
