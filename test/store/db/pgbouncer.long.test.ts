/** Deskhand behind PgBouncer in transaction mode, which refuses or drops what a session begins with. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { openStore, rowsOf, type Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { migrate } from "#store/db/migrate.ts";
import { pgbouncerMissing, startPgbouncer } from "#test/support/pgbouncer.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { chat, startSharedServices, readiness, startRole } from "#test/support/processes.ts";
import { redisMissing } from "#test/support/redis.ts";
import { silentLog } from "#test/store/bench.ts";

const skip = pgbouncerMissing || postgresMissing || redisMissing;

const Limits = z.object({ statement: z.string(), idle: z.string(), jit: z.string() });
const limitsIn = (store: Store) =>
  store.run(async (transaction) => {
    await transaction.execute(sql`set transaction isolation level repeatable read`);
    return rowsOf(
      transaction,
      Limits,
      sql`select current_setting('statement_timeout') as statement,
                 current_setting('idle_in_transaction_session_timeout') as idle, current_setting('jit') as jit`,
    );
  });

async function opened(url: string, use: (store: Store) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-pooled-"));
  try {
    const store = await openStore({ databaseUrl: url, folder, log: silentLog });
    try {
      await use(store);
    } finally {
      await store.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const [what, settings] of [
  ["refuses settings", []],
  [
    "drops settings",
    ["ignore_startup_parameters = statement_timeout,idle_in_transaction_session_timeout"],
  ],
] as const)
  test(`every transaction has its settings, also where the pooler ${what}`, { skip }, async () => {
    const database = await freshDatabase();
    const pooler = await startPgbouncer(database.url, settings);
    try {
      for (const url of [pooler.url, database.url])
        await opened(url, async (store) => {
          await migrate(store);
          const found = await Promise.all(Array.from({ length: 6 }, () => limitsIn(store)));
          for (const rows of found)
            assert.deepEqual(rows, [{ statement: "30011ms", idle: "10s", jit: "off" }]);
        });
    } finally {
      await pooler.stop();
      await database.drop();
    }
  });

test("a database that cannot be reached is told with what the system said", { skip }, async () => {
  const database = await freshDatabase();
  const pooler = await startPgbouncer(database.url);
  const url = new URL(pooler.url);
  url.pathname = "/nowhere";
  await assert.rejects(
    opened(url.href, async () => undefined),
    /the database cannot be reached: bouncer config error/,
  );
  await pooler.stop();
  await assert.rejects(
    opened(pooler.url, async () => undefined),
    /the database cannot be reached: .*ECONNREFUSED/,
  );
  await database.drop();
});

test("web and worker do their work through it", { skip, timeout: 120_000 }, async () => {
  const shared = await startSharedServices();
  const pooler = await startPgbouncer(shared.databaseUrl);
  const environment = { ...shared.environment, DATABASE_URL: pooler.url };
  const web = await startRole(environment, "web");
  const worker = await startRole(environment, "worker");
  try {
    const answer = await chat(web.url, "u123", "Where is my order 456?");
    assert.equal(answer.status, "answered", JSON.stringify(answer));
    assert.equal((await readiness(web.url)).http, 200);
    assert.equal((await readiness(worker.url)).http, 200);
  } finally {
    await Promise.all([web, worker].map((one) => one.end("SIGKILL")));
    await pooler.stop();
    await shared.close();
  }
});
