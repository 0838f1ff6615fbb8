/** A desk that is restored from a backup of its own, and starts again. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "node:test";
import { resumeAfterDowntime } from "#jobs/recovery/resume-after-downtime.ts";
import { backupFile } from "#store/backup/backup-file.ts";
import { writeBackup } from "#store/backup/backup.ts";
import { restoreBackup } from "#store/backup/restore.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import type { JobBench } from "#test/jobs/bench-contract.ts";

/** How this desk is backed up, restored and started. */
export function restoring(bench: JobBench) {
  const folders: string[] = [];
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });
  const { store } = bench.parts;
  const progress = (): void => undefined;
  const start = async (onlyEmbeddedParts = false): Promise<readonly string[]> => {
    const said: string[] = [];
    await resumeAfterDowntime(bench.parts, {
      onlyEmbeddedParts,
      say: (line) => void said.push(line),
    });
    return said;
  };
  return {
    start,
    backUp: async (): Promise<string> => {
      const folder = await mkdtemp(join(tmpdir(), "deskhand-return-"));
      folders.push(folder);
      const file = join(folder, "backup");
      const storage = diskBlobs(folder);
      await writeBackup(store, { target: backupFile(file), storage, progress });
      return file;
    },
    restore: async (file: string): Promise<void> => {
      const source = backupFile(file);
      const storage = diskBlobs(join(file, ".."));
      const { worker } = bench.parts;
      await restoreBackup(store, { source, storage, replace: true, worker, progress });
      bench.skip(60_000);
      await start();
    },
  };
}
