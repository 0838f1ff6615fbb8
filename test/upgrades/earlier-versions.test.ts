/**
 * Databases as the code of earlier versions left them come to the version of today: no row is lost, what they hold is
 * read by today's code, and the record of it verifies. `npm run package -- earlier-version` makes such a dump.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { PGlite } from "@electric-sql/pglite";
import pg from "pg";
import { z } from "zod";
import { openPolicyInForce } from "#policy/load-policy.ts";
import { loadApproval } from "#store/approvals/approvals.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { KEPT_TABLES } from "#store/backup/backup.ts";
import { loadConversation } from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import { openStore, rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { existingTables } from "#store/db/in-use.ts";
import { migrate } from "#store/db/migrate.ts";
import { planUpgrade } from "#store/db/upgrade-plan.ts";
import { effectByKey } from "#store/effects/ledger.ts";
import { emptyDatabase, silentLog } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const FOLDER = join(import.meta.dirname, "../fixtures/earlier-versions");
const DUMPS = readdirSync(FOLDER).toSorted();

/** The dump in a database of its own, not migrated. */
async function opened(context: TestContext, name: string): Promise<Store> {
  const dump = gunzipSync(readFileSync(join(FOLDER, name))).toString("utf8");
  const database = await emptyDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { databaseUrl, folder } = database;
  if (databaseUrl === null) {
    await database.store.close();
    const embedded = await PGlite.create({ dataDir: join(folder, "pglite") });
    await embedded.exec(dump);
    await embedded.close();
    return openStore({ databaseUrl, folder, log: silentLog });
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(dump);
  await client.end();
  return database.store;
}

/** The rows of each table of ours that is there. */
async function countsOf(transaction: Transaction): Promise<Record<string, number>> {
  const there = await existingTables(transaction);
  const counts: Record<string, number> = {};
  for (const table of KEPT_TABLES.filter((name) => there.includes(name))) {
    const [row] = await rowsOf(
      transaction,
      z.object({ count: z.int() }),
      sql`select count(*)::int as count from ${sql.identifier(table)}`,
    );
    counts[table] = row?.count ?? 0;
  }
  return counts;
}

const idsOf = async (transaction: Transaction, query: ReturnType<typeof sql>) =>
  (await rowsOf(transaction, z.object({ id: z.string() }), query)).map(({ id }) => id);

describe("a database of an earlier version", () => {
  test("there are dumps of each released version", () => {
    for (const version of ["0.1.0", "0.2.0", "0.3.0"])
      assert.ok(DUMPS.includes(`${version}.sql.gz`), version);
  });

  for (const name of DUMPS)
    test(`${name} comes to today with every row, and today's code reads them`, async (context) => {
      const store = await opened(context, name);
      const before = await store.run(countsOf);
      assert.ok((before["conversation"] ?? 0) >= 3 && (before["effect"] ?? 0) >= 2);
      const plan = await store.run(planUpgrade);
      assert.deepEqual(
        (await migrate(store)).applied,
        plan.pending.map((migration) => migration.name),
      );
      const after = await store.run(countsOf);
      // A migration notes the head of the audit there.
      const { setting = 0, ...others } = before;
      assert.ok((after["setting"] ?? 0) >= setting);
      assert.deepEqual(
        Object.fromEntries(Object.keys(others).map((table) => [table, after[table]])),
        others,
      );
      await store.run(async (transaction) => {
        const texts: string[] = [];
        for (const id of await idsOf(transaction, sql`select id from conversation`)) {
          assert.equal((await loadConversation(transaction, id))?.conversation.id, id);
          for (const { message } of await conversationMessages(transaction, id))
            texts.push(message.text);
        }
        assert.ok(texts.includes("Please refund my order 789, it arrived broken."));
        for (const key of await idsOf(transaction, sql`select key as id from effect`))
          assert.equal((await effectByKey(transaction, key))?.key, key);
        for (const id of await idsOf(transaction, sql`select id from approval`))
          assert.equal((await loadApproval(transaction, id))?.id, id);
        for (const text of await idsOf(
          transaction,
          sql`select text as id from policy_change where state = 'active'`,
        ))
          openPolicyInForce(text);
        const audit = await verifyAudit(transaction);
        assert.deepEqual([audit.brokenAt, audit.entries > 0], [null, true]);
      });
    });
});
