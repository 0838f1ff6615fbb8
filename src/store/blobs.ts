import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/errors.ts";
import type { Blobs } from "#core/ports.ts";

/** References are made here only; anything else, such as a path, is refused. */
const Reference = z.uuid();

/**
 * Bytes as files of one folder, written whole or not at all: to a temporary name, flushed, then renamed. What cannot be
 * written now is `store.unavailable`, so that the source keeps its message and sends it again.
 */
export function diskBlobs(folder: string): Blobs {
  const pathOf = (ref: string): string => join(folder, Reference.parse(ref));
  return {
    async put(bytes) {
      const ref = randomUUID();
      const temporary = `${pathOf(ref)}.part`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeWhole(temporary, bytes);
        await rename(temporary, pathOf(ref));
      } catch (error) {
        // The reason is the first error; that tidying fails as well says nothing more.
        await rm(temporary, { force: true }).catch(() => undefined);
        throw new DeskhandError("store.unavailable", "the folder for raw mails takes nothing now", {
          cause: error,
        });
      }
      return ref;
    },
    get: async (ref) => readFile(pathOf(ref)),
    remove: async (ref) => rm(pathOf(ref), { force: true }),
  };
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
