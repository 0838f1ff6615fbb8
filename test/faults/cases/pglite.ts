/** The embedded database has one process; a second one has to stay out. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import type { FaultCase } from "#test/faults/case.ts";
import { readInside } from "#test/faults/inside.ts";
import { judge } from "#test/faults/judge.ts";
import { chats, smallRefund } from "#test/faults/traffic.ts";
import { startDeskhand } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";

const second: FaultCase = {
  id: 17,
  name: "two processes on one data folder",
  inSuite: false,
  async run(arena) {
    const installation = await arena.install({ databaseUrl: "" });
    await smallRefund(installation);
    const busy = chats(installation, "busy", 3);
    const { folder } = installation.deskhand();
    const [holder = ""] = readFileSync(join(folder, "deskhand.lock"), "utf8").split(" ");
    assert.ok(Number(holder) > 0);
    await assert.rejects(
      startDeskhand({ database: "pglite", folder }),
      new RegExp(`Another Deskhand \\(process ${holder}\\) uses`),
    );
    await busy;
    await chats(installation, "after", 3);
    const outside = await until("all answers", async () => {
      const now = await installation.outside();
      return now.shown.length >= now.sent.length ? now : null;
    });
    // One process has the database, so it is read when that one is gone.
    await installation.kill();
    const database = await PGlite.create({ dataDir: join(folder, "pglite") });
    try {
      const inside = await readInside(
        async (statement) => (await database.query<object>(statement)).rows,
      );
      arena.judged(judge(outside, inside));
    } finally {
      await database.close();
    }
  },
};

export const cases: readonly FaultCase[] = [second];
