/** A server with fewer connections than we would like slows work down and fails none of it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import pg from "pg";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { openStore, rowsOf, withoutTimeLimits } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { migrate } from "#store/db/migrate.ts";
import { silentLog, storeAt } from "#test/store/bench.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";

/** A store whose role may do this much, and the database's owner. */
async function storeOfRole(context: TestContext, role: string, rights: string) {
  const database = await freshDatabase();
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(`create role ${role} login ${rights}`);
  const url = new URL(database.url);
  url.username = role;
  const folder = temporaryFolder(context);
  const store = await openStore({ databaseUrl: url.href, folder, log: silentLog });
  context.after(async () => {
    await store.close();
    await owner.query(`drop role ${role}`);
    await owner.end();
    await database.drop();
  });
  return { store, owner };
}

test(
  "with two connections for its role, twenty transactions at once all commit, round after round",
  { skip: postgresMissing },
  async (context) => {
    const { store } = await storeOfRole(context, `few_${process.pid}`, "connection limit 2");
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
  },
);

test(
  "a database that refuses a new connection while it is used is away, whatever it calls that",
  { skip: postgresMissing },
  async (context) => {
    const role = `barred_${process.pid}`;
    const { store, owner } = await storeOfRole(context, role, "");
    const asked = () => store.run((transaction) => transaction.execute(sql`select 1`));
    await owner.query(`alter role ${role} nologin`);
    await owner.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = '${role}'`,
    );
    // The first may still find out that its connection has ended.
    await asked().catch(() => undefined);
    await assert.rejects(asked(), (error) => {
      assert.ok(error instanceof DeskhandError);
      assert.deepEqual([error.code, error.retry], ["store.unavailable", true]);
      return true;
    });
  },
);

test(
  "a start whose role may not make tables says so in a sentence, with what to do",
  { skip: postgresMissing },
  async (context) => {
    const { store, owner } = await storeOfRole(context, `plain_${process.pid}`, "");
    await owner.query("revoke create on schema public from public");
    await assert.rejects(migrate(store), { code: "config.invalid", message: /GRANT CREATE/ });
  },
);

/** A store on a database of its own, with these parameters in the database's URL. */
async function storeWith(context: TestContext, parameters: Readonly<Record<string, string>>) {
  const database = await freshDatabase();
  context.after(() => database.drop());
  const url = new URL(database.url);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return storeAt(context, url.href);
}

for (const source of ["the URL", "PGOPTIONS"])
  test(
    `what ${source} says of a session holds beside our settings`,
    { skip: postgresMissing },
    async (context) => {
      const options = "-c search_path=shop -c jit=on";
      if (source === "PGOPTIONS") process.env["PGOPTIONS"] = options;
      context.after(() => delete process.env["PGOPTIONS"]);
      const store = await storeWith(context, source === "the URL" ? { options } : {});
      const Settings = z.object({ path: z.string(), jit: z.string(), statement: z.string() });
      const found = await Promise.all(
        Array.from({ length: 3 }, () =>
          store.run((transaction) =>
            rowsOf(
              transaction,
              Settings,
              sql`select current_setting('search_path') as path, current_setting('jit') as jit,
                  current_setting('statement_timeout') as statement from pg_sleep(0.02)`,
            ),
          ),
        ),
      );
      for (const rows of found)
        assert.deepEqual(rows, [{ path: "shop", jit: "off", statement: "30011ms" }]);
    },
  );

test(
  "a migration's statement may take longer than the driver waits for usual work, which it goes on doing afterwards",
  { skip: postgresMissing },
  async (context) => {
    const store = await storeWith(context, { query_timeout: "500" });
    const folder = temporaryFolder(context);
    writeFileSync(
      join(folder, "0001_slow.sql"),
      "create table slow as select 1 as n from pg_sleep(1);",
    );
    assert.deepEqual(await migrate(store, folder), { applied: ["0001_slow.sql"] });
    // As a restore does, which migrates within its own transaction.
    await store.run(async (transaction) => {
      await withoutTimeLimits(transaction);
      await withoutTimeLimits(transaction);
      await transaction.execute(sql`select pg_sleep(1)`);
    });
    await assert.rejects(
      store.run((transaction) => transaction.execute(sql`select pg_sleep(1)`)),
      /read timeout/,
    );
  },
);

test(
  "an address says how many seconds a connection is waited for, while all of them are in use",
  { skip: postgresMissing },
  async (context) => {
    const database = await freshDatabase();
    context.after(() => database.drop());
    const hasty = new URL(database.url);
    hasty.searchParams.set("connect_timeout", "2");
    const holding = Promise.withResolvers<void>();
    const stores = [await storeAt(context, database.url), await storeAt(context, hasty.href)];
    const holders = stores.flatMap((store) =>
      Array.from({ length: 10 }, () => store.run(() => holding.promise)),
    );
    const waited = stores.map((store, index) =>
      store.run(() => Promise.resolve()).catch(() => index),
    );
    assert.equal(await Promise.race(waited), 1);
    holding.resolve();
    await Promise.all([...holders, ...waited]);
  },
);
