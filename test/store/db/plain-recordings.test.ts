/** Recordings that a clone between two releases divided by month are one table again, with all rows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { pendingFor } from "#store/db/migrate.ts";
import { migratedDatabase } from "#test/store/bench.ts";
import { postgresMissing } from "#test/support/postgres.ts";

const MIGRATION = pendingFor([]).find(({ name }) => name === "0075_plain_recordings.sql");

test("divided recordings are one table again", { skip: postgresMissing }, async (context) => {
  const opened = await migratedDatabase("postgres");
  context.after(() => opened.close());
  const { text = "" } = MIGRATION ?? {};
  for (const statement of [
    "alter table turn_recording rename to turn_recording_before_2026_05",
    "alter table turn_recording_before_2026_05 drop constraint turn_recording_pkey",
    "drop index turn_recording_conversation, turn_recording_recorded",
    "create table turn_recording (like turn_recording_before_2026_05) partition by range (recorded_at)",
    "alter table turn_recording add primary key (turn_id, recorded_at)",
    "alter table turn_recording attach partition turn_recording_before_2026_05 for values from (minvalue) to ('2026-05-01')",
    "create table turn_recording_rest partition of turn_recording default",
    "insert into turn_recording values ('april', 'c', '2026-04-20', ''), ('july', 'c', '2026-07-20', '')",
    text.slice(text.indexOf("do $$")),
  ])
    await opened.store.run((transaction) => transaction.execute(sql.raw(statement)));
  const left = await opened.store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ name: z.string(), turns: z.string() }),
      sql`select relname as name, (select string_agg(turn_id, ' ' order by turn_id) from turn_recording) as turns
          from pg_class where relkind in ('p', 'r') and relname like 'turn_recording%'`,
    ),
  );
  assert.deepEqual(left, [{ name: "turn_recording", turns: "april july" }]);
});
