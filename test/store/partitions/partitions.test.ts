/** Recordings divided by month while turns are written: nothing is lost, and what is old goes by whole months. */
import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, afterEach, before, describe, test } from "node:test";
import pg from "pg";
import { z } from "zod";
import { upgradeCommand } from "#cli/storage/upgrade-command.ts";
import { monthsFindings } from "#doctor/months.ts";
import { runRetention } from "#jobs/privacy/retention.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { fileSource, fileTarget } from "#store/backup/places.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { diskBlobs } from "#store/blobs/folder.ts";
import { ADD_RECORDINGS, deleteRecordingsOn } from "#store/conversations/turn-recordings.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { migrate } from "#store/db/migrate.ts";
import { divide } from "#store/partitions/divide.ts";
import { briefly, keepMonths, monthsIn } from "#store/partitions/months.ts";
import { migratedDatabase, NOW, silentLog, type OpenedStore } from "#test/store/bench.ts";
import { postgresMissing } from "#test/support/postgres.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

const DAY = 86_400_000;
const OLD = "turn_recording_before_2026_05";

describe("recordings by month", { skip: postgresMissing }, () => {
  let folder = "";
  let opened: OpenedStore;
  let client: pg.Client;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "deskhand-months-"));
  });
  after(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    opened = await migratedDatabase("postgres");
    client = await connected();
  });
  afterEach(async () => {
    await client.end();
    await opened.close();
  });

  async function connected(): Promise<pg.Client> {
    const made = new pg.Client({ connectionString: opened.databaseUrl ?? "" });
    made.on("error", () => undefined);
    await made.connect();
    return made;
  }
  const execute = (text: string) => client.query(text);
  /** As every version writes it, planned once on its connection. */
  const record = (
    turns: readonly { readonly id: string; readonly at: Date; readonly of?: string }[],
    on = client,
  ) =>
    on.query({
      name: "record",
      text: ADD_RECORDINGS("$1::jsonb"),
      values: [
        JSON.stringify(
          turns.map(({ id, at, of = "c" }) => ({
            turn_id: id,
            conversation_id: of,
            recorded_at: at,
            body: "AA==",
          })),
        ),
      ],
    });
  const some = (name: string, count: number, at: Date) =>
    Array.from({ length: count }, (_, n) => ({ id: `${name}${n}`, at }));
  const Count = z.tuple([z.object({ count: z.coerce.number() })]);
  const count = async (from = "turn_recording") =>
    Count.parse((await execute(`select count(*) from ${from}`)).rows)[0].count;
  const at = (days: number) => new Date(NOW.getTime() + days * DAY);
  const division = (
    given: { readonly now?: Date; alone?: (text: string) => Promise<unknown> } = {},
  ) => ({ alone: execute, now: NOW, log: silentLog, progress: () => undefined, ...given });
  /** Does the work while two connections write rows dated over so many days; how many they wrote. */
  async function whileWriting(days: number, work: () => Promise<void>): Promise<number> {
    const writers = await Promise.all([connected(), connected()]);
    const ending = new AbortController();
    const written = writers.map(async (writer, which) => {
      let rows = 0;
      for (; !ending.signal.aborted; rows += 1)
        // Each is written twice, as after a commit whose answer was lost.
        for (const _ of [1, 2])
          await record([{ id: `w${which}-${rows}`, at: at((rows * 7) % days) }], writer);
      return rows;
    });
    try {
      await work();
    } finally {
      ending.abort();
    }
    const rows = await Promise.all(written);
    for (const writer of writers) await writer.end();
    return rows.reduce((sum, each) => sum + each, 0);
  }
  const names = async () => {
    const { months } = await opened.store.run(monthsIn);
    return months.map(({ name }) => name);
  };
  const retain = (now: Date) =>
    runRetention({
      store: opened.store,
      blobs: { list: async function* () {}, remove: async () => undefined },
      clock: { now: () => now },
      log: silentLog,
      keep: { contentDays: 90, auditMonths: 24 },
    });

  test("a table is divided while turns are written, by connections that planned before, and no row is lost or twice", async () => {
    await record(some("old", 300, at(-40)));
    const written = await whileWriting(60, () => divide(opened.store, division()));
    assert.ok(written > 0);
    assert.equal(await count(), 300 + written);
    assert.deepEqual(await names(), [OLD, "turn_recording_2026_05", "turn_recording_2026_06"]);
  });

  test("a month is made while its rows are written, and none of them fails", async () => {
    await divide(opened.store, division());
    const written = await whileWriting(600, async () => {
      for (let month = 1; month < 12; month += 1)
        await keepMonths(opened.store, {
          now: at(month * 30),
          cutoff: new Date(0),
          log: silentLog,
        });
    });
    assert.equal(await count(), written);
    assert.ok((await names()).includes("turn_recording_2027_04"));
  });

  test("killed between any two steps it leaves a table that takes and refuses the same, and the next call goes on", async () => {
    await record(some("old", 20, at(-1)));
    for (const step of [1, 2, 3, 4]) {
      const killed = (line: string): void => {
        if (line.startsWith(`${step} of`)) throw new Error("killed");
      };
      await assert.rejects(divide(opened.store, { ...division(), progress: killed }), /killed/);
      await record([...some("old", 20, at(-1)), { id: `step${step}`, at: NOW }]);
      assert.equal(await count(), 20 + step);
    }
    await divide(opened.store, division());
    await record(some("old", 20, at(-1)));
    assert.equal(await count(OLD), 24);
    await divide(opened.store, division());
  });

  test("an index whose making was killed is made again", async (context) => {
    const holder = await connected();
    await holder.query("begin; insert into turn_recording values ('held', 'c', now(), '')");
    const killed = await connected();
    const making = divide(opened.store, division({ alone: (text) => killed.query(text) }));
    const failed = assert.rejects(making);
    const invalid = "pg_index where not indisvalid";
    await context.waitFor(
      async () =>
        assert.equal(await count("pg_stat_progress_create_index where index_relid <> 0"), 1),
      { timeout: PATIENCE_MS },
    );
    await assert.rejects(divide(opened.store, division()), /Begin again when it is done/);
    await execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like 'create unique index%'",
    );
    await failed;
    await holder.query("rollback");
    await holder.end();
    assert.equal(await count(invalid), 1);
    await divide(opened.store, division());
    assert.equal(await count(invalid), 0);
  });

  test("whole months are dropped, and of the month in which the time ends the old rows go one by one and no others", async () => {
    await divide(opened.store, division());
    await record([
      ...some("april", 150, at(40)),
      ...some("may", 120, at(63)),
      ...some("late may", 120, at(85)),
      ...some("june", 120, at(100)),
    ]);
    const now = at(85 + 90);
    while ((await retain(now)) === "more");
    assert.deepEqual(await names(), [
      "turn_recording_2026_05",
      "turn_recording_2026_06",
      "turn_recording_2026_08",
      "turn_recording_2026_09",
      "turn_recording_2026_10",
      "turn_recording_2026_11",
    ]);
    assert.deepEqual(
      (
        await execute(
          "select distinct rtrim(turn_id, '0123456789') as name from turn_recording order by 1",
        )
      ).rows,
      [{ name: "june" }, { name: "late may" }],
    );
    assert.equal(await count(), 240);
  });

  test("rows of a month that was not made in time are kept, move when it is made, and doctor says so meanwhile", async () => {
    await divide(opened.store, division());
    await record(some("july", 30, at(130)));
    assert.equal(await count("turn_recording_rest"), 30);
    const findings = () => monthsFindings({ store: opened.store, clock: { now: () => at(130) } });
    assert.match((await findings())[0]?.found ?? "", /no month 2026-07, 2026-08, 2026-09, 2026-10/);
    await retain(at(130));
    assert.equal((await findings())[0]?.state, "ok");
    assert.equal(await count("turn_recording_rest"), 0);
    assert.equal(await count("turn_recording_2026_07"), 30);
  });

  test("a conversion that was not finished is told by doctor, and its bound is taken back before it refuses a row", async () => {
    const killed = (line: string): void => {
      if (line.startsWith("4 of")) throw new Error("killed");
    };
    await assert.rejects(divide(opened.store, { ...division(), progress: killed }));
    const [finding] = await monthsFindings({ store: opened.store, clock: { now: () => NOW } });
    assert.match(finding?.found ?? "", /begun and not finished/);
    await assert.rejects(record(some("may", 1, at(65))), /turn_recording_before_2026_05/);
    await retain(at(56));
    await record(some("may", 1, at(65)));
    await divide(opened.store, division({ now: at(56) }));
    assert.equal((await names())[0], "turn_recording_before_2026_06");
  });

  test("older code that runs is named and refused, and refused at its start afterwards", async () => {
    await execute(
      "insert into heartbeat (worker, at, seen_at, knows) values ('old one', now(), now(), '0063_trace_context.sql')",
    );
    await assert.rejects(divide(opened.store, division()), /old one/);
    await execute("update heartbeat set knows = '0064_partitions.sql'");
    await divide(opened.store, division());
    const older = join(folder, "older");
    await cp(join(import.meta.dirname, "../../../src/store/db/migrations"), older, {
      recursive: true,
    });
    for (const file of await readdir(older)) if (file >= "0064") await rm(join(older, file));
    await assert.rejects(migrate(opened.store, older), /newer Deskhand/);
    await migrate(opened.store);
  });

  test("an erasure reaches every month, and what others may do with the table stays", async () => {
    const role = `reader_${process.pid}`;
    await execute(`create role ${role}`);
    await execute(`grant select on turn_recording to ${role}`);
    const spread = [-30, 10, 70, 400].map((days) => ({ id: `t${days}`, at: at(days) }));
    await record(spread.slice(0, 1));
    await divide(opened.store, division());
    await record([...spread.slice(1), { id: "other", at: NOW, of: "another" }]);
    await execute(`set role ${role}`);
    assert.equal(await count(), 5);
    await execute("reset role");
    await execute(`drop owned by ${role}; drop role ${role}`);
    await opened.store.run((transaction) => deleteRecordingsOn(transaction, "c"));
    assert.equal(await count(), 1);
  });

  test("a backup has the rows of every month, restores into a plain table and over a divided one, and an upgrade can be checked", async () => {
    await record(some("old", 250, at(-10)));
    await divide(opened.store, division());
    await record(some("new", 250, at(70)));
    const storage = diskBlobs(join(folder, "blobs"));
    const file = join(folder, "backup");
    const quiet = () => undefined;
    await writeBackup(opened.store, { target: fileTarget(file), storage, progress: quiet });
    const result = await upgradeCommand(
      { DESKHAND_DATA: folder, DATABASE_URL: opened.databaseUrl ?? "" },
      ["upgrade", "--check", "--backup-elsewhere"],
      NOW,
    );
    assert.equal(result.exitCode, 0, result.stdout);
    const restore = { source: fileSource(file), storage, replace: true, worker: null };
    await restoreBackup(opened.store, { ...restore, progress: quiet });
    assert.equal((await opened.store.run(monthsIn)).isPartitioned, false);
    assert.equal(await count(), 500);
    assert.equal(await count("pg_tables where tablename ~ '^turn_recording.'"), 0);
    const worksWith = await opened.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ works_with: z.string() }),
        sql`select works_with from deskhand_migration where name like '0064%'`,
      ),
    );
    assert.deepEqual(worksWith, [{ works_with: "0028" }]);
  });

  test("a change that cannot have the table gives up within a moment, so that writers go on", async () => {
    const holder = await connected();
    await holder.query("begin; select count(*) from turn_recording");
    const changing = briefly(opened.store, ["alter table turn_recording add column later text"]);
    for (let n = 0; n < 5; n += 1) await record(some(`n${n}-`, 1, NOW));
    assert.equal(await count(), 5);
    await holder.query("commit");
    await holder.end();
    await changing;
  });
});
