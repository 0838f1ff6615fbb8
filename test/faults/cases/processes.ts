/** Several processes, of which some die. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import type { FaultCase } from "#test/faults/case.ts";
import { startCrew } from "#test/faults/crew.ts";
import { modelOf } from "#test/faults/own-model.ts";

const reconcilers: FaultCase = {
  id: 37,
  name: "the reconciler runs three times, and two of them die",
  inSuite: false,
  async run(arena) {
    const crew = await startCrew(arena, 3);
    const redis = new Redis(crew.redisUrl);
    redis.on("error", () => {});
    try {
      crew.wantRefund("1002", 9);
      const sending = [
        crew.chat("u456", "money-chat", "Please refund order 1002, it is broken", /9\.00 USD/),
        ...["789", "456", "123"].map((order) =>
          crew.chat("u123", `order-${order}`, `Where is my order ${order}?`, new RegExp(order)),
        ),
      ];
      // Without what Redis knew, only the three of them notify, each for the same conversations.
      for (let times = 0; times < 8; times += 1) {
        await redis.flushall();
        await delay(200);
      }
      await crew.fleet.member("worker-0").kill();
      await crew.fleet.member("worker-1").kill();
      await redis.flushall();
      sending.push(crew.chat("u789", "to-the-last", "Where is my order 2001?", /2001/));
      await Promise.all(sending);
      await crew.judge();
    } finally {
      redis.disconnect();
    }
  },
};

const LEASE_SECONDS = 5;

const pickedUp: FaultCase = {
  id: 47,
  name: "a worker is killed with a conversation in hand",
  inSuite: true,
  async run(arena) {
    const seen = { killedAt: 0, takenAt: 0 };
    const crew = await startCrew(arena, 2, {
      leaseSeconds: LEASE_SECONDS,
      workerEnvironment: (name, { fleet }) =>
        modelOf(arena, (texts) => {
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
    await crew.chat("u123", "deadly-chat", "Where is my order 789? A deadly question.", /789/);
    const tookMs = Math.round(seen.takenAt - seen.killedAt);
    arena.note(`taken up by the other worker after ${tookMs} ms`);
    assert.ok(tookMs <= 2 * LEASE_SECONDS * 1_000, `it was taken up after ${tookMs} ms`);
    await crew.judge({ everyAnswered: true });
  },
};

export const cases: readonly FaultCase[] = [reconcilers, pickedUp];
