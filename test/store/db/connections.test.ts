/** A server with fewer connections than we would like slows work down and fails none of it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";
import { openStore } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { silentLog } from "#test/store/bench.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";

test(
  "with two connections for its role, twenty transactions at once all commit, round after round",
  { skip: postgresMissing },
  async (context) => {
    const database = await freshDatabase();
    context.after(() => database.drop());
    const role = `few_${process.pid}`;
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    await owner.query(`create role ${role} login connection limit 2`);
    const folder = mkdtempSync(join(tmpdir(), "deskhand-few-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const url = new URL(database.url);
    url.username = role;
    const store = await openStore({ databaseUrl: url.href, folder, log: silentLog });
    try {
      for (let round = 0; round < 3; round += 1) {
        const ended = await Promise.allSettled(
          Array.from({ length: 20 }, () =>
            store.run((transaction) => transaction.execute(sql`select pg_sleep(0.02)`)),
          ),
        );
        assert.deepEqual(
          ended.filter(({ status }) => status === "rejected"),
          [],
        );
      }
    } finally {
      await store.close();
      await owner.query(`drop role ${role}`);
      await owner.end();
    }
  },
);
