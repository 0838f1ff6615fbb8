/**
 * How long recovery takes: stores many conversations, each a copy of a real one, backs them up into a file while the
 * database is in use and restores into an empty database. Ends with 1 when a conversation is missing: `npm run figures -- recovery [--conversations 50000 --json]`.
 */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { writeBackup } from "#store/backup/backup.ts";
import { backupAt } from "#store/backup/backup-file.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { verifyAudit } from "#store/audit/audit-log.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { openStore, rowsOf, type Store } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { migrate } from "#store/db/migrate.ts";
import { startFakeModel } from "#test/bench/loops/turns.ts";
import { fillFresh } from "#test/bench/stored/compare-stored.ts";
import { silentLog } from "#test/store/bench.ts";
import { freshDatabase, type FreshDatabase } from "#test/support/postgres.ts";
import { say } from "#test/support/program.ts";
import { startSharedServices } from "#test/support/processes.ts";

const CONVERSATIONS_MOST = 1_000_000;

const { values: given } = parseArgs({
  options: {
    conversations: { type: "string", default: "50000" },
    json: { type: "boolean", default: false },
  },
});
const conversations = Number(given.conversations);
if (!Number.isInteger(conversations) || conversations < 1 || conversations > CONVERSATIONS_MOST)
  throw new Error(
    `--conversations takes a whole number from 1 to ${CONVERSATIONS_MOST}, not ${given.conversations}.`,
  );

/** The seconds that some work takes, to a tenth, with what it returns. */
async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now();
  const result = await work();
  return [result, Math.round((performance.now() - began) / 100) / 10];
}

/** One conversation as the product stores it, and its copies. */
async function fill(database: FreshDatabase): Promise<void> {
  const shared = await startSharedServices();
  const model = await startFakeModel();
  try {
    await fillFresh({ shared, modelUrl: model.url, database, size: conversations }, say);
  } finally {
    model.stop();
    await shared.close();
  }
}

async function conversationsIn(store: Store): Promise<number> {
  const query = sql`select count(*)::int as n from conversation`;
  const rows = await store.run((transaction) =>
    rowsOf(transaction, z.object({ n: z.int() }), query),
  );
  return rows[0]?.n ?? 0;
}

const folder = await mkdtemp(join(tmpdir(), "deskhand-recovery-"));
const [used, empty] = [await freshDatabase(), await freshDatabase()];
const open = (databaseUrl: string, name: string): Promise<Store> =>
  openStore({ databaseUrl, folder: join(folder, name), log: silentLog });
try {
  await fill(used);
  const store = await open(used.url, "used");
  const file = { folder: join(folder, "backup") };
  say("Backing up …");
  const [backup, backupSeconds] = await timed(() =>
    writeBackup(store, {
      target: backupAt(file),
      storage: diskBlobs(join(folder, "used", "blobs")),
      progress: () => undefined,
    }),
  );
  const source = backupAt(file);
  say("Restoring …");
  const target = await open(empty.url, "empty");
  await migrate(target);
  const [, restoreSeconds] = await timed(() =>
    restoreBackup(target, {
      source,
      storage: diskBlobs(join(folder, "empty", "blobs")),
      replace: false,
      worker: null,
      progress: () => undefined,
    }),
  );
  const [before, after] = [await conversationsIn(store), await conversationsIn(target)];
  const audit = await target.run((transaction) => verifyAudit(transaction));
  await Promise.all([store.close(), target.close()]);
  const differences =
    before === after ? [] : [`${before} conversations were stored and ${after} restored.`];
  const result = {
    conversations: before,
    rows: backup.rows,
    megabytes: Math.round((await stat(file.folder)).size / 1e6),
    backup_seconds: backupSeconds,
    restore_seconds: restoreSeconds,
    audit,
    differences,
  };
  process.stdout.write(`${JSON.stringify(result, null, given.json ? 0 : 2)}\n`);
  if (differences.length > 0) process.exitCode = 1;
} finally {
  await Promise.all([used.drop(), empty.drop()]);
  await rm(folder, { recursive: true, force: true });
}
