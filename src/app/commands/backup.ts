/** Backs up and restores this installation: the places that its settings name, and the mails that are kept there. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configuredBlobPlace, placeNamed } from "#config/storage.ts";
import type { Config } from "#config/environment.ts";
import { type BackedUp, backUp } from "#store/backup/backup.ts";
import { backupAt } from "#store/backup/backup-file.ts";
import { restoreBackup, type RestoreResult } from "#store/backup/restore.ts";
import { sharedBlobs, sharedPlace, storageAt } from "#store/blobs/shared-place.ts";
import type { Store } from "#store/db/database.ts";

/** What is backed up or restored, and who is told of it. */
interface Kept {
  readonly store: Store;
  readonly config: Config;
  readonly progress: (line: string) => void;
}

/** Writes the database and the kept mails to a place that has nothing yet. */
export function backUpHere({ store, config, progress }: Kept, named: string): Promise<BackedUp> {
  const target = backupAt(placeNamed(named, config.environment));
  const kept = storageAt(configuredBlobPlace(config));
  // With another place than the processes have, every mail would count as removed.
  return backUp(store, { target, storage: sharedBlobs(kept, sharedPlace(store, kept)), progress });
}

/**
 * Puts a backup in the place of the database, which no other process may have open. The mails come to the place that is
 * configured now.
 */
export function restoreHere(
  { store, config, progress }: Kept,
  named: string,
  { replace }: { readonly replace: boolean },
): Promise<RestoreResult> {
  return restoreBackup(store, {
    source: backupAt(placeNamed(named, config.environment)),
    storage: storageAt(configuredBlobPlace(config)),
    replace,
    worker: storedWorker(config.dataFolder),
    progress,
  });
}

/** The name this folder has in leases and heartbeats; null before its first start. */
function storedWorker(dataFolder: string): string | null {
  const file = join(dataFolder, "worker");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : null;
}
