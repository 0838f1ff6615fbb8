/** The migrations make exactly the tables the code believes in, once, no matter which process starts first. */
import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, beforeEach, describe, test, type TestContext } from "node:test";
import {
  getTableColumns,
  getTableName,
  is,
  type PgColumn,
  type PgTable,
  sql,
  Table,
} from "#store/db/drizzle.ts";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { appliedIn, migrate, pendingFor, refuseForeign } from "#store/db/migrate.ts";
import * as schema from "#store/db/schema.ts";
import { BOTH_DATABASES } from "#test/support/deskhand.ts";
import { freshDatabase, postgresMissing } from "#test/support/postgres.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { until } from "#test/support/waiting.ts";
import { emptyDatabase, storeAt, type OpenedStore } from "#test/store/bench.ts";

const OURS = join(import.meta.dirname, "../../../src/store/db/migrations");
const NAMES = pendingFor([]).map(({ name }) => name);

function execute(store: Store, query: string): Promise<void> {
  return store.run(async (transaction) => void (await transaction.execute(sql.raw(query))));
}

/** Whatever columns the database has, by "table.column". */
const InformationRow = z.object({
  table_name: z.string(),
  column_name: z.string(),
  data_type: z.string(),
  is_nullable: z.enum(["YES", "NO"]),
  column_default: z.string().nullable(),
  is_identity: z.enum(["YES", "NO"]),
  is_generated: z.enum(["ALWAYS", "NEVER"]),
});

interface ColumnFacts {
  readonly type: string;
  readonly notNull: boolean;
  /** A value is made when the insert names none. */
  readonly hasDefault: boolean;
  readonly default: unknown;
}

for (const kind of BOTH_DATABASES)
  describe(`migrations on ${kind}`, () => {
    const opened: { database?: OpenedStore } = {};
    const emptied = (): Store => {
      assert.ok(opened.database);
      return opened.database.store;
    };
    before(async () => {
      opened.database = await emptyDatabase(kind);
    });
    after(() => opened.database?.close());
    beforeEach(async () => {
      await execute(emptied(), "drop schema public cascade");
      await execute(emptied(), "create schema public");
    });

    test("an empty database gets every file, and a second run changes nothing", async () => {
      const store = emptied();
      assert.deepEqual(await migrate(store), { applied: NAMES });
      await execute(store, "insert into position (name, value) values ('inbox', '7')");
      assert.deepEqual(await migrate(store), { applied: [] });
      const kept = await store.run((transaction) =>
        rowsOf(transaction, z.object({ value: z.string() }), sql`select value from position`),
      );
      assert.deepEqual(kept, [{ value: "7" }]);
    });

    test("a database that newer code has migrated is refused by name", async () => {
      const store = emptied();
      await migrate(store);
      await execute(
        store,
        "insert into deskhand_migration (name, hash) values ('9999_future.sql', 'x')",
      );
      await assert.rejects(migrate(store), newerSchema(/newer Deskhand \(9999_future\.sql\)/));
    });

    test("a database of a version from which no way leads here is refused by name, unchanged", async () => {
      const store = emptied();
      await migrate(store);
      await execute(store, `delete from deskhand_migration where name <> '${NAMES[0] ?? ""}'`);
      await execute(store, "update deskhand_migration set name = '0013_return.sql'");
      const refused = (error: unknown): boolean => {
        assert.ok(error instanceof DeskhandError);
        assert.equal(error.code, "store.older_schema");
        assert.match(error.message, /0013_return\.sql/);
        return true;
      };
      await assert.rejects(migrate(store), refused);
      const applied = await store.run(appliedIn);
      assert.deepEqual(
        applied.map(({ name }) => name),
        ["0013_return.sql"],
      );
      assert.throws(() => refuseForeign(applied), refused);
    });

    test("a database of a release before 0.3 is refused by name, though it does not say what its files work with", async () => {
      const store = emptied();
      await execute(
        store,
        "create table deskhand_migration (name text primary key, hash text not null, at timestamptz not null default now())",
      );
      await execute(store, "insert into deskhand_migration (name, hash) values ('0009.sql', 'x')");
      await assert.rejects(
        migrate(store),
        (error) => error instanceof DeskhandError && error.code === "store.older_schema",
      );
    });

    test("a file that was changed after it ran is refused by name", async () => {
      const store = emptied();
      await migrate(store);
      const first = NAMES[0] ?? "";
      await execute(store, `update deskhand_migration set hash = 'x' where name = '${first}'`);
      await assert.rejects(migrate(store), newerSchema(new RegExp(`${first} was changed`)));
    });

    test("a file that fails leaves nothing half done behind", async () => {
      const store = emptied();
      // A table of that name in the way of the second file: the first one must be undone with it.
      await execute(store, "create table approval (id text)");
      await assert.rejects(migrate(store));
      const tables = await store.run((transaction) =>
        rowsOf(
          transaction,
          z.object({ table_name: z.string() }),
          sql`select table_name from information_schema.tables
              where table_schema = 'public' and table_name in ('conversation', 'approval')`,
        ),
      );
      assert.deepEqual(tables, [{ table_name: "approval" }]);
    });

    if (kind === "postgres")
      test("a change that waits for another's lock keeps the others waiting for moments only", async (context) => {
        const store = emptied();
        await migrate(store);
        const next = temporaryFolder(context);
        cpSync(OURS, next, { recursive: true });
        writeFileSync(join(next, "9000_next.sql"), "alter table conversation add next text;\n");
        const read = (transaction: Transaction): Promise<unknown> =>
          transaction.execute(sql`select count(*) from conversation`);
        const held = Promise.withResolvers<void>();
        const released = Promise.withResolvers<void>();
        const holding = store.run(async (transaction) => {
          await read(transaction);
          held.resolve();
          await released.promise;
        });
        await held.promise;
        const migrating = migrate(store, next);
        const waiting = sql`select pid from pg_locks where not granted and mode = 'AccessExclusiveLock'`;
        await until("the change to wait for its lock", async () => {
          const rows = await store.run((run) => rowsOf(run, z.object({ pid: z.int() }), waiting));
          return rows.length > 0;
        });
        // Who comes behind the change waits until it gives way, although the lock stays held.
        const late = delay(15_000, "still waits", { ref: false });
        const behind = store.run(read).then(() => "went on");
        try {
          assert.equal(await Promise.race([behind, late]), "went on");
        } finally {
          released.resolve();
          await Promise.all([holding, behind]);
        }
        assert.deepEqual(await migrating, { applied: ["9000_next.sql"] });
      });

    test("the tables in code equal those in the database, column by column", async () => {
      const store = emptied();
      await migrate(store);
      const inDatabase = await databaseColumns(store);
      const inCode = codeColumns();
      assert.deepEqual([...inCode.keys()].toSorted(), [...inDatabase.keys()].toSorted());
      for (const [name, column] of inCode)
        assert.deepEqual({ name, ...column }, { name, ...inDatabase.get(name) });
    });
  });

test(
  "processes that start at the same moment on one empty database migrate it once",
  { skip: postgresMissing },
  async (context) => {
    // The moment is short, so that it is tried more than once.
    for (let round = 0; round < 3; round += 1) {
      const database = await freshDatabase();
      context.after(() => database.drop());
      const stores = await Promise.all(
        Array.from({ length: 6 }, () => oneOfMany(database.url, context)),
      );
      const applied = await Promise.all(stores.map((store) => migrate(store)));
      assert.deepEqual(
        applied.flatMap((one) => one.applied),
        NAMES,
      );
    }
  },
);

async function oneOfMany(url: string, context: TestContext): Promise<Store> {
  const store = await storeAt(context, url);
  await store.run((transaction) => transaction.execute(sql`select 1`));
  return store;
}

function newerSchema(words: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof DeskhandError);
    assert.equal(error.code, "store.newer_schema");
    assert.match(error.message, words);
    return true;
  };
}

async function databaseColumns(store: Store): Promise<ReadonlyMap<string, ColumnFacts>> {
  const rows = await store.run((transaction) =>
    rowsOf(
      transaction,
      InformationRow,
      sql`select table_name, column_name, data_type, is_nullable, column_default, is_identity, is_generated
          from information_schema.columns
          where table_schema = 'public' and table_name <> 'deskhand_migration'`,
    ),
  );
  return new Map(
    rows.filter(isInCode).map((row) => [
      `${row.table_name}.${row.column_name}`,
      {
        type: row.data_type,
        notNull: row.is_nullable === "NO",
        hasDefault:
          row.column_default !== null || row.is_identity === "YES" || row.is_generated === "ALWAYS",
        default: row.is_generated === "ALWAYS" ? undefined : literalOf(row.column_default),
      },
    ]),
  );
}

/** "'bot'::text" is the value bot; the database writes its defaults as expressions. */
function literalOf(expression: string | null): unknown {
  if (expression === null) return undefined;
  const quoted = /^'(.*)'::(\w+)/s.exec(expression);
  if (quoted !== null) return quoted[2] === "jsonb" ? JSON.parse(quoted[1] ?? "") : quoted[1];
  return JSON.parse(expression);
}

function codeTables(): readonly PgTable[] {
  return Object.values(schema).filter((value) => is(value, Table));
}

/** What only SQL reads and writes is no table in code. */
function isInCode({ table_name: name }: { readonly table_name: string }): boolean {
  return codeTables().some((table) => getTableName(table) === name);
}

function codeColumns(): ReadonlyMap<string, ColumnFacts> {
  return new Map(
    codeTables().flatMap((table) =>
      Object.values(getTableColumns(table)).map((column): [string, ColumnFacts] => [
        `${getTableName(table)}.${column.name}`,
        {
          type: column.getSQLType(),
          notNull: column.notNull,
          hasDefault: hasDefault(column),
          default: column.default,
        },
      ]),
    ),
  );
}

function hasDefault(column: PgColumn): boolean {
  return (
    column.hasDefault || column.generatedIdentity !== undefined || column.generated !== undefined
  );
}
