/** Blobs as files in one folder. */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import type { Blobs } from "#core/contracts/ports.ts";

/** References are made here only; anything else, such as a path, is refused. */
const Reference = z.uuid();

/** The size of a chunk. */
const PIECE_BYTES = 256 * 1024;

/**
 * Files in one folder, written completely or not at all: to a temporary name, flushed, then renamed. A failed write is
 * `store.unavailable`, so that the source keeps its message and sends it again.
 */
export function diskBlobs(folder: string): Blobs {
  const pathOf = (ref: string): string => join(folder, Reference.parse(ref));
  return {
    async put(bytes) {
      const ref = randomUUID();
      await written(folder, pathOf(ref), (file) => onDisk(file.writeFile(bytes)));
      return ref;
    },
    async putStream(source, { bytesMax }) {
      const ref = randomUUID();
      let bytes = 0;
      await written(folder, pathOf(ref), async (file) => {
        for await (const piece of source) {
          bytes += piece.length;
          if (bytes > bytesMax)
            throw new DeskhandError("input.too_large", `more than ${bytesMax} bytes`);
          await onDisk(file.writeFile(piece));
        }
      });
      return { ref, bytes };
    },
    get: async (ref) => readFile(pathOf(ref)),
    open: (ref) => piecesOf(pathOf(ref)),
    remove: async (ref) => rm(pathOf(ref), { force: true }),
  };
}

/** Opened only on reading: the error of a stream without a reader would end the process. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  const stream: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: PIECE_BYTES });
  yield* stream;
}

/** Leaves the file under its name when every step succeeds; otherwise nothing. */
async function written(
  folder: string,
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.part`;
  try {
    await onDisk(mkdir(folder, { recursive: true, mode: 0o700 }));
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
}

/** Distinguishes errors of the disk from errors of a source. */
async function onDisk<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw new DeskhandError("store.unavailable", "the folder for raw mails takes nothing now", {
      cause: error,
    });
  }
}
