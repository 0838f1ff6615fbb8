/** Statements by name: alone they cost one round trip, each connection plans them once, and a pooler's plans none. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { ask, openStore, rowsOf, within, type Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { pgbouncerMissing, startPgbouncer } from "#test/support/pgbouncer.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { recordedPostgres } from "#test/support/recorded-postgres.ts";
import { onEveryDatabase, silentLog } from "#test/store/bench.ts";

const SUM = {
  name: "sum_of_two",
  text: "select $1::int + $2::int as sum, $1::int as first",
  row: z.object({ sum: z.int(), first: z.int() }),
} as const;

const Planned = z.object({ name: z.string(), uses: z.coerce.number() });

/** The statements this connection has planned, with how often each ran. */
const plannedOn = (store: Store) =>
  store.run((transaction) =>
    rowsOf(
      transaction,
      Planned,
      sql`select name, generic_plans + custom_plans as uses from pg_prepared_statements where name <> ''`,
    ),
  );

/** A store on PostgreSQL through a proxy that writes down what it asks for. */
async function recorded(
  use: (store: Store, take: () => readonly string[]) => Promise<void>,
  before: (
    databaseUrl: string,
  ) => Promise<{ readonly url: string; stop(): Promise<void> }> = async (url) => ({
    url,
    stop: async () => undefined,
  }),
): Promise<void> {
  const database = await freshDatabase();
  const behind = await before(database.url);
  const wire = await recordedPostgres(behind.url);
  const folder = mkdtempSync(join(tmpdir(), "deskhand-asked-"));
  const store = await openStore({ databaseUrl: wire.url, folder, log: silentLog });
  const take = (): readonly string[] =>
    wire
      .take()
      .map(({ kind, name, text }) => (kind === "execute" ? "execute" : `${kind} ${name || text}`));
  try {
    take();
    await use(store, take);
  } finally {
    await store.close();
    await wire.close();
    await behind.stop();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("a statement by its name on postgres", { skip: postgresMissing }, () => {
  test("that stands alone begins and commits nothing, and is planned the first time only", () =>
    recorded(async (store, take) => {
      assert.deepEqual(await ask(store, SUM, [1, 2]), [{ sum: 3, first: 1 }]);
      assert.deepEqual(take(), ["parse sum_of_two", "execute"]);
      for (const second of [3, 4]) await ask(store, SUM, [1, second]);
      assert.deepEqual(take(), ["execute", "execute"]);
    }));

  test("within a transaction uses the same plan, between its begin and its commit", () =>
    recorded(async (store, take) => {
      await ask(store, SUM, [1, 2]);
      take();
      await within(store, (transaction) => ask(transaction, SUM, [1, 2]));
      assert.deepEqual(take(), ["query begin", "execute", "query commit"]);
      assert.deepEqual(await plannedOn(store), [{ name: "sum_of_two", uses: 2 }]);
    }));

  test("is planned once on every connection that runs it", () =>
    recorded(async (store, take) => {
      const holding = Promise.withResolvers<void>();
      const both = [1, 2].map((first) =>
        store.run(async (transaction) => {
          await ask(transaction, SUM, [first, 1]);
          await ask(transaction, SUM, [first, 2]);
          await holding.promise;
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      holding.resolve();
      await Promise.all(both);
      const asked = take();
      assert.equal(asked.filter((one) => one === "parse sum_of_two").length, 2);
      assert.equal(asked.filter((one) => one === "execute").length, 4);
    }));

  test("that fails says so like any other, and its connection goes on", () =>
    recorded(async (store, take) => {
      const half = { name: "half", text: "select 1 / $1::int as half", row: z.unknown() };
      await assert.rejects(ask(store, half, [0]), /division by zero/);
      assert.deepEqual(await ask(store, SUM, [1, 2]), [{ sum: 3, first: 1 }]);
      await assert.rejects(
        within(store, async (transaction) => {
          await ask(transaction, half, [0]);
        }),
        /division by zero/,
      );
      take();
      const cut = {
        name: "cut",
        text: "select pg_terminate_backend(pg_backend_pid())",
        row: z.unknown(),
      };
      await assert.rejects(ask(store, cut, []), { code: "store.unavailable" });
      assert.deepEqual(await ask(store, SUM, [1, 2]), [{ sum: 3, first: 1 }]);
      assert.ok(take().includes("parse sum_of_two"), "a new connection plans it again");
    }));

  test(
    "behind a pooler has no name, and stands in a transaction with the time limits",
    { skip: pgbouncerMissing },
    () =>
      recorded(
        async (store, take) => {
          for (const first of [1, 2])
            assert.deepEqual(await ask(store, SUM, [first, 2]), [{ sum: first + 2, first }]);
          const asked = take();
          const text = `parse ${SUM.text}`;
          assert.deepEqual(
            asked.map((one) => (one.includes("set local statement_timeout") ? "limits" : one)),
            [1, 2].flatMap(() => ["query begin", "limits", text, "execute", "query commit"]),
          );
        },
        (url) => startPgbouncer(url),
      ),
  );
});

onEveryDatabase("a statement by its name", (bench) => {
  test("takes each value where its number stands, also several times and out of order", async () => {
    const statement = {
      name: "out_of_order",
      text: `select $3::text as third, $1::int as first, $2::timestamptz as second, $1::int + 1 as next,
               $4::boolean as fourth, $5::text as fifth`,
      row: z.object({
        third: z.string(),
        first: z.int(),
        second: z.coerce.date(),
        next: z.int(),
        fourth: z.boolean(),
        fifth: z.null(),
      }),
    } as const;
    const at = new Date("2026-03-01T10:00:00.123Z");
    const rows = await bench.run(ask, statement, [7, at, "$1 'quoted'", true, null]);
    assert.deepEqual(rows, [
      { third: "$1 'quoted'", first: 7, second: at, next: 8, fourth: true, fifth: null },
    ]);
  });
});

test("no two statements of ours share a name", () => {
  const names = ["src", "jobs"].flatMap((room) =>
    readdirSync(room, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .flatMap((file) =>
        [...readFileSync(join(room, file), "utf8").matchAll(/name: "(\w+)",\n\s+text: /g)].map(
          ([, name = ""]) => name,
        ),
      ),
  );
  assert.ok(names.length > 15, `${names.length} found`);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  );
});
