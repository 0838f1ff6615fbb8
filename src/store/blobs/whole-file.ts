/** A file that is there whole or not at all, also after the power failed. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "#core/values/errors.ts";

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

/** Windows, and some file systems, take no sync of a folder and keep its names by themselves. */
const TAKES_NO_SYNC: ReadonlySet<string> = new Set(["EPERM", "EINVAL", "EISDIR", "ENOTSUP"]);

/** The new name is stored in the folder, which has to be synced separately. */
async function syncFolder(path: string): Promise<void> {
  let folder: FileHandle | undefined;
  try {
    folder = await open(path, "r");
    await folder.sync();
  } catch (error) {
    if (!TAKES_NO_SYNC.has(errorCode(error))) throw error;
  } finally {
    await folder?.close();
  }
}
