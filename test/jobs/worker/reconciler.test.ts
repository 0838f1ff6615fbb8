/** The reconciler finds every conversation whose notification was lost, and sends none while one is under way. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { startReconciler, type Notifier } from "#jobs/worker/reconciler.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { dueSteps } from "#store/schedule/due-steps.ts";
import { claimLease } from "#store/conversations/lease.ts";
import { until } from "#test/support/waiting.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { arrive, rows } from "./lost-work.ts";
import { replying } from "#test/jobs/turn-results.ts";

const SECOND = 1_000;
const DEAD = {
  name: "reconciler",
  holder: "a process that was killed",
  forMs: 3_000,
  now: new Date(),
  settings: [],
};

/** One tick beside a queue whose oldest job has waited so long; returns the conversations it woke. */
async function ticked(bench: JobBench, oldestMs = 0): Promise<readonly string[]> {
  const woken: string[] = [];
  const queue: Notifier = {
    wakeAnyway: async (id) => void woken.push(id),
    oldestMs: async () => oldestMs,
  };
  await startReconciler(bench.parts, queue).stop();
  return woken;
}

const untilLeased = (bench: JobBench) =>
  until("the lease", async () => {
    const [row] = await rows(bench, sql`select lease_owner from conversation`);
    return row?.["lease_owner"] === "bench";
  });

onDesk("the reconciler", (bench) => {
  test("wakes at once for unread mail beside an empty queue, once its burst has had time to arrive", async () => {
    const old = await arrive(bench, "hello", { thread: "old", agoMs: 5 * SECOND });
    await arrive(bench, "hello", { thread: "young", agoMs: 1 * SECOND });
    assert.deepEqual(await ticked(bench), [old]);
  });

  test("beside a queue that is behind, wakes only for what is twice as old as its oldest job", async () => {
    await arrive(bench, "hello", { thread: "waits in line", agoMs: 50 * SECOND });
    const lost = await arrive(bench, "hello", { thread: "lost", agoMs: 90 * SECOND });
    assert.deepEqual(await ticked(bench, 40 * SECOND), [lost]);
  });

  test("does not notify again while its own notification may be under way, and does once that was lost", async () => {
    const id = await arrive(bench, "hello", { thread: "t", agoMs: 60 * SECOND });
    assert.deepEqual(await ticked(bench, 10 * SECOND), [id]);
    bench.skip(15 * SECOND);
    assert.deepEqual(await ticked(bench, 10 * SECOND), []);
    assert.deepEqual(await ticked(bench), [id], "the queue is empty: the wake is gone");
    bench.skip(1 * SECOND);
    assert.deepEqual(await ticked(bench), []);
    bench.skip(3 * SECOND);
    assert.deepEqual(await ticked(bench), [id]);
  });

  test("wakes at once when a holder let its lease run out, however long the queue is", async () => {
    const id = await arrive(bench, "hello", { thread: "t", agoMs: 5 * SECOND });
    await bench.at(claimLease, { conversationId: id, owner: "killed", leaseMs: 60_000 });
    assert.deepEqual(await ticked(bench, 60 * SECOND), []);
    await rows(bench, sql`update conversation set lease_until = now() - interval '1 second'`);
    assert.deepEqual(await ticked(bench, 60 * SECOND), [id]);
    assert.deepEqual(await ticked(bench, 60 * SECOND), []);
  });

  test("of several processes one has it, and when that one is killed another does", async () => {
    const id = await arrive(bench, "hello", { thread: "t", agoMs: 60 * SECOND });
    assert.ok(await dueSteps(bench.parts.store, DEAD));
    assert.deepEqual(await ticked(bench), []);
    const woken: string[] = [];
    const reconciler = startReconciler(bench.parts, {
      wakeAnyway: async (one) => void woken.push(one),
      oldestMs: async () => 0,
    });
    await until("the reconciler to go on", async () => woken.includes(id));
    await reconciler.stop();
    assert.ok(await dueSteps(bench.parts.store, DEAD), "who stops leaves it to others at once");
  });

  test("looks a second later than usual while nothing is due and no card waits", async () => {
    const reconciler = startReconciler(bench.parts, {
      wakeAnyway: async () => undefined,
      oldestMs: async () => 0,
    });
    const isLate = async (): Promise<boolean> => reconciler.tickAgeMs() > 1.8 * SECOND;
    await until("a look that comes later", isLate);
    bench.answer(() => replying("An answer that a teammate reads first."));
    const id = await bench.write("a question");
    assert.ok(await bench.pending(id));
    // In a row, since a look on a busy machine may come late once.
    let inTime = 0;
    let before = reconciler.tickAgeMs();
    await until("three looks in a row after a second", async () => {
      const age = reconciler.tickAgeMs();
      if (age < before) inTime = before > 1.8 * SECOND ? 0 : inTime + 1;
      before = age;
      return inTime >= 3;
    });
    await reconciler.stop();
  });

  test("a queue that is away stops nothing but the notifications", async () => {
    await arrive(bench, "hello", { thread: "t", agoMs: 60 * SECOND });
    const away = async (): Promise<never> => Promise.reject(new Error("no Redis"));
    await startReconciler(bench.parts, { wakeAnyway: away, oldestMs: away }).stop();
    assert.equal((await ticked(bench)).length, 1);
  });

  test("what a wake came to is told", async () => {
    const id = await arrive(bench, "hello", { thread: "t1", agoMs: 60 * SECOND });
    assert.equal(await processConversation(bench.parts, id), "worked");
    assert.equal(await processConversation(bench.parts, id), "idle");
    await bench.at(claimLease, { conversationId: id, owner: "another", leaseMs: 60_000 });
    assert.equal(await processConversation(bench.parts, id), "refused");
  });
});

onDesk("a wake while a worker is at work", (bench) => {
  test("is remembered, and sent once more by the worker that had the conversation", async (context) => {
    const id = await arrive(bench, "hello", { thread: "t", agoMs: 60 * SECOND });
    const rings: number[] = [];
    const parts = {
      ...bench.parts,
      wake: async (_id: string, delayMs = 0) => void rings.push(delayMs),
    };
    bench.answer(() => replying("Thank you."));
    const open = Promise.withResolvers<void>();
    context.after(() => open.resolve());
    const slow = {
      ...parts,
      agent: {
        ...parts.agent,
        run: async (input: Parameters<typeof parts.agent.run>[0]) => {
          await open.promise;
          return bench.parts.agent.run(input);
        },
      },
    };
    const working = processConversation(slow, id);
    await untilLeased(bench);
    for (let count = 0; count < 5; count += 1) await processConversation(parts, id);
    assert.deepEqual(rings, [], "no process polls");
    open.resolve();
    await working;
    assert.deepEqual(rings, [0]);
  });

  test("who has lost the conversation stops thinking about it and writes nothing", async () => {
    const id = await arrive(bench, "hello", { thread: "t", agoMs: 60 * SECOND });
    const seen: { aborted: boolean } = { aborted: false };
    const parts = {
      ...bench.parts,
      leaseMs: 150,
      agent: {
        ...bench.parts.agent,
        run: ({ signal }: Parameters<typeof bench.parts.agent.run>[0]) =>
          new Promise<never>((_resolve, reject) => {
            const stop = (): void => {
              seen.aborted = true;
              reject(new Error("stopped"));
            };
            // On a busy machine so short a lease is lost before a model call begins.
            if (signal.aborted) stop();
            signal.addEventListener("abort", stop);
          }),
      },
    };
    const working = processConversation(parts, id);
    await untilLeased(bench);
    await rows(bench, sql`update conversation set fence = fence + 1, lease_owner = 'another'`);
    await working;
    assert.equal(seen.aborted, true);
    assert.deepEqual(await rows(bench, sql`select lease_owner, failed_wakes from conversation`), [
      { lease_owner: "another", failed_wakes: 0 },
    ]);
    assert.deepEqual(await rows(bench, sql`select 1 from turn`), []);
  });
});
