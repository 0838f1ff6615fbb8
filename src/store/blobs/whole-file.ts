/** A file that is there whole or not at all, also after the power failed. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file (mode 0600) under another name beside it and gives it its own once it is complete and on disk. Throws
 * what `write` throws, and the disk's errors as `onDisk` words them; then no file is left.
 */
export async function writeWholeFile(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  onDisk: <T>(step: Promise<T>) => Promise<T> = (step) => step,
): Promise<void> {
  const temporary = `${path}.part`;
  try {
    const file = await onDisk(open(temporary, "wx", 0o600));
    try {
      await write(file);
      await onDisk(file.sync());
    } finally {
      await file.close();
    }
    await onDisk(rename(temporary, path));
  } catch (error) {
    // The first error is the reason; a failed clean-up adds nothing.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await onDisk(syncFolder(dirname(path)));
}

/** The new name is stored in the folder, which has to be synced separately. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
