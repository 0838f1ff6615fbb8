/** How many commits there are between a wake and the call that follows from it: a customer waits for them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { intake } from "#jobs/intake.ts";
import { processConversation } from "#jobs/worker/process-conversation.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { effectsInFlight } from "#store/effects/ledger.ts";
import type { Message } from "#core/values/message.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { type JobBench } from "#test/jobs/bench-contract.ts";
import { letterFrom, memoryTarget } from "#test/jobs/memory-ports.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";

const Writes = z.object({ writes: z.boolean() });

/** A store that notes for each transaction, when it has ended, whether it wrote: only then it has an id of its own. */
function counting(store: Store): { readonly store: Store; readonly ended: boolean[] } {
  const ended: boolean[] = [];
  return {
    ended,
    store: {
      ...store,
      async run(work) {
        const [value, writes] = await store.run(async (transaction) => {
          const result = await work(transaction);
          const [row] = await rowsOf(
            transaction,
            Writes,
            sql`select pg_current_xact_id_if_assigned() is not null as writes`,
          );
          return [result, row?.writes === true] as const;
        });
        ended.push(writes);
        return value;
      },
    },
  };
}

/** A call that went out: how many commits there had been, and whether the last transaction was one of them. */
interface Called {
  readonly operation: string;
  readonly commits: number;
  readonly straight: boolean;
}

/** Takes one message in, wakes its conversation, and gives what had been committed when each call went out. */
async function callsAfterWake(
  bench: JobBench,
  channel: ChannelName,
  historyOf: (message: Message) => readonly Message[] | null = () => null,
): Promise<readonly Called[]> {
  const source = bench.parts.channels.get(channel);
  assert.ok(source);
  const receivedAt = new Date(bench.now().getTime() - 60_000);
  const message = letterFrom("m1", "Please refund order 789", receivedAt);
  const taken = await intake(bench.parts, source, {
    source: "bench",
    headers: {},
    body: new TextEncoder().encode(JSON.stringify({ thread: "t1", message })),
    receivedAt,
  });
  const [id = ""] = taken.conversationIds;
  const history = historyOf(message);
  if (history !== null) bench.histories.set(id, history);
  const { store, ended } = counting(bench.parts.store);
  const calls: Called[] = [];
  bench.faults.commit = ({ action }) => {
    const commits = ended.filter(Boolean).length;
    calls.push({ operation: action.operation, commits, straight: ended.at(-1) === true });
  };
  const parts: JobContext = Object.defineProperties(
    { ...bench.parts },
    { ...Object.getOwnPropertyDescriptors(bench.parts), store: { value: store } },
  );
  await processConversation(parts, id);
  return calls;
}

/** What a test compares: there is nothing between the last commit and the call. */
function straight(operation: string, commits: number): Called {
  return { operation, commits, straight: true };
}

onDesk("between a wake and the call it leads to", (bench) => {
  const refundByPolicy = () =>
    bench.answer(() =>
      replying("We have refunded 5.00 USD.", {
        actions: [refundOf(500, { decision: { verdict: "allow" } })],
        actionsAlone: true,
      }),
    );
  const unreliable = (name: "chat" | "shop") =>
    bench.replace({ ...memoryTarget(name, bench), findIsReliable: false });

  test("are two commits for an answer in the chat: one that claims and reads, one that writes turn and effect", async () => {
    assert.deepEqual(await callsAfterWake(bench, "chat"), [straight("reply", 2)]);
  });

  test("are two for a refund that policy approves; its reply begins with the one that books it", async () => {
    refundByPolicy();
    assert.deepEqual(await callsAfterWake(bench, "chat"), [
      straight("refund", 2),
      straight("reply", 3),
    ]);
  });

  test("are two also where the channel keeps its history, which is asked once more before the second", async () => {
    refundByPolicy();
    const calls = await callsAfterWake(bench, "zendesk", (message) => [message]);
    assert.deepEqual(calls, [straight("refund", 2), straight("reply", 3)]);
  });

  test("an unread message in the history keeps the effect from beginning with the turn", async () => {
    refundByPolicy();
    const calls = await callsAfterWake(bench, "zendesk", (message) => [
      message,
      { ...message, key: "m2", text: "No, please do not" },
    ]);
    assert.ok(calls.every(({ commits }) => commits > 2));
  });

  test("is one more for a target that cannot always be asked", async () => {
    unreliable("chat");
    assert.deepEqual(await callsAfterWake(bench, "chat"), [straight("reply", 3)]);
  });

  test("is one more for a reply by such a target after its refund", async () => {
    refundByPolicy();
    unreliable("chat");
    assert.deepEqual(await callsAfterWake(bench, "chat"), [
      straight("refund", 2),
      straight("reply", 4),
    ]);
  });

  test("a death loses nothing: what had begun is looked up at the next wake, and done once", async () => {
    refundByPolicy();
    const died: string[] = [];
    Object.assign(bench.parts, {
      crashPoint: (name: string) => {
        if (name !== "turn:after-commit" || died.length > 0) return;
        died.push(name);
        throw new Error("killed");
      },
    });
    await callsAfterWake(bench, "chat");
    assert.deepEqual(died, ["turn:after-commit"]);
    Object.assign(bench.parts, { crashPoint: () => undefined });
    const begun = await bench.parts.store.run(effectsInFlight);
    assert.deepEqual(
      begun.map(({ operation, attempts }) => [operation, attempts]),
      [["refund", 1]],
    );
    assert.equal(bench.left.length, 0);
    bench.skip(6_000);
    await bench.tick();
    bench.skip(6_000);
    await bench.tick();
    assert.deepEqual(
      bench.left.map(({ action }) => action.operation),
      ["refund", "reply"],
    );
  });
});
