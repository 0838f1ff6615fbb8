/** What the log says of a wake that met an outage: it is tried again, so it is no error that needs a person. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { openQueue } from "#jobs/queue/queue.ts";
import { redisMissing, startRedis } from "#test/support/redis.ts";
import { until } from "#test/support/waiting.ts";

test(
  "a wake that fails because the database is away is no error of the log",
  { skip: redisMissing },
  async () => {
    const redis = await startRedis();
    const lines: string[] = [];
    const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
    const log = {
      debug: note("debug"),
      info: note("info"),
      warn: note("warn"),
      error: note("error"),
    };
    const queue = await openQueue({ url: redis.url, log, drainedS: 1 });
    try {
      queue.work(async () => {
        throw new DeskhandError("store.unavailable", "the database cannot be reached");
      }, 2);
      for (const id of ["c_1", "c_2", "c_3"]) await queue.wake(id, 0);
      await until("a line", async () => lines.some((line) => line.includes("wake failed")));
      assert.deepEqual(
        lines.filter((line) => line.startsWith("error")),
        [],
      );
    } finally {
      await queue.close(1_000);
      await redis.stop();
    }
  },
);
