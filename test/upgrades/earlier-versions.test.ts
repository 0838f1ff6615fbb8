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
import { existingTables } from "#store/db/duty-leases.ts";
import { migrate, planUpgrade } from "#store/db/migrate.ts";
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

/** One line for each column, index and constraint. Names that PostgreSQL gives to constraints by itself are left out. */
async function tablesIn(transaction: Transaction): Promise<readonly string[]> {
  const lines = await rowsOf(
    transaction,
    z.object({ line: z.string() }),
    sql`select concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default, is_identity, generation_expression) as line
          from information_schema.columns where table_schema = 'public'
        union all select indexdef from pg_indexes
          where schemaname = 'public' and indexname not in (select conname from pg_constraint)
        union all select conrelid::regclass || ' ' || pg_get_constraintdef(oid) from pg_constraint
          where connamespace = 'public'::regnamespace`,
  );
  return lines.map(({ line }) => line).toSorted();
}

const idsOf = async (transaction: Transaction, query: ReturnType<typeof sql>) =>
  (await rowsOf(transaction, z.object({ id: z.string() }), query)).map(({ id }) => id);

describe("a database of an earlier version", () => {
  test("there is a dump of the last release", () => {
    assert.deepEqual(DUMPS, ["0.3.0.sql.gz"]);
  });

  test("has the columns, indexes and constraints of a new one, whatever their order", async (context) => {
    const fresh = await emptyDatabase(MAIN_DATABASE);
    context.after(() => fresh.close());
    await migrate(fresh.store);
    const expected = await fresh.store.run(tablesIn);
    assert.ok(expected.length > 500);
    for (const name of DUMPS) {
      const store = await opened(context, name);
      await migrate(store);
      assert.deepEqual(await store.run(tablesIn), expected, name);
      assert.deepEqual(await migrate(store), { applied: [] });
    }
  });

  test("what 0.3.0 said in sentences alone is found in them", async (context) => {
    const store = await opened(context, "0.3.0.sql.gz");
    await store.run(async (transaction) => {
      for (const [id, owner, solved, reason] of [
        ["a", "human", false, "Taken over by Sam O. Li"],
        ["b", "human", false, "Rejected, Sam answers: Rejected, Ben answers"],
        ["c", "human", false, "handed to people: delicate: self harm (“words”)"],
        ["d", "human", false, "handed to people: delicate: legal; more"],
        ["e", "human", true, "Taken over by Sam"],
        ["f", "human", false, "handed to people: indelicate: legal"],
        ["g", "bot", false, "Taken over by Sam"],
      ] as const)
        await transaction.execute(sql`insert into conversation
          (id, channel, owner, owner_reason, solved_at, created_at, updated_at)
          values (${`owner-${id}`}, 'email', ${owner}, ${reason}, ${solved ? "2026-01-01" : null}::timestamptz, now(), now())`);
      for (const [key, outcome, reason] of [
        ["thanks", "ignored", "only thanks, nothing to answer"],
        [
          "unproven",
          "ignored",
          "put aside: its sender is not proven, and what waits here rests on proof",
        ],
        ["other", "ignored", "for another reason"],
        ["answered", "answered", "only thanks, nothing to answer"],
      ])
        await transaction.execute(sql`insert into message
          (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at, outcome, outcome_reason)
          values (${`over-${key ?? ""}`}, 'owner-a', 'requester', 'a', 'public', '', now(), now(), ${outcome}, ${reason})`);
      await transaction.execute(sql`insert into turn (id, conversation_id, started_at, outcome, trace)
        values ('recent', 'owner-a', now(), 'answered', '{"steps": 3, "output_tokens": 40}')`);
    });
    await migrate(store);
    const found = await store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ id: z.string(), said: z.array(z.string().nullable()) }),
        sql`select id, array[owner_holder, owner_delicate] as said from conversation where id like 'owner-%'
            union all select key, array[passed_over] from message where key like 'over-%'
            union all select 'usage', array[sum(steps)::text, sum(output_tokens)::text] from turn_usage
              where slot > now() - interval '1 hour'
            union all select 'to decide', array[(count(*) = (select count(*) from conversation))::text] from resolution
            order by id`,
      ),
    );
    assert.deepEqual(Object.fromEntries(found.map(({ id, said }) => [id, said])), {
      "over-answered": [null],
      "over-other": [null],
      "over-thanks": ["thanks"],
      "over-unproven": ["unproven"],
      "owner-a": ["Sam O. Li", null],
      "owner-b": ["Sam", null],
      "owner-c": [null, "self_harm"],
      "owner-d": [null, "legal"],
      "owner-e": [null, null],
      "owner-f": [null, null],
      "owner-g": [null, null],
      "to decide": ["true"],
      usage: ["3", "40"],
    });
  });

  for (const name of DUMPS)
    test(`${name} comes to today with every row, and today's code reads them`, async (context) => {
      const store = await opened(context, name);
      const before = await store.run(countsOf);
      assert.ok((before["conversation"] ?? 0) >= 3 && (before["effect"] ?? 0) >= 2);
      const plan = await store.run(planUpgrade, "file");
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
