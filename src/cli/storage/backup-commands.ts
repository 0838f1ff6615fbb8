/** The commands `backup` and `restore`. */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { blobPlaceOf } from "#config/storage.ts";
import type { Config } from "#config/environment.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { fileSource, fileTarget } from "#store/backup/places.ts";
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

const HOW = {
  backup: "writes the database and the kept mails into one file, also while Deskhand runs",
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

interface RestoreOptions {
  readonly replace?: boolean;
  readonly rehearse?: boolean;
}

/** What each command does, where it runs; each returns the text to print. */
interface Work {
  backup(file: string): Promise<string>;
  restore(file: string, replace: boolean): Promise<string>;
  rehearse(file: string | null): Promise<string>;
}

/** Lists the two commands in `help`; they run before any other command opens the data. */
export function describeBackup(program: Command): void {
  program.command("backup <file>").description(HOW.backup);
  program
    .command("restore [file]")
    .description(HOW.restore)
    .option("--replace", HOW.replace)
    .option("--rehearse", HOW.rehearse);
}

/** Resolves files against the caller's folder, since the running process has another one. */
export function withWholeFile(argv: readonly string[], folder: string): readonly string[] {
  const [name = "", ...rest] = argv;
  return [name, ...rest.map((word) => (word.startsWith("-") ? word : resolve(folder, word)))];
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
    backup: (file) =>
      withStore(async (store) => {
        await migrate(store);
        return backUp({ ...kept, store }, file);
      }),
    restore: (file, replace) =>
      withStore((store) => restore({ ...kept, store }, { file, replace })),
    rehearse: (file) => withStore((store) => rehearse({ ...kept, store }, file)),
  });
}

/** `backup` and `restore --rehearse` inside the running process. */
export function backupCommand(kept: Kept, argv: readonly string[]): Promise<CommandResult> {
  return run(argv, {
    backup: (file) => backUp(kept, file),
    restore: async () => {
      throw new Error("Deskhand runs. Stop it first.");
    },
    rehearse: (file) => rehearse(kept, file),
  });
}

async function run(argv: readonly string[], work: Work): Promise<CommandResult> {
  let stdout = "";
  let stderr = "";
  const program = new Command("deskhand").exitOverride().configureOutput({
    writeOut: (text) => (stdout += text),
    writeErr: (text) => (stderr += text),
  });
  program
    .command("backup <file>")
    .description(HOW.backup)
    .action(async (file: string) => void (stdout += `${await work.backup(file)}\n`));
  program
    .command("restore [file]")
    .description(HOW.restore)
    .option("--replace", HOW.replace)
    .option("--rehearse", HOW.rehearse)
    .action(async (file: string | undefined, options: RestoreOptions) => {
      stdout += `${await restoreOrRehearse(work, file ?? null, options)}\n`;
    });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return { stdout, stderr, exitCode: 0 };
  } catch (error) {
    if (error instanceof CommanderError) return { stdout, stderr, exitCode: error.exitCode };
    return { stdout, stderr: `${stderr}${reasonOf(error)}\n`, exitCode: 1 };
  }
}

function restoreOrRehearse(
  work: Work,
  file: string | null,
  { replace = false, rehearse: isRehearsal = false }: RestoreOptions,
): Promise<string> {
  if (isRehearsal && replace)
    throw new DeskhandError("input.invalid", "a rehearsal replaces nothing: leave --replace out");
  if (isRehearsal) return work.rehearse(file);
  if (file === null)
    throw new DeskhandError("input.invalid", "restore needs the name of a backup to restore");
  return work.restore(file, replace);
}

async function backUp({ store, config, progress }: Kept, file: string): Promise<string> {
  const target = fileTarget(file);
  if (await target.isTaken()) throw new Error(`${file} exists already and was left alone`);
  progress("Reading the database …");
  const { tables, rows, blobs, gone, takenAt } = await writeBackup(store, {
    target,
    storage: storageAt(blobPlaceOf(config)),
    progress,
  });
  await store.run((transaction) => noteBackup(transaction, new Date(takenAt), target.name));
  const missing = gone === 0 ? "" : ` (${gone} more were removed meanwhile)`;
  return `Wrote ${file}: ${rows} rows of ${tables} tables and ${blobs} mails${missing}, as of ${takenAt}. It holds secrets and people's words: keep it where only you can read it.`;
}

async function restore(
  { store, config, progress }: Kept,
  { file, replace }: { readonly file: string; readonly replace: boolean },
): Promise<string> {
  const done = await restoreBackup(store, {
    source: fileSource(file),
    storage: storageAt(blobPlaceOf(config)),
    replace,
    worker: workerOf(config.dataFolder),
    progress,
  });
  return `Restored ${done.rows} rows and ${done.blobs} mails as of ${done.takenAt}${migratedTo(done)}. The next start is paused until a lead resumes it.`;
}

function migratedTo({ migrated }: { readonly migrated: readonly string[] }): string {
  return migrated.length === 0 ? "" : `, brought to this version (${migrated.join(", ")})`;
}

/** Throws with every difference; the outcome is noted either way. */
async function rehearse(kept: Kept, named: string | null): Promise<string> {
  const { store, config, clock, progress } = kept;
  const isThere = await store.run(async (transaction) =>
    (await existingTables(transaction)).includes("setting"),
  );
  const place = named ?? (isThere ? ((await store.run(lastBackup))?.place ?? null) : null);
  if (place === null)
    throw new DeskhandError("input.invalid", "no last backup is known here: name one to rehearse");
  const scratch = await openScratch({
    databaseUrl: config.environment.DATABASE_URL ?? null,
    dataFolder: config.dataFolder,
    log: createLog("warn"),
  });
  const found = await scratchUsed(scratch, () => {
    progress(`Rehearsing in ${scratch.what}.`);
    return rehearseRestore(store, { source: fileSource(place), scratch, progress });
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
