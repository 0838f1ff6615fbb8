/** What an outage or a pause costs: no conversation is woken more often than something can be done about it. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { setPause } from "#jobs/context/pause.ts";
import { startReconciler } from "#jobs/worker/reconciler.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { away, refundOf, replying } from "#test/jobs/turn-results.ts";

const SECOND = 1_000;
const ORDERS = ["456", "789", "790"];

/** Lets so many seconds pass with the reconciler at work in each; gives how often it woke a conversation. */
async function wakesIn(bench: JobBench, seconds: number): Promise<number> {
  let wakes = 0;
  for (let second = 0; second < seconds; second += 1) {
    bench.skip(SECOND);
    const woken: string[] = [];
    await startReconciler(bench.parts, {
      wakeAnyway: async (id) => void woken.push(id),
      oldestMs: async () => 0,
    }).stop();
    wakes += woken.length;
    for (const id of woken) await processConversation(bench.parts, id);
  }
  return wakes;
}

onDesk("wakes", (bench) => {
  const tries: string[] = [];
  const shopIsAway = { now: true };
  const pause = (paused: boolean) =>
    bench.parts.store.run((transaction) =>
      setPause(transaction, { scope: "all", paused, by: "Sam", auditedAs: "p:sam" }, bench.now()),
    );

  beforeEach(() => {
    tries.splice(0);
    shopIsAway.now = true;
    bench.rule({ quietMs: () => 0 });
    bench.faults.commit = ({ target, key }) => {
      if (target !== "shop") return;
      tries.push(key);
      if (shopIsAway.now) away();
    };
  });

  test("while a shop is away each try costs one wake, although a reply waits behind each refund", async () => {
    for (const orderId of ORDERS) {
      bench.answer(() =>
        replying("We have refunded 5.00 USD.", {
          actions: [refundOf(500, { orderId, decision: { verdict: "allow", reservations: [] } })],
          actionsAlone: true,
        }),
      );
      await bench.write(`Please refund order ${orderId}`, { thread: orderId });
    }
    const before = tries.length;
    const wakes = await wakesIn(bench, 40);
    assert.ok(tries.length - before >= ORDERS.length * 3, `${tries.length} tries`);
    assert.ok(wakes <= tries.length - before, `${wakes} wakes for ${tries.length - before} tries`);
    shopIsAway.now = false;
    await wakesIn(bench, 35);
    assert.equal(bench.replies().length, ORDERS.length);
  });

  test("a pause wakes nothing, and taking it back wakes what it held at once", async () => {
    shopIsAway.now = false;
    for (const orderId of ORDERS) {
      bench.answer(() =>
        replying("We refund 120.00 USD.", { actions: [refundOf(12_000, { orderId })] }),
      );
      const id = await bench.write(`Refund order ${orderId}`, { thread: orderId });
      await bench.press("approve", id);
    }
    await pause(true);
    await wakesIn(bench, 25);
    assert.ok((await wakesIn(bench, 20)) <= ORDERS.length);
    assert.deepEqual(tries, []);
    await pause(false);
    await wakesIn(bench, 5);
    assert.equal(tries.length, ORDERS.length);
  });

  test("while a source cannot show what the customer wrote, what was approved before waits with it", async () => {
    shopIsAway.now = false;
    const email = bench.parts.channels.get("email");
    assert.ok(email);
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const id = await bench.write("Refund order 789");
    await bench.press("approve", id);
    const looks: number[] = [];
    bench.connect({
      ...email,
      resolve: async () => {
        looks.push(bench.now().getTime());
        throw new DeskhandError("channel.unavailable", "the source answers 503");
      },
    });
    await bench.write("And one more thing", { key: "later" });
    await wakesIn(bench, 25);
    const before = looks.length;
    const wakes = await wakesIn(bench, 40);
    assert.ok(looks.length > before);
    assert.ok(wakes <= looks.length - before, `${wakes} wakes for ${looks.length - before} looks`);
    assert.deepEqual(tries, []);
  });
});
