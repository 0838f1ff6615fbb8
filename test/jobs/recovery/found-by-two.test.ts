/** Two workers that start together after a restore look up the same effect. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { DOWNTIME } from "#store/effects/recovery.ts";
import { recoveryTask } from "#jobs/recovery/resume-after-downtime.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { memoryTarget } from "#test/jobs/memory-ports.ts";
import { replying } from "#test/jobs/turn-results.ts";

onDesk("an effect in doubt from before a restore", (bench) => {
  test("that two workers find at the same moment is entered once", async () => {
    bench.answer(() => replying("Thank you."));
    bench.faults.commit = ({ action: { operation } }) => {
      if (operation === "reply")
        throw new DeskhandError("channel.uncertain", "the answer was lost");
    };
    bench.faults.find = (target) => {
      if (target === "chat") throw new Error("cannot be read");
    };
    const id = await bench.write("Hello", { channel: "chat" });
    assert.match(await bench.outcome(id), /^escalated/);
    bench.faults.commit = () => undefined;
    bench.faults.find = () => undefined;
    const [row] = await bench.rows(
      z.object({ key: z.string() }),
      sql`select key from effect where state = 'unknown'`,
    );
    assert.ok(row);
    const usual = memoryTarget("chat", bench);
    const asked = { count: 0 };
    bench.replace({
      ...usual,
      async find() {
        asked.count += 1;
        return { state: "done", committed: { ref: "chat-1", conversationKeys: [] } };
      },
    });
    bench.skip(60_000);
    await bench.at(DOWNTIME.write, {
      reason: "restored",
      since: bench.now().toISOString(),
      beganAt: bench.now().toISOString(),
      resumedAt: null,
    });
    const other = Object.defineProperties(
      { ...bench.parts },
      {
        ...Object.getOwnPropertyDescriptors(bench.parts),
        worker: { value: "another" },
      },
    );
    const tasks = [recoveryTask(bench.parts), recoveryTask(other)];
    await Promise.all(tasks.map((task) => task.tick()));
    const entries = await bench.rows(
      z.object({ kind: z.string() }),
      sql`select kind from audit where kind = 'done' and data ->> 'key' = ${row.key}
          union all select kind from audit_pending where kind = 'done' and data ->> 'key' = ${row.key}`,
    );
    assert.deepEqual({ asked: asked.count, entries: entries.length }, { asked: 2, entries: 1 });
  });
});
