/** Reports on a streaming replica: read there while it follows, from the primary otherwise, and never written from. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import pg from "pg";
import { z } from "zod";
import { openReplica, openStore, rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { type Reports, reportsOf, unfitness, useReplica } from "#store/reports/replica.ts";
import { silentLog } from "#test/store/bench.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { until } from "#test/support/waiting.ts";
import { startPostgres, startReplica } from "../../../src/bootstrap/services.mjs";

const Where = z.object({ isReplica: z.boolean() });

const isReplica = async (transaction: Transaction): Promise<boolean | undefined> => {
  const query = sql`select pg_is_in_recovery() as "isReplica"`;
  return (await rowsOf(transaction, Where, query))[0]?.isReplica;
};

/** The folder of the programs the run's server was started with. */
async function programsFolder(): Promise<string> {
  const client = new pg.Client({ connectionString: process.env["TEST_DATABASE_URL"] ?? "" });
  await client.connect();
  try {
    const found: unknown = await client.query(
      "select setting as folder from pg_config where name = 'BINDIR'",
    );
    const [row] = z.object({ rows: z.array(z.object({ folder: z.string() })) }).parse(found).rows;
    return row?.folder ?? assert.fail("no folder of programs");
  } finally {
    await client.end();
  }
}

test(
  "reports are read on a replica that follows, from the primary while it is away or no replica, and write nowhere",
  { skip: postgresMissing },
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "deskhand-replica-"));
    chmodSync(folder, 0o711);
    const closing: (() => Promise<unknown>)[] = [];
    context.after(async () => {
      for (const close of closing.toReversed()) await close();
      rmSync(folder, { recursive: true, force: true });
    });
    const programs = await programsFolder();
    const primary = await startPostgres(programs, folder);
    closing.push(() => primary.stop());
    const replica = await startReplica(programs, folder, primary.url);
    const standby = { running: true };
    const stopReplica = async (): Promise<void> => {
      if (standby.running) await replica.stop();
      standby.running = false;
    };
    closing.push(stopReplica);
    const store = await openStore({
      databaseUrl: primary.url,
      folder: join(folder, "data"),
      log: silentLog,
    });
    closing.push(() => store.close());
    const warned: string[] = [];
    const log = {
      ...silentLog,
      warn: (_: string, data?: object) => warned.push(JSON.stringify(data)),
    };

    // A fresh object for each try: one that was given up is left alone for seconds.
    const reportsOn = (url: string): Reports => {
      const copy = { ...store };
      const opened = openReplica(url, silentLog);
      closing.push(() => opened.close());
      useReplica(copy, opened, log);
      return reportsOf(copy);
    };
    await store.run((transaction) => transaction.execute(sql`create table note (words text)`));
    await until("reports to be read on the replica", async () => {
      await store.run((transaction) => transaction.execute(sql`insert into note values ('kept')`));
      return reportsOn(replica.url).run(isReplica);
    });
    const onReplica = reportsOn(replica.url);
    const write = (transaction: Transaction): Promise<unknown> =>
      transaction.execute(sql`insert into note values ('by a report')`);
    await assert.rejects(onReplica.run(write), "neither server lets a report write");
    await assert.rejects(reportsOf(store).run(write));
    assert.equal(await reportsOf(store).run(isReplica), false, "without a replica, the primary");

    warned.length = 0;
    assert.equal(await reportsOn(primary.url).run(isReplica), false);
    assert.match(warned.join(), /no replica/);
    await stopReplica();
    const away = reportsOn(replica.url);
    assert.equal(await away.run(isReplica), false);
    const told = warned.length;
    assert.equal(await away.run(isReplica), false);
    assert.equal(warned.length, told, "it is not tried again at once");
  },
);

test("a replica that is behind, has replayed nothing yet or was made a primary is not read", () => {
  assert.equal(unfitness({ isReplica: true, behind: 2 }), null);
  assert.match(unfitness({ isReplica: true, behind: 16 }) ?? "", /16 s behind/);
  assert.match(unfitness({ isReplica: true, behind: null }) ?? "", /replayed nothing/);
  assert.match(unfitness({ isReplica: false, behind: 0 }) ?? "", /no replica/);
  assert.match(unfitness(undefined) ?? "", /no replica/);
});
