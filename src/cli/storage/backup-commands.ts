/** The commands `backup` and `restore`. */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { reasonOf } from "#core/values/errors.ts";
import { blobPlaceOf } from "#config/storage.ts";
import type { Config } from "#config/environment.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { type BlobStorage, storageAt } from "#store/blobs/storage.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { noteBackup } from "#store/reports/last-backup.ts";
import { migrate } from "#store/db/migrate.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { createLog } from "#telemetry/log.ts";
import { callControl, type CommandResult } from "#cli/control.ts";

const HOW = {
  backup: "writes the database and the kept mails into one file, also while Deskhand runs",
  restore: "puts a backup in the place of an empty database; Deskhand must not run",
  replace: "in the place of one that has content, which is lost",
} as const;

/** What a backup is made of. */
interface Kept {
  readonly store: Store;
  readonly storage: BlobStorage;
  readonly progress: (line: string) => void;
}

/** Lists the two commands in `help`; they run before any other command opens the data. */
export function describeBackup(program: Command): void {
  program.command("backup <file>").description(HOW.backup);
  program.command("restore <file>").description(HOW.restore).option("--replace", HOW.replace);
}

/** Resolves the file against the caller's folder, since the running process has another one. */
export function withWholeFile(argv: readonly string[], folder: string): readonly string[] {
  const [name = "", ...rest] = argv;
  return [name, ...rest.map((word) => (word.startsWith("-") ? word : resolve(folder, word)))];
}

/**
 * The running process writes the backup if there is one. A restore takes the data's lock, so it refuses while one runs.
 */
export async function backupOrRestore(
  config: Config,
  argv: readonly string[],
  progress: (line: string) => void,
): Promise<CommandResult> {
  if (argv[0] === "backup") {
    const answered = await callControl(config.dataFolder, argv, progress);
    if (answered !== null) return answered;
  }
  const storage = storageAt(blobPlaceOf(config));
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
        return backUp({ store, storage, progress }, file);
      }),
    restore: (file, replace) =>
      withStore((store) =>
        restore({ store, storage, progress }, { file, replace, dataFolder: config.dataFolder }),
      ),
  });
}

/** `backup` inside the running process. */
export function backupCommand(kept: Kept, argv: readonly string[]): Promise<CommandResult> {
  return run(argv, {
    backup: (file) => backUp(kept, file),
    restore: async () => {
      throw new Error("Deskhand runs. Stop it first.");
    },
  });
}

async function run(
  argv: readonly string[],
  work: {
    readonly backup: (file: string) => Promise<string>;
    readonly restore: (file: string, replace: boolean) => Promise<string>;
  },
): Promise<CommandResult> {
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
    .command("restore <file>")
    .description(HOW.restore)
    .option("--replace", HOW.replace)
    .action(
      async (file: string, { replace }: { replace?: boolean }) =>
        void (stdout += `${await work.restore(file, replace === true)}\n`),
    );
  try {
    await program.parseAsync([...argv], { from: "user" });
    return { stdout, stderr, exitCode: 0 };
  } catch (error) {
    if (error instanceof CommanderError) return { stdout, stderr, exitCode: error.exitCode };
    return { stdout, stderr: `${stderr}${reasonOf(error)}\n`, exitCode: 1 };
  }
}

async function backUp({ store, storage, progress }: Kept, file: string): Promise<string> {
  if (existsSync(file)) throw new Error(`${file} exists already and was left alone`);
  progress("Reading the database …");
  const { tables, rows, blobs, gone, takenAt } = await writeBackup(store, {
    file,
    storage,
    progress,
  });
  await store.run((transaction) => noteBackup(transaction, new Date(takenAt)));
  const missing = gone === 0 ? "" : ` (${gone} more were removed meanwhile)`;
  return `Wrote ${file}: ${rows} rows of ${tables} tables and ${blobs} mails${missing}, as of ${takenAt}. It holds secrets and people's words: keep it where only you can read it.`;
}

async function restore(
  { store, storage, progress }: Kept,
  how: { readonly file: string; readonly replace: boolean; readonly dataFolder: string },
): Promise<string> {
  const { file, replace, dataFolder } = how;
  const worker = workerOf(dataFolder);
  const done = await restoreBackup(store, { file, storage, replace, worker, progress });
  const newer =
    done.migrated.length === 0 ? "" : `, brought to this version (${done.migrated.join(", ")})`;
  return `Restored ${done.rows} rows and ${done.blobs} mails as of ${done.takenAt}${newer}. The next start is paused until a lead resumes it.`;
}

/** The name this folder has in leases and heartbeats; null before its first start. */
function workerOf(dataFolder: string): string | null {
  const file = join(dataFolder, "worker");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}
