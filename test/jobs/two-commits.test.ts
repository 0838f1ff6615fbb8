/** How many commits stand between a wake and the call that follows from it: they are what a customer waits for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "drizzle-orm";
import { z } from "zod";
import type { ChannelName } from "#core/names.ts";
import type { Parts } from "#jobs/parts.ts";
import { intake } from "#jobs/intake.ts";
import { wakeConversation } from "#jobs/wake.ts";
import { rowsOf, type Store } from "#store/driver.ts";
import { memoryTarget } from "./memory-parts.ts";
import { onDesk, type JobBench } from "./bench.ts";
import { letterFrom } from "./memory-parts.ts";
import { refundOf, replying } from "./results.ts";

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

/** Takes one message in, wakes its conversation, and gives what had been committed when each call went out. */
async function callsAfterWake(
  bench: JobBench,
  channel: ChannelName,
): Promise<
  readonly { readonly operation: string; readonly wrote: number; readonly read: number }[]
> {
  const source = bench.parts.channels.get(channel);
  assert.ok(source);
  const letter = {
    thread: "t1",
    message: letterFrom("m1", "Please refund order 789", new Date(bench.now().getTime() - 60_000)),
  };
  const taken = await intake(bench.parts, source, {
    source: "bench",
    headers: {},
    body: new TextEncoder().encode(JSON.stringify(letter)),
    receivedAt: new Date(bench.now().getTime() - 60_000),
  });
  const { store, ended } = counting(bench.parts.store);
  const calls: { operation: string; wrote: number; read: number }[] = [];
  bench.faults.commit = ({ action }) => {
    const wrote = ended.filter(Boolean).length;
    calls.push({ operation: action.operation, wrote, read: ended.length - wrote });
  };
  const parts: Parts = Object.defineProperties(
    { ...bench.parts },
    { ...Object.getOwnPropertyDescriptors(bench.parts), store: { value: store } },
  );
  await wakeConversation(parts, taken.conversationIds[0] ?? "");
  return calls;
}

onDesk(
  "between a wake and the call it leads to",
  (bench) => {
    const refundByPolicy = () =>
      bench.answer(() =>
        replying("We have refunded 5.00 USD.", {
          actions: [refundOf(500, { decision: { verdict: "allow" } })],
          actionsAlone: true,
        }),
      );
    const unreliable = (name: "chat" | "shop") =>
      bench.replace({ ...memoryTarget(name, bench), findIsReliable: false });

    test("a chat is answered after two commits: one that claims and reads, one that writes turn and effect", async () => {
      const calls = await callsAfterWake(bench, "chat");
      assert.deepEqual(
        calls.map(({ operation, wrote }) => [operation, wrote]),
        [["reply", 2]],
      );
    });

    test("a refund that policy approves is called after two, and its reply after one more that books it", async () => {
      refundByPolicy();
      const calls = await callsAfterWake(bench, "chat");
      assert.deepEqual(
        calls.map(({ operation, wrote }) => [operation, wrote]),
        [
          ["refund", 2],
          ["reply", 3],
        ],
      );
    });

    test("the same holds where the channel keeps its history and is asked once more what happened", async () => {
      bench.histories.set("elsewhere", []);
      const calls = await callsAfterWake(bench, "zendesk");
      assert.deepEqual(calls, []);
      bench.histories.clear();
    });

    test("a target that cannot always be asked costs one commit more", async () => {
      unreliable("chat");
      const calls = await callsAfterWake(bench, "chat");
      assert.deepEqual(
        calls.map(({ operation, wrote }) => [operation, wrote]),
        [["reply", 3]],
      );
    });

    test("a reply by such a target does not begin with the commit that books its refund", async () => {
      refundByPolicy();
      unreliable("chat");
      const calls = await callsAfterWake(bench, "chat");
      assert.deepEqual(
        calls.map(({ operation, wrote }) => [operation, wrote]),
        [
          ["refund", 2],
          ["reply", 4],
        ],
      );
    });
  },
  ["postgres", "pglite"],
);
