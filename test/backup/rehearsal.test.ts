/** A rehearsed restore finds what a restore would lack, leaves nothing behind, and changes nothing in use. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createHash, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { backupCommand } from "#cli/storage/backup-commands.ts";
import { readConfig } from "#config/environment.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { fileTarget } from "#store/backup/places.ts";
import { diskBlobs } from "#store/blobs/folder.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { REHEARSAL_SETTING } from "#store/reports/last-backup.ts";
import { migratedDatabase, NOW, type OpenedStore } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const Line = z.record(z.string(), z.unknown());

describe("a rehearsed restore", () => {
  let folder = "";
  let source: OpenedStore;
  const blob = randomUUID();
  /** What was told on the way; it names the scratch database. */
  const said: string[] = [];
  const backup = (): string => join(folder, "deskhand.backup");
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "deskhand-rehearsal-"));
    source = await migratedDatabase(MAIN_DATABASE);
    await diskBlobs(join(folder, "blobs")).keep(blob, Buffer.from("a mail"));
    await source.store.run(async (transaction) => {
      await transaction.execute(sql`insert into conversation (id, channel, subject, fence, created_at, updated_at)
        values ('a', 'email', '', 0, now(), now())`);
      await transaction.execute(sql`insert into hint (channel, event_id, conversation_id, kind, payload, body_ref, received_at)
        values ('email', 'e1', 'a', 'message', '{}', ${blob}, now())`);
      await appendAudit(transaction, { kind: "turn", data: {} }, NOW);
    });
    await writeBackup(source.store, {
      target: fileTarget(backup()),
      storage: diskBlobs(join(folder, "blobs")),
      progress: () => undefined,
    });
  });
  after(async () => {
    await source.close();
    await rm(folder, { recursive: true, force: true });
  });

  const rehearse = async (...named: string[]) => {
    const environment = {
      DESKHAND_DATA: folder,
      ...(source.databaseUrl === null ? {} : { DATABASE_URL: source.databaseUrl }),
    };
    const config = readConfig(environment);
    const work = {
      store: source.store,
      config,
      clock: { now: () => NOW },
      progress: (line: string) => void said.push(line),
    };
    return backupCommand(work, ["restore", "--rehearse", ...named]);
  };

  const noted = () =>
    source.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ differences: z.string() }),
        sql`select value ->> 'differences' as differences from setting where name = ${REHEARSAL_SETTING}`,
      ),
    );

  /** The backup with other lines, whole by its own digest. */
  async function changed(change: (lines: string[]) => string[]): Promise<string> {
    const lines = gunzipSync(await readFile(backup()))
      .toString()
      .trimEnd()
      .split("\n");
    const [end = "", ...body] = change(lines).toReversed();
    const rest = body.toReversed();
    const sha256 = createHash("sha256")
      .update(rest.map((line) => `${line}\n`).join(""))
      .digest("hex");
    const ended = JSON.stringify({ ...Line.parse(JSON.parse(end)), sha256 });
    const path = join(folder, "changed.backup");
    await writeFile(path, gzipSync([...rest, ended, ""].join("\n")));
    return path;
  }

  test("says how long it took, notes that it went well, and leaves nothing behind", async () => {
    const { stdout, stderr, exitCode } = await rehearse(backup());
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /1 mails and 1 entries of the audit/);
    assert.match(stdout, /Recovery takes \d+\.\d s here/);
    assert.deepEqual(await noted(), [{ differences: "0" }]);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith("rehearsal-")),
      [],
    );
    if (MAIN_DATABASE === "postgres")
      assert.match(said.join(" "), /deskhand_rehearsal_[0-9a-f]{12}/);
    const left = await source.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ name: z.string() }),
        sql`select datname as name from pg_database where position(datname in ${said.join(" ")}) > 0 and datname like 'deskhand_rehearsal_%'`,
      ),
    );
    assert.deepEqual(left, []);
  });

  test("without a name takes the last backup, and says so when none is known", async () => {
    const { stderr, exitCode } = await rehearse();
    assert.equal(exitCode, 1);
    assert.match(stderr, /no last backup is known/);
  });

  test("finds a row less than was counted, a mail that is not there, and an audit of another installation", async () => {
    const without = await changed((lines) => lines.filter((line) => !line.startsWith('{"blob"')));
    assert.match((await rehearse(without)).stderr, /1 mails that rows name are not in the backup/);
    assert.deepEqual(await noted(), [{ differences: "1" }]);
    const less = await changed((lines) => lines.filter((line) => !line.includes('"e1"')));
    const { stderr, exitCode } = await rehearse(less);
    assert.equal(exitCode, 1);
    assert.match(stderr, /The backup says it has \d+ rows and contains \d+/);
    await source.store.run(async (transaction) => {
      await transaction.execute(sql`update audit set hash = 'x'`);
    });
    assert.match(
      (await rehearse(backup())).stderr,
      /does not contain the last entry of the backup/,
    );
  });
});
