/** What the commands `backup` and `restore` do. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { blobPlaceOf, placeNamed } from "#config/storage.ts";
import type { Config } from "#config/environment.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { sourceAt, targetAt } from "#store/backup/places.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { storageAt } from "#store/blobs/shared-place.ts";
import type { Store } from "#store/db/database.ts";
import { noteBackup } from "#store/reports/operating-figures.ts";
/** What a backup is made of, and who asks for it. */
interface Kept {
  readonly store: Store;
  readonly config: Config;
  readonly progress: (line: string) => void;
}

/** Writes the database and the kept mails to this place, and says what it has. */
export async function backUp({ store, config, progress }: Kept, named: string): Promise<string> {
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

/**
 * Puts a backup in the place of the database, which no other process may have open, and says what was restored. The mails
 * come to the place that is configured now.
 */
export async function restore(
  { store, config, progress }: Kept,
  named: string,
  { replace }: { readonly replace: boolean },
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
