/** Where a backup is kept: a file, or an object in a bucket. It is kept whole or not at all. */
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { BlobPlace, BucketAccess } from "#core/contracts/ports.ts";
import { bucketObject } from "#store/blobs/bucket.ts";

/** A place that takes one backup. */
export interface BackupTarget {
  /** For people. */
  readonly name: string;
  /** Whether something is there already, which is never overwritten. */
  isTaken(): Promise<boolean>;
  /** Keeps the bytes to their end. Throws what reading them throws, and nothing is there then. */
  keep(bytes: AsyncIterable<Uint8Array>): Promise<void>;
}

/** A backup to read, as often as wanted. */
export interface BackupSource {
  /** For people. */
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

/** Where the operator wants a backup. A bucket's prefix is the object's key. */
export function targetAt(place: BlobPlace): BackupTarget {
  return "folder" in place ? fileTarget(place.folder) : objectPlace(place.bucket);
}

/** The backup at that place. */
export function sourceAt(place: BlobPlace): BackupSource {
  return "folder" in place ? fileSource(place.folder) : objectPlace(place.bucket);
}

function objectPlace(access: BucketAccess): BackupTarget & BackupSource {
  const name = `s3://${access.bucket}/${access.prefix.replace(/\/$/u, "")}`;
  return { name, ...bucketObject(access) };
}

/** A file (mode 0600), written under another name beside it and renamed only when it is complete and on disk. */
export function fileTarget(path: string): BackupTarget {
  return {
    name: path,
    isTaken: async () => (await stat(path).catch(() => null)) !== null,
    async keep(bytes) {
      const temporary = `${path}.part`;
      await rm(temporary, { force: true });
      try {
        const file = await open(temporary, "wx", 0o600);
        try {
          for await (const piece of bytes) await file.writeFile(piece);
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(temporary, path);
      } catch (error) {
        // The first error is the reason; a failed clean-up adds nothing.
        await rm(temporary, { force: true }).catch(() => undefined);
        throw error;
      }
      await syncParentFolder(path);
    },
  };
}

/** The new name is stored in the folder, which has to be synced separately. */
async function syncParentFolder(path: string): Promise<void> {
  const folder = await open(dirname(resolve(path)), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The backup in a file. */
export function fileSource(path: string): BackupSource {
  return {
    name: path,
    async *open() {
      const bytes: AsyncIterable<Buffer> = createReadStream(path);
      yield* bytes;
    },
  };
}
