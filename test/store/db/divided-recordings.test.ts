/** A table of recordings that an earlier version divided by month works like any other. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { runRetention } from "#jobs/privacy/retention.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { fileSource, fileTarget } from "#store/backup/places.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { diskBlobs } from "#store/blobs/folder.ts";
import { ADD_RECORDINGS, deleteRecordingsOn } from "#store/conversations/turn-recordings.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { migratedDatabase, silentLog } from "#test/store/bench.ts";
import { postgresMissing } from "#test/support/postgres.ts";

/** The table as `database partition` left it: the months that it made, and a partition for the rest. */
const DIVIDED = [
  "alter table turn_recording rename to turn_recording_before_2026_05",
  "alter table turn_recording_before_2026_05 drop constraint turn_recording_pkey",
  "drop index turn_recording_conversation, turn_recording_recorded",
  "create table turn_recording (like turn_recording_before_2026_05) partition by range (recorded_at)",
  "alter table turn_recording add primary key (turn_id, recorded_at)",
  "alter table turn_recording attach partition turn_recording_before_2026_05 for values from (minvalue) to ('2026-05-01')",
  "create table turn_recording_2026_05 partition of turn_recording for values from ('2026-05-01') to ('2026-06-01')",
  "create table turn_recording_rest partition of turn_recording default",
];

test(
  "recordings divided by month are written once, read, kept no longer than others, erased, backed up and restored plain",
  { skip: postgresMissing },
  async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "deskhand-divided-"));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const opened = await migratedDatabase("postgres");
    context.after(() => opened.close());
    const { store } = opened;
    const at = (day: string): Date => new Date(`${day}T10:00:00.000Z`);
    const record = (turns: readonly { readonly id: string; readonly day: string }[]) =>
      store.run((transaction) => {
        const rows = turns.map(({ id, day }) => ({
          turn_id: id,
          conversation_id: id === "other" ? "another" : "c",
          recorded_at: at(day),
          body: "AA==",
        }));
        const [before = "", after = ""] = ADD_RECORDINGS("|").split("|");
        return transaction.execute(
          sql`${sql.raw(before)}${JSON.stringify(rows)}::jsonb${sql.raw(after)}`,
        );
      });
    const turns = async (from = "turn_recording") => {
      const query = sql`select turn_id as turn from ${sql.raw(from)} order by 1`;
      const found = await store.run((transaction) =>
        rowsOf(transaction, z.object({ turn: z.string() }), query),
      );
      return found.map(({ turn }) => turn);
    };

    await record([{ id: "february", day: "2026-02-10" }]);
    for (const statement of DIVIDED)
      await store.run((transaction) => transaction.execute(sql.raw(statement)));
    const later = [
      { id: "april", day: "2026-04-20" },
      { id: "may", day: "2026-05-20" },
      { id: "july", day: "2026-07-20" },
      { id: "other", day: "2026-07-21" },
    ];
    await record(later);
    await record(later);
    assert.deepEqual(await turns("turn_recording_rest"), ["july", "other"]);

    await runRetention({
      store,
      blobs: { list: async function* () {}, remove: async () => undefined },
      clock: { now: () => new Date(at("2026-05-01").getTime() + 90 * 86_400_000) },
      log: silentLog,
      keep: { contentDays: 90, auditMonths: 24 },
    });
    assert.deepEqual(await turns(), ["july", "may", "other"]);

    const storage = diskBlobs(join(folder, "blobs"));
    const file = join(folder, "backup");
    const quiet = () => undefined;
    await writeBackup(store, { target: fileTarget(file), storage, progress: quiet });
    await store.run((transaction) => deleteRecordingsOn(transaction, "c"));
    assert.deepEqual(await turns(), ["other"]);
    await restoreBackup(store, {
      source: fileSource(file),
      storage,
      replace: true,
      worker: null,
      progress: quiet,
    });
    assert.deepEqual(await turns(), ["july", "may", "other"]);
    const partitions = sql`select relname as turn from pg_class where relkind in ('p', 'r') and relname like 'turn_recording_%'`;
    const left = await store.run((transaction) =>
      rowsOf(transaction, z.object({ turn: z.string() }), partitions),
    );
    assert.deepEqual(left, [], "the table is plain again");
  },
);
