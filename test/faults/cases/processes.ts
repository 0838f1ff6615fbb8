/** Faults of processes: one of several dies. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { FaultCase } from "#test/faults/case.ts";
import { startCluster } from "#test/faults/role-processes.ts";
import { modelOf } from "#test/faults/own-model.ts";
import { chats, refundInChat, whereIs } from "#test/faults/traffic.ts";
import { withRedis } from "#test/support/redis.ts";

const reconcilers: FaultCase = {
  id: 37,
  name: "the reconciler runs three times, and two of them die",
  async run(context) {
    const cluster = await startCluster(context, 3);
    const sending: Promise<unknown>[] = [
      refundInChat(cluster, "money-chat"),
      chats(cluster, "beside", 3),
    ];
    await withRedis(cluster.redisUrl, async (redis) => {
      // Without what Redis knew, only the three of them notify, each for the same conversations.
      for (let times = 0; times < 8; times += 1) {
        await redis.flushall();
        await delay(200);
      }
      await cluster.fleet.member("worker-1").end("SIGKILL");
      await cluster.fleet.member("worker-2").end("SIGKILL");
      await redis.flushall();
    });
    sending.push(whereIs(cluster, "to-the-last", "2001"));
    await Promise.all(sending);
    await cluster.judge();
  },
};

const LEASE_SECONDS = 5;

const pickedUp: FaultCase = {
  id: 47,
  name: "a worker is killed with a conversation in hand",
  async run(context) {
    const seen = { killedAt: 0, takenAt: 0 };
    const cluster = await startCluster(context, 2, {
      leaseSeconds: LEASE_SECONDS,
      workerEnvironment: (name, { fleet }) =>
        modelOf(context, (texts) => {
          if (!texts.some((text) => text.includes("deadly"))) return { kind: "answer" };
          if (seen.killedAt === 0) {
            seen.killedAt = performance.now();
            fleet.member(name).signal("SIGKILL");
            return { kind: "hang" };
          }
          if (seen.takenAt === 0) seen.takenAt = performance.now();
          return { kind: "answer" };
        }),
    });
    await whereIs(cluster, "deadly-chat", "789", { and: " A deadly question." });
    const tookMs = Math.round(seen.takenAt - seen.killedAt);
    context.note(`taken up by the other worker after ${tookMs} ms`);
    assert.ok(tookMs <= 2 * LEASE_SECONDS * 1_000, `it was taken up after ${tookMs} ms`);
    await cluster.judge({ everyAnswered: true });
  },
};

export const cases: readonly FaultCase[] = [reconcilers, pickedUp];
