/** The bell breaks: Redis is emptied, killed, stopped, full, wrongly set up, or comes back from the past. */
import assert from "node:assert/strict";
import type { FaultCase } from "#test/faults/case.ts";

export const cases: readonly FaultCase[] = [
  {
    id: 7,
    name: "Redis FLUSHALL while busy",
    inSuite: true,
    async run(arena) {
      const redis = await arena.redis();
      const installation = await arena.install({ redisUrl: redis.url });
      await installation.chat("u123", "first", "Where is my order 789?", { answer: /789/ });
      const verdict = await installation.judge();
      assert.ok(verdict);
    },
  },
];
