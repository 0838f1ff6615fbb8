/** The commands `backup` and `restore`. */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { secretSource } from "#config/secret-source.ts";
import { blobPlaceOf, placeNamed } from "#config/storage.ts";
import type { Config } from "#config/environment.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { type BackupKey, backupKeyFrom } from "#store/backup/backup-key.ts";
import { type BackupSource, sourceAt, targetAt } from "#store/backup/places.ts";
import { type Rehearsal, rehearseRestore } from "#store/backup/rehearse.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { openScratch } from "#store/backup/scratch.ts";
import { storageAt } from "#store/blobs/storage.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { existingTables } from "#store/db/in-use.ts";
import { migrate } from "#store/db/migrate.ts";
import { lastBackup, noteBackup, noteRehearsal } from "#store/reports/last-backup.ts";
import { createLog } from "#telemetry/log.ts";
import { callControl, type CommandResult } from "#cli/control.ts";
import { runTyped } from "#cli/standalone/run-typed.ts";

const HOW = {
  backup:
    "writes the database and the kept mails into one file or to s3://bucket/prefix/name, also while Deskhand runs",
  keyFile: "the file with the key that encrypts it; DESKHAND_BACKUP_KEY_FILE unless given",
  unencrypted: "without a key, into a bucket as well",
  plain: "reads a backup that is not encrypted, also from a bucket or where a key is set",
  restore: "puts a backup in the place of an empty database; Deskhand must not run",
  replace: "in the place of one that has content, which is lost",
  rehearse:
    "restores into a scratch database instead, compares, says how long it took, and changes nothing; the last backup unless one is named",
} as const;

/** What a backup is made of, and who asks for it. */
interface Kept {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly progress: (line: string) => void;
}

interface BackupOptions {
  readonly keyFile?: string;
  readonly unencrypted?: boolean;
}

interface RestoreOptions extends BackupOptions {
  readonly replace?: boolean;
  readonly rehearse?: boolean;
}

/** What each command does, where it runs; each returns the text to print. */
interface Work {
  backup(place: string, options: BackupOptions): Promise<string>;
  restore(place: string, options: RestoreOptions): Promise<string>;
  rehearse(place: string | null, options: RestoreOptions): Promise<string>;
}

/** Lists the two commands in `help`; they run before any other command opens the data. */
export function describeBackup(program: Command): void {
  commandsOn(program);
}

function commandsOn(program: Command): { readonly backup: Command; readonly restore: Command } {
  const backup = program
    .command("backup <file>")
    .description(HOW.backup)
    .option("--key-file <path>", HOW.keyFile)
    .option("--unencrypted", HOW.unencrypted);
  const restoring = program
    .command("restore [file]")
    .description(HOW.restore)
    .option("--key-file <path>", HOW.keyFile)
    .option("--unencrypted", HOW.plain)
    .option("--replace", HOW.replace)
    .option("--rehearse", HOW.rehearse);
  return { backup, restore: restoring };
}

/** Resolves files against the caller's folder, since the running process has another one. */
export function withWholeFile(argv: readonly string[], folder: string): readonly string[] {
  const [name = "", ...rest] = argv;
  const whole = (word: string): string =>
    word.startsWith("-") || word.startsWith("s3:") ? word : resolve(folder, word);
  const KEY = "--key-file=";
  return [
    name,
    ...rest.map((word) =>
      word.startsWith(KEY) ? `${KEY}${whole(word.slice(KEY.length))}` : whole(word),
    ),
  ];
}

/**
 * The running process writes the backup and rehearses if there is one. A restore takes the data's lock, so it refuses
 * while one runs.
 */
export async function backupOrRestore(
  config: Config,
  argv: readonly string[],
  progress: (line: string) => void,
): Promise<CommandResult> {
  if (argv[0] === "backup" || argv.includes("--rehearse")) {
    const answered = await callControl(config.dataFolder, argv, progress);
    if (answered !== null) return answered;
  }
  const kept = { config, clock: { now: () => new Date() }, progress };
  const withStore = async (work: (store: Store) => Promise<string>): Promise<string> => {
    const store = await openStore({
      databaseUrl: config.environment.DATABASE_URL ?? null,
      folder: config.dataFolder,
      log: createLog("warn"),
    });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };
  return run(argv, {
    backup: (place, options) =>
      withStore(async (store) => {
        await migrate(store);
        return backUp({ ...kept, store }, place, options);
      }),
    restore: (place, options) => withStore((store) => restore({ ...kept, store }, place, options)),
    rehearse: (place, options) =>
      withStore((store) => rehearse({ ...kept, store }, place, options)),
  });
}

/** `backup` and `restore --rehearse` inside the running process. */
export function backupCommand(kept: Kept, argv: readonly string[]): Promise<CommandResult> {
  return run(argv, {
    backup: (place, options) => backUp(kept, place, options),
    restore: async () => {
      throw new Error("Deskhand runs. Stop it first.");
    },
    rehearse: (place, options) => rehearse(kept, place, options),
  });
}

function run(argv: readonly string[], work: Work): Promise<CommandResult> {
  return runTyped(argv, (program, say) => {
    const commands = commandsOn(program);
    commands.backup.action(async (place: string, options: BackupOptions) => {
      say(`${await work.backup(place, options)}\n`);
    });
    commands.restore.action(async (place: string | undefined, options: RestoreOptions) => {
      say(`${await restoreOrRehearse(work, place ?? null, options)}\n`);
    });
  });
}

function restoreOrRehearse(
  work: Work,
  place: string | null,
  options: RestoreOptions,
): Promise<string> {
  const { replace = false, rehearse: isRehearsal = false } = options;
  if (isRehearsal && replace)
    throw new DeskhandError("input.invalid", "a rehearsal replaces nothing: leave --replace out");
  if (isRehearsal) return work.rehearse(place, options);
  if (place === null)
    throw new DeskhandError("input.invalid", "restore needs the name of a backup to restore");
  return work.restore(place, options);
}

/** The key a command names, or the one that is set; null where there is none, or where none is wanted. */
function keyOf(
  { environment }: Config,
  { keyFile, unencrypted = false }: BackupOptions,
): BackupKey | null {
  if (unencrypted && keyFile !== undefined)
    throw new DeskhandError("input.invalid", "--unencrypted and --key-file contradict each other");
  const path = unencrypted ? undefined : (keyFile ?? environment.DESKHAND_BACKUP_KEY_FILE);
  if (path === undefined) return null;
  const found = secretSource({ file: path }, { environment: {}, folder: (file) => resolve(file) });
  if ("reason" in found) throw new DeskhandError("config.invalid", found.reason);
  return backupKeyFrom(found.source().reveal(), path);
}

async function backUp(
  { store, config, progress }: Kept,
  named: string,
  options: BackupOptions,
): Promise<string> {
  const key = keyOf(config, options);
  const place = placeNamed(named, config.environment);
  if ("bucket" in place && key === null && options.unencrypted !== true)
    throw new DeskhandError(
      "input.invalid",
      "a backup in a bucket is encrypted: give it a key (--key-file FILE or DESKHAND_BACKUP_KEY_FILE), or say --unencrypted",
    );
  const target = targetAt(place, key);
  if (await target.isTaken()) throw new Error(`${target.name} exists already and was left alone`);
  progress("Reading the database …");
  const { tables, rows, blobs, gone, takenAt } = await writeBackup(store, {
    target,
    storage: storageAt(blobPlaceOf(config)),
    progress,
  });
  await store.run((transaction) => noteBackup(transaction, new Date(takenAt), target.name));
  const missing = gone === 0 ? "" : ` (${gone} more were removed meanwhile)`;
  const protection =
    key === null
      ? "It holds secrets and people's words: keep it where only you can read it."
      : `It is encrypted with the key ${key.id}: keep that key elsewhere, since without it the backup is lost.`;
  return `Wrote ${target.name}: ${rows} rows of ${tables} tables and ${blobs} mails${missing}, as of ${takenAt}. ${protection}`;
}

async function restore(
  { store, config, progress }: Kept,
  named: string,
  options: RestoreOptions,
): Promise<string> {
  const done = await restoreBackup(store, {
    source: sourceOf(config, named, options),
    storage: storageAt(blobPlaceOf(config)),
    replace: options.replace ?? false,
    worker: workerOf(config.dataFolder),
    progress,
  });
  return `Restored ${done.rows} rows and ${done.blobs} mails as of ${done.takenAt}${migratedTo(done)}. The next start is paused until a lead resumes it.`;
}

function sourceOf(config: Config, named: string, options: RestoreOptions): BackupSource {
  const { unencrypted = false } = options;
  const key = keyOf(config, options);
  return sourceAt(placeNamed(named, config.environment), { key, unencrypted });
}

function migratedTo({ migrated }: { readonly migrated: readonly string[] }): string {
  return migrated.length === 0 ? "" : `, brought to this version (${migrated.join(", ")})`;
}

/** Throws with every difference; the outcome is noted either way. */
async function rehearse(
  kept: Kept,
  named: string | null,
  options: RestoreOptions,
): Promise<string> {
  const { store, config, clock, progress } = kept;
  const isThere = await store.run(async (transaction) =>
    (await existingTables(transaction)).includes("setting"),
  );
  const place = named ?? (isThere ? ((await store.run(lastBackup))?.place ?? null) : null);
  if (place === null)
    throw new DeskhandError("input.invalid", "no last backup is known here: name one to rehearse");
  const source = sourceOf(config, place, options);
  const scratch = await openScratch({
    databaseUrl: config.environment.DATABASE_URL ?? null,
    dataFolder: config.dataFolder,
    log: createLog("warn"),
  });
  const found = await scratchUsed(scratch, () => {
    progress(`Rehearsing in ${scratch.what}.`);
    return rehearseRestore(store, { source, scratch, progress });
  });
  const { check, restore: filling } = found.seconds;
  const seconds = check + filling;
  if (isThere)
    await store.run((transaction) =>
      noteRehearsal(transaction, {
        at: clock.now(),
        place,
        seconds,
        differences: found.differences.length,
      }),
    );
  const lines = reportOf(place, found, seconds);
  if (found.differences.length === 0) return lines.join("\n");
  throw new DeskhandError(
    "store.bad_backup",
    [...lines, "Differences:", ...found.differences.map((one) => `  - ${one}`)].join("\n"),
  );
}

async function scratchUsed<T>(
  scratch: { readonly drop: () => Promise<void> },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    await scratch.drop();
  }
}

function reportOf(place: string, found: Rehearsal, seconds: number): readonly string[] {
  const { check, restore: filling, compare } = found.seconds;
  return [
    `Rehearsed ${place}, taken at ${found.takenAt}: ${found.rows} rows of ${found.tables} tables, ${found.blobs} mails and ${found.auditEntries} entries of the audit${migratedTo(found)}.`,
    `Recovery takes ${seconds.toFixed(1)} s here: ${check.toFixed(1)} s to check the backup, ${filling.toFixed(1)} s to restore it. Comparing took ${compare.toFixed(1)} s more.`,
    ...(found.differences.length === 0
      ? [
          "Everything is as the backup says. The scratch database is gone, and nothing else was changed.",
        ]
      : []),
  ];
}

/** The name this folder has in leases and heartbeats; null before its first start. */
function workerOf(dataFolder: string): string | null {
  const file = join(dataFolder, "worker");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}
