/** What runs by the clock costs what is due, however much is stored beside it. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { z } from "zod";
import { isAuditOlder } from "#store/audit/audit-log.ts";
import { takeConversationsToWake } from "#store/conversations/due-work.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { hasOpenEnds } from "#store/effects/recovery.ts";
import { RETENTION_RULES } from "#store/privacy/retention.ts";
import { periodFigures } from "#store/console/figures.ts";
import {
  readResolutionFacts,
  storeResolutions,
  takeDueResolutions,
} from "#store/reports/resolutions.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { dueSteps } from "#store/schedule/due-steps.ts";
import { later, messageOf, NOW, onEveryDatabase } from "#test/store/bench.ts";

const CONVERSATIONS = 10_000;
const AUTHORS = 2_500;
const DUE = 50;
const DAY_MS = 86_400_000;

const CONTENT = JSON.stringify(
  DOCUMENTS.message.encode(messageOf("m", { text: "word ".repeat(100) })),
);

/** One in four hundred is old, and the others came two days later. */
const AT = sql`lateral (select ${NOW}::timestamptz + case when n % 400 > 0 then interval '2 days' else '0' end as at) times`;

/** Of each thing that is due, a few dozen rows may be read. */
const ROWS_EACH = 80;

const due = Array.from({ length: DUE }, (_, index) => `c${index + 1}`);
const span = { from: later(-DAY_MS), to: NOW };

type Work = (transaction: Transaction) => Promise<unknown>;

const look = (transaction: Transaction) =>
  dueSteps(transaction, { name: "l", holder: "h", forMs: 3_000, now: NOW, settings: [] });

/** Steps with how many things they find. */
const STEPS: readonly (readonly [name: string, found: number, work: Work])[] = [
  ["the look at what is due", 1, look],
  ["the look after downtime", 1, hasOpenEnds],
  ["the look for old entries of the audit", 1, (transaction) => isAuditOlder(transaction, NOW)],
  [
    "waking what has waited",
    DUE,
    async (transaction) => {
      await transaction.execute(sql`update hint set state = 'unread' where id <= ${DUE}`);
      const at = { now: NOW, mailBefore: NOW, dueBefore: NOW, rungBefore: NOW, limit: 1_000 };
      const woken = await takeConversationsToWake(transaction, at);
      assert.equal(woken.length, DUE);
    },
  ],
  [
    "deciding how matters ended",
    DUE,
    async (transaction) => {
      assert.equal((await takeDueResolutions(transaction, NOW, DUE)).length, DUE);
      const facts = await readResolutionFacts(transaction, due);
      assert.ok(facts.every(({ elsewhere }) => elsewhere.length === CONVERSATIONS / AUTHORS - 1));
      const rows = due.map((conversationId) => ({ conversationId, dueAt: null, rows: [] }));
      await storeResolutions(transaction, rows, NOW);
    },
  ],
  ["the figures of a day without messages", 1, (transaction) => periodFigures(transaction, span)],
  ...RETENTION_RULES.map((rule) => {
    const now = later(DAY_MS);
    return [
      `removing old ${rule.name}`,
      100,
      (transaction: Transaction) =>
        rule.remove(transaction, { content: now, records: now, day: now }, now),
    ] as const;
  }),
];

onEveryDatabase("beside thousands of conversations", (bench) => {
  before(async () => {
    await bench.execute(sql`
      insert into conversation (id, channel, external_id, subject, owner_reason, created_at, updated_at)
      select 'c' || n, 'chat', 'e' || n, 'a subject', '', at, at
      from generate_series(1, ${CONVERSATIONS}::int) n, ${AT}`);
    await bench.execute(sql`
      with written as (
        insert into message (key, conversation_id, author_kind, author_id, visibility, text_digest, sent_at, received_at, outcome, outcome_at)
        select 'm' || n || kind, 'c' || n, kind, case kind when 'bot' then 'deskhand' else 'u' || n % ${AUTHORS}::int end,
          'public', '', ${NOW}, ${NOW}::timestamptz + (n % 40) * interval '2 hours', case kind when 'requester' then 'answered' end, case kind when 'requester' then ${NOW}::timestamptz end
        from generate_series(1, ${CONVERSATIONS}::int) n, unnest(array['requester', 'bot']) kind returning id)
      insert into message_content (message_id, content)
      select id, ${CONTENT}::jsonb from written`);
    await bench.execute(sql`
      insert into hint (channel, event_id, conversation_id, kind, payload, received_at, state)
      select 'chat', 'e' || n, 'c' || n, 'message', '{}', ${NOW}, 'read' from generate_series(1, ${CONVERSATIONS}::int) n`);
    await bench.execute(sql`
      insert into resolution (conversation_id, due_at, changed)
      select 'c' || n, case when n <= ${DUE} then ${NOW}::timestamptz end, true from generate_series(1, ${CONVERSATIONS}::int) n`);
    await bench.execute(sql`
      insert into audit (at, kind, data, previous, hash)
      select ${NOW}, 'turn', '{}', '', '' from generate_series(1, ${CONVERSATIONS}::int) n`);
    await bench.execute(sql`analyze`);
  });

  /** Rows that are read by the work; what it did, and what was prepared for it, is taken back. */
  async function rowsReadBy(work: Work, prepare: Work = async () => undefined): Promise<number> {
    const takenBack = new Error("what was done is taken back");
    const seen = { rows: 0 };
    await assert.rejects(
      bench.run(async (transaction) => {
        await prepare(transaction);
        const before = await rowsRead(transaction);
        await work(transaction);
        seen.rows = (await rowsRead(transaction)) - before;
        throw takenBack;
      }),
      (error) => error === takenBack || (error instanceof Error && error.cause === takenBack),
    );
    return seen.rows;
  }

  for (const [name, found, work] of STEPS)
    test(`${name} reads no table as a whole`, async () => {
      const rows = await rowsReadBy(work);
      assert.ok(rows <= ROWS_EACH * found, `${rows} rows`);
    });

  for (const [name, work] of [
    ["the look at what is due", look],
    ["the look after downtime", hasOpenEnds],
  ] as const)
    test(`${name} ends at the first of thousands of open messages`, async () => {
      const rows = await rowsReadBy(work, (transaction) =>
        transaction.execute(
          sql`update message set outcome = null, outcome_at = null where author_kind = 'requester'`,
        ),
      );
      assert.ok(rows <= ROWS_EACH, `${rows} rows`);
    });
});

/** Rows of tables that grow which this transaction has read so far. */
async function rowsRead(transaction: Transaction): Promise<number> {
  const [row] = await rowsOf(
    transaction,
    z.object({ rows: z.coerce.number() }),
    sql`select coalesce(sum(seq_tup_read + coalesce(idx_tup_fetch, 0)), 0) as rows from pg_stat_xact_user_tables
        where relname in ('conversation', 'message', 'message_content', 'hint', 'resolution', 'audit')`,
  );
  return row?.rows ?? Number.NaN;
}
