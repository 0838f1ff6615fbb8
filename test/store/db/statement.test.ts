/** Statements by name: alone they cost one round trip, each connection plans them once, and a pooler's plans none. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { ask, openStore, within, type Store } from "#store/db/database.ts";
import { pgbouncerMissing, startPgbouncer } from "#test/support/pgbouncer.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { recordedPostgres } from "#test/support/recorded-postgres.ts";
import { silentLog } from "#test/store/bench.ts";

const SUM = {
  name: "sum_of_two",
  text: "select $1::int + $2::int as sum, $1::int as first",
  row: z.object({ sum: z.int(), first: z.int() }),
} as const;

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
