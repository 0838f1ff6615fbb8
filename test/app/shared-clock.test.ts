/** The time a process goes by when its machine's clock is wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clockProblem, sharedClock } from "#app/shared-clock.ts";
import { openStore } from "#store/db/database.ts";
import { silentLog } from "#test/store/bench.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const MINUTE_MS = 60_000;
const NEAR_MS = 5_000;

test(
  "a clock ten minutes off, or set an hour on or back meanwhile, goes by the database's",
  {
    skip: postgresMissing,
  },
  async (t) => {
    const database = await freshDatabase();
    t.after(() => database.drop());
    const folder = temporaryFolder(t);
    const store = await openStore({ databaseUrl: database.url, folder, log: silentLog });
    t.after(() => store.close());
    for (const stepMs of [60 * MINUTE_MS, -60 * MINUTE_MS]) {
      const set = { ms: 0 };
      const clock = sharedClock({ now: () => new Date(Date.now() + set.ms) });
      const unfollow = await clock.follow(store, silentLog);
      unfollow();
      assert.equal(clockProblem(clock), null);
      set.ms = stepMs;
      const near = Math.abs(clock.now().getTime() - Date.now()) < NEAR_MS;
      assert.ok(near, "right before the database is asked again");
      assert.match(clockProblem(clock) ?? "", stepMs > 0 ? /60 min ahead of/ : /60 min behind/);
    }
    for (const wrongMs of [10 * MINUTE_MS, -10 * MINUTE_MS]) {
      const warnings: unknown[] = [];
      const clock = sharedClock({ now: () => new Date(Date.now() + wrongMs) });
      assert.ok(Math.abs(clock.now().getTime() - Date.now() - wrongMs) < NEAR_MS);
      const unfollow = await clock.follow(store, {
        ...silentLog,
        warn: (_message, details) => warnings.push(details?.["difference_ms"]),
      });
      unfollow();
      assert.ok(Math.abs(clock.now().getTime() - Date.now()) < NEAR_MS);
      const [told] = warnings;
      assert.ok(typeof told === "number" && Math.abs(told + wrongMs) < NEAR_MS, String(told));
    }
  },
);
