/** No page of the console reads a large table from end to end, whatever is stored. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { conversationsOfCase, messagesOfCase, turnsOfCase } from "#store/console/case.ts";
import { newestEntries } from "#store/audit/audit-log.ts";
import { periodFigures, rowsBehind } from "#store/console/figures.ts";
import { FigureName } from "#store/reports/counted-rows.ts";
import { conversationNotes } from "#store/console/case.ts";
import {
  alikeGroups,
  doneRows,
  inboxCounts,
  inboxRows,
  shadowRows,
  type InboxFilter,
} from "#store/console/inbox.ts";
import { effectsOfOrder, messagesWith, searchTerms } from "#store/lookup/search.ts";
import { conversationSignals } from "#store/conversations/messages.ts";
import { startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { addCase } from "#test/server/console/seed.ts";

const NOW = new Date("2026-03-02T10:00:00Z");
const EARLIER = { at: new Date("2026-03-01T10:00:00Z"), id: "a_0" };
const FURTHER = { at: new Date("2026-03-01T10:00:00Z"), id: "5~a_0" };
const DAYS = { from: new Date("2026-02-23T10:00:00Z"), to: NOW, zone: "Europe/Berlin" };
const ME = "sam@x.test";
const ALL: InboxFilter = {
  view: "open",
  me: ME,
  channel: null,
  topic: null,
  money: null,
  before: null,
  alike: null,
};

type Reading = (transaction: Transaction) => Promise<unknown>;

const READINGS: readonly (readonly [name: string, read: Reading])[] = [
  ["what is open", (t) => inboxRows(t, ALL, { after: null, now: NOW })],
  ["its second page", (t) => inboxRows(t, ALL, { after: FURTHER, now: NOW })],
  [
    "what is mine, filtered",
    (t) =>
      inboxRows(
        t,
        { ...ALL, view: "mine", channel: "email", topic: "refund", money: "some", before: NOW },
        { after: null, now: NOW },
      ),
  ],
  ["the numbers of the views", (t) => inboxCounts(t, ME, NOW)],
  ["cards of one kind", (t) => alikeGroups(t, NOW)],
  ["what is done", (t) => doneRows(t, EARLIER)],
  ["shadow drafts", (t) => shadowRows(t, EARLIER)],
  ["a case", (t) => conversationsOfCase(t, "c_1")],
  ["its messages", (t) => messagesOfCase(t, ["c_1", "c_2"], { before: 9, most: 15 })],
  ["its turns", (t) => turnsOfCase(t, ["c_1", "c_2"], 4)],
  ["its notes", (t) => conversationNotes(t, ["c_1"])],
  ["who had it", (t) => conversationSignals(t, "c_1")],
  ["messages with words", (t) => messagesWith(t, searchTerms("headphones bro") ?? "", null)],
  ["what was done about an order", (t) => effectsOfOrder(t, "789")],
  ["the figures", (t) => periodFigures(t, DAYS)],
  ["the audit", (t) => newestEntries(t, { before: 9, kind: null })],
  ...FigureName.options.map((name): readonly [string, Reading] => [
    `the rows behind ${name}`,
    (t) => rowsBehind(t, name, { days: DAYS, after: EARLIER }),
  ]),
];

describe("what the console reads", () => {
  let bench: PagesBench;
  before(async () => {
    bench = await startPages({ sandbox: true });
    await addCase(bench.store, { id: "1", at: NOW });
    await addCase(bench.store, { id: "2", at: NOW, owner: "human" });
  });
  after(async () => {
    await bench.close();
  });

  /** The large tables a reading went through from end to end, although it was told to use an index where there is one. */
  function scannedBy(read: Reading): Promise<readonly string[]> {
    return bench.store.run(async (transaction) => {
      await transaction.execute(sql`set local enable_seqscan = off`);
      const before = await scans(transaction);
      await read(transaction);
      const now = await scans(transaction);
      return [...now].flatMap(([name, count]) => (count > (before.get(name) ?? 0) ? [name] : []));
    });
  }

  async function scans(transaction: Transaction): Promise<ReadonlyMap<string, number>> {
    const rows = await rowsOf(
      transaction,
      z.object({ name: z.string(), count: z.coerce.number() }),
      sql`select relname as name, seq_scan as count from pg_stat_xact_user_tables
          where relname in ('message', 'message_content', 'conversation', 'turn', 'approval', 'effect', 'signal', 'audit')`,
    );
    return new Map(rows.map(({ name, count }) => [name, count]));
  }

  test("is noticed when it goes through a whole table", async () => {
    const all = await scannedBy((transaction) =>
      transaction.execute(
        sql`select count(*) from message_content where content ->> 'text' ilike '%x%'`,
      ),
    );
    assert.deepEqual(all, ["message_content"]);
  });

  for (const [name, read] of READINGS)
    test(`is found by an index: ${name}`, async () => {
      assert.deepEqual(await scannedBy(read), []);
    });

  test("a search is made of words alone, each of them quoted, the last one open", () => {
    assert.equal(searchTerms("  Ann O'Neil "), "'Ann' & 'ONeil':*");
    assert.equal(searchTerms("a' & !b | (c):*"), "'a' & 'b' & 'c':*");
    assert.equal(searchTerms("\\ ' -- !"), null);
  });
});
