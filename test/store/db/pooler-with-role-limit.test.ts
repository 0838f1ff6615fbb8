/** A pooler that drops our settings before a role whose own limit happens to be ours. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { ask, openPostgres } from "#store/db/database.ts";
import { pgbouncerMissing, startPgbouncer } from "#test/support/pgbouncer.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { silentLog } from "#test/store/bench.ts";
import pg from "pg";

const ONE = { name: "one", text: "select 1 as one", row: z.object({ one: z.int() }) } as const;

test(
  "planned statements are not kept where the role's own limit is ours",
  { skip: pgbouncerMissing || postgresMissing },
  async () => {
    const database = await freshDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const name = new URL(database.url).pathname.slice(1);
    await client.query(`alter database "${name}" set statement_timeout = '30s'`);
    await client.end();
    const pooler = await startPgbouncer(database.url, [
      "ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout",
    ]);
    try {
      const store = await openPostgres(pooler.url, silentLog);
      try {
        for (let round = 0; round < 20; round += 1)
          await Promise.all(
            Array.from({ length: 8 }, async () =>
              assert.equal((await ask(store, ONE, []))[0]?.one, 1),
            ),
          );
      } finally {
        await store.close();
      }
    } finally {
      await pooler.stop();
      await database.drop();
    }
  },
);
