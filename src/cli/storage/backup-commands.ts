/** The commands `backup` and `restore`. */

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { blobPlaceOf, placeNamed } from "#config/storage.ts";
import type { Config } from "#config/environment.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { sourceAt, targetAt } from "#store/backup/places.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { noteBackup } from "#store/reports/operating-figures.ts";
import { createLog } from "#telemetry/log.ts";
import { callControl, type CommandResult } from "#cli/control.ts";
import { runTyped } from "#cli/standalone/run-typed.ts";
import { storageAt } from "#store/blobs/shared-place.ts";

const HOW = {
  backup:
    "writes the database and the kept mails into one file or to s3://bucket/prefix/name, also while Deskhand runs",
  restore: "puts a backup in the place of an empty database; Deskhand must not run",
  replace: "in the place of one that has content, which is lost",
} as const;

/** What a backup is made of, and who asks for it. */
interface Kept {
  readonly store: Store;
  readonly config: Config;
  readonly progress: (line: string) => void;
}

interface RestoreOptions {
  readonly replace?: boolean;
}

/** What each command does, where it runs; each returns the text to print. */
interface Work {
  backup(place: string): Promise<string>;
  restore(place: string, options: RestoreOptions): Promise<string>;
}

/** Lists the two commands in `help`; they run before any other command opens the data. */
export function describeBackup(program: Command): void {
  commandsOn(program);
}

function commandsOn(program: Command): { readonly backup: Command; readonly restore: Command } {
  const backup = program.command("backup <file>").description(HOW.backup);
  const restoring = program
    .command("restore <file>")
    .description(HOW.restore)
    .option("--replace", HOW.replace);
  return { backup, restore: restoring };
}

/** Resolves files against the caller's folder, since the running process has another one. */
export function withWholeFile(argv: readonly string[], folder: string): readonly string[] {
  const [name = "", ...rest] = argv;
  return [
    name,
    ...rest.map((word) =>
      word.startsWith("-") || word.startsWith("s3:") ? word : resolve(folder, word),
    ),
  ];
}

/** The running process writes the backup if there is one. A restore takes the data's lock, so it refuses while one runs. */
export async function backupOrRestore(
  config: Config,
  argv: readonly string[],
  progress: (line: string) => void,
): Promise<CommandResult> {
  if (argv[0] === "backup") {
    const answered = await callControl(config.dataFolder, argv, progress);
    if (answered !== null) return answered;
  }
  const kept = { config, progress };
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
    backup: (place) =>
      withStore(async (store) => {
        await migrate(store);
        return backUp({ ...kept, store }, place);
      }),
    restore: (place, options) => withStore((store) => restore({ ...kept, store }, place, options)),
  });
}

/** `backup` inside the running process. */
export function backupCommand(kept: Kept, argv: readonly string[]): Promise<CommandResult> {
  return run(argv, {
    backup: (place) => backUp(kept, place),
    restore: async () => {
      throw new Error("Deskhand runs. Stop it first.");
    },
  });
}

function run(argv: readonly string[], work: Work): Promise<CommandResult> {
  return runTyped(argv, (program, say) => {
    const commands = commandsOn(program);
    commands.backup.action(async (place: string) => {
      say(`${await work.backup(place)}\n`);
    });
    commands.restore.action(async (place: string, options: RestoreOptions) => {
      say(`${await work.restore(place, options)}\n`);
    });
  });
}

async function backUp({ store, config, progress }: Kept, named: string): Promise<string> {
  const target = targetAt(placeNamed(named, config.environment));
  if (await target.isTaken()) throw new Error(`${target.name} exists already and was left alone`);
  progress("Reading the database …");
  const { tables, rows, blobs, gone, takenAt } = await writeBackup(store, {
    target,
    storage: storageAt(blobPlaceOf(config)),
    progress,
  });
  await store.run((transaction) => noteBackup(transaction, new Date(takenAt)));
  const missing = gone === 0 ? "" : ` (${gone} more were removed meanwhile)`;
  return `Wrote ${target.name}: ${rows} rows of ${tables} tables and ${blobs} mails${missing}, as of ${takenAt}. It holds secrets and people's words: keep it where only you can read it.`;
}

async function restore(
  { store, config, progress }: Kept,
  named: string,
  { replace = false }: RestoreOptions,
): Promise<string> {
  const done = await restoreBackup(store, {
    source: sourceAt(placeNamed(named, config.environment)),
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

/** The name this folder has in leases and heartbeats; null before its first start. */
function workerOf(dataFolder: string): string | null {
  const file = join(dataFolder, "worker");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}
