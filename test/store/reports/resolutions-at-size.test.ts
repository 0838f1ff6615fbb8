/** Reading what a matter came to costs what the matter has, however much is stored beside it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { readResolutionFacts } from "#store/reports/resolutions.ts";
import { onEveryDatabase } from "#test/store/bench.ts";

const CONVERSATIONS = 4_000;
const READ = 50;

onEveryDatabase("what is known of conversations that are due", (bench) => {
  test("is read without a look at every message that is stored", async () => {
    await bench.run(async (transaction) => {
      await transaction.execute(sql`
        insert into conversation (id, channel, external_id, subject, owner, owner_reason, revision, created_at, updated_at)
        select 'c' || n, 'chat', 'e' || n, '', 'bot', '', '', now(), now() from generate_series(1, ${CONVERSATIONS}::int) n`);
      await transaction.execute(sql`
        with written as (
          insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at)
          select 'm' || n || kind, 'c' || n, kind, case kind when 'bot' then 'deskhand' else 'u' || n % 500 end, 'public', '', now(), now()
          from generate_series(1, ${CONVERSATIONS}::int) n, unnest(array['requester', 'bot']) kind returning id)
        insert into message_content (message_id, content)
        select id, jsonb_build_object('v', 1, 'text', repeat('word ', 100), 'author', jsonb_build_object('name', 'Ann')) from written`);
    });
    await bench.run((transaction) =>
      transaction.execute(sql.raw("analyze message, message_content, conversation")),
    );
    const ids = Array.from({ length: READ }, (_, index) => `c${index + 1}`);
    const { facts, read } = await bench.run(async (transaction) => ({
      facts: await readResolutionFacts(transaction, ids),
      read: await rowsOf(
        transaction,
        z.object({ table: z.string(), rows: z.coerce.number() }),
        sql`select relname as "table", seq_tup_read as rows from pg_stat_xact_user_tables
            where relname in ('message', 'message_content') order by relname`,
      ),
    }));
    assert.deepEqual(
      facts.map(({ elsewhere }) => elsewhere.length),
      ids.map(() => CONVERSATIONS / 500 - 1),
    );
    assert.deepEqual(read, [
      { table: "message", rows: 0 },
      { table: "message_content", rows: 0 },
    ]);
  });
});
