/** A database that fails is a temporary error: named, bounded in time, and over when it is back. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { sql, type SQL } from "#store/db/drizzle.ts";
import { z } from "zod";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { emptyDatabase, type OpenedStore } from "#test/store/bench.ts";
import { until } from "#test/support/waiting.ts";

const POOL = 10;

describe("PostgreSQL that breaks in a transaction", { skip: postgresMissing }, () => {
  let opened: OpenedStore;
  let store: Store;
  before(async () => {
    opened = await emptyDatabase("postgres");
    store = opened.store;
    await execute(sql`create table kept (name text primary key)`);
  });
  after(() => opened.close());

  const execute = (statement: SQL) => store.run((transaction) => transaction.execute(statement));
  const names = () =>
    store.run((transaction) =>
      rowsOf(transaction, z.object({ name: z.string() }), sql`select name from kept order by name`),
    );
  const backendOf = async (transaction: Transaction): Promise<number> => {
    const [row] = await rowsOf(
      transaction,
      z.object({ pid: z.number() }),
      sql`select pg_backend_pid() as pid`,
    );
    return row?.pid ?? 0;
  };

  const backends = (condition: SQL) =>
    store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ pid: z.number() }),
        sql`select pid from pg_stat_activity where ${condition}`,
      ),
    );
  /** The connection of this backend is at its end, and what it told before has arrived. */
  const ended = async (pid: number): Promise<void> => {
    await until("the end of a connection", async () => {
      const found = await backends(sql`pid = ${pid}`);
      return found.length === 0;
    });
    await execute(sql`select 1`);
  };

  test("a connection that is cut between two statements fails that transaction alone, and nothing of it stays", async () => {
    await assert.rejects(
      store.run(async (transaction) => {
        await transaction.execute(sql`insert into kept values ('cut')`);
        const pid = await backendOf(transaction);
        await execute(sql`select pg_terminate_backend(${pid})`);
        // The error arrives between queries: this is the event that had no listener.
        await ended(pid);
        await transaction.execute(sql`insert into kept values ('cut as well')`);
      }),
      { code: "store.unavailable", retry: true },
    );
    assert.deepEqual(await names(), []);
    await execute(sql`insert into kept values ('after')`);
    assert.deepEqual(await names(), [{ name: "after" }]);
  });

  test("a connection that is cut under a statement says the same", async () => {
    await assert.rejects(
      store.run(async (transaction) => {
        const pid = await backendOf(transaction);
        const cut = async () => {
          const asleep = sql`pid = ${pid} and wait_event = 'PgSleep'`;
          await until("the statement to run", async () => (await backends(asleep)).length > 0);
          await execute(sql`select pg_terminate_backend(${pid})`);
        };
        await Promise.all([transaction.execute(sql`select pg_sleep(3600)`), cut()]);
      }),
      { code: "store.unavailable" },
    );
  });

  for (const [what, setting, statement] of [
    ["a statement that takes too long", "statement_timeout", sql`select pg_sleep(5)`],
    [
      "a lock that is never given back",
      "lock_timeout",
      sql`lock table kept in access exclusive mode`,
    ],
  ] as const)
    test(`${what} is no mistake of the statement`, async () => {
      const holding = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      const holder = store.run(async (transaction) => {
        await transaction.execute(sql`lock table kept in access exclusive mode`);
        held.resolve();
        await holding.promise;
      });
      await held.promise;
      await assert.rejects(
        store.run(async (transaction) => {
          await transaction.execute(sql.raw(`set local ${setting} = '100ms'`));
          await transaction.execute(statement);
        }),
        { code: "store.unavailable" },
      );
      holding.resolve();
      await holder;
    });

  test("a deadlock, as with a program that locks whole tables, says so too, and one of the two goes on", async () => {
    const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const cross = (mine: number): Promise<void> =>
      store.run(async (transaction) => {
        await transaction.execute(sql`select pg_advisory_xact_lock(${mine})`);
        both[mine]?.resolve();
        await Promise.all(both.map(({ promise }) => promise));
        await transaction.execute(sql`select pg_advisory_xact_lock(${1 - mine})`);
      });
    const ends = await Promise.allSettled([cross(0), cross(1)]);
    const failed = ends.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    assert.equal(failed.length, 1);
    assert.equal(z.object({ code: z.string() }).parse(failed[0]).code, "store.unavailable");
  });

  test("a transaction that was idle for too long says so too", async () => {
    await assert.rejects(
      store.run(async (transaction) => {
        await transaction.execute(sql`set local idle_in_transaction_session_timeout = '50ms'`);
        await ended(await backendOf(transaction));
        await transaction.execute(sql`select 1`);
      }),
      { code: "store.unavailable" },
    );
  });

  test("with every connection in use a caller waits for a bounded time, and later everything goes on", async () => {
    const holding = Promise.withResolvers<void>();
    const holders = Array.from({ length: POOL }, () =>
      store.run(async (transaction) => {
        await transaction.execute(sql`select 1`);
        await holding.promise;
      }),
    );
    const began = performance.now();
    await assert.rejects(names(), { code: "store.unavailable" });
    const tookMs = performance.now() - began;
    assert.ok(tookMs > 3_000, `${tookMs} ms`);
    holding.resolve();
    await Promise.all(holders);
    assert.equal((await names()).length, 1);
  });

  test("a statement that is wrong stays a mistake of ours", async () => {
    await assert.rejects(execute(sql`insert into kept values ('after')`), (error) => {
      assert.ok(error instanceof Error && !("code" in error));
      assert.match(error.message, /^the database refused a statement: duplicate key/);
      return true;
    });
  });
});
