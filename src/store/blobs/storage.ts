/**
 * A place where raw mails and files are kept, one folder or one bucket of S3-compatible storage: its contract, what
 * may be wrong with it, blobs that no row refers to, and a file that is there whole or not at all.
 */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { S3ServiceError } from "s3mini";
import { z } from "zod";
import type { Blobs } from "#core/contracts/ports.ts";
import { DeskhandError, errorCode, reasonOf } from "#core/values/errors.ts";
import { sql } from "#store/db/drizzle.ts";
import { type Store, valuesOf } from "#store/db/database.ts";
import { DAY_MS } from "#core/values/moment.ts";

/** One place with what keeping, copying and tidying need beyond reading and writing. */
export interface BlobStorage extends Blobs {
  /** For people: a path, or an address beginning with s3://. */
  readonly place: string;
  /** Stores bytes under a reference that exists already, as after a restore; again is the same. */
  keep(ref: string, bytes: Uint8Array): Promise<void>;
  /** Every blob with the time it was stored; empty for a place that was never used. */
  list(): AsyncIterable<{ readonly ref: string; readonly storedAt: Date }>;
  /** What tells this place from every other. */
  readonly identity: PlaceIdentity;
}

/** An id that lies in a place beside its blobs; the database knows the id of the one in use. */
export interface PlaceIdentity {
  /** Gives the place an id unless it has one. Processes that do so at the same moment get the same one. */
  begin(): Promise<string>;
  /** Whether the place has this id; throws `store.unavailable` when that cannot be seen now. */
  has(id: string): Promise<boolean>;
  /** Says how a person gives the place this id by hand. */
  byHand(id: string): string;
}

/** References are made by a place only; anything else, such as a path, is refused. */
export const Reference = z.uuid();

/** The same bytes; throws `input.too_large` where there are more. */
export async function* limited(
  source: AsyncIterable<Uint8Array>,
  bytesMax: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new DeskhandError("input.too_large", `more than ${bytesMax} bytes`);
    yield piece;
  }
}

/** The bytes of a file; null for one that is not kept, also where a restored row names what is gone since. */
export async function bytesOrNull(
  blobs: Pick<Blobs, "get">,
  blobRef: string | null,
): Promise<Uint8Array | null> {
  if (blobRef === null) return null;
  return blobs.get(blobRef).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  });
}

const KEPT = "Mail stays at its source and is read again.";

/** By the code of the operating system (errno(3)). */
const OF_FOLDERS: Readonly<Record<string, readonly [happened: string, remedy: string]>> = {
  ENOSPC: ["its disk is full", "Make room on it."],
  EDQUOT: ["its quota is used up", "Raise it, or make room."],
  EROFS: ["its disk is read-only", "Mount it for writing; look for disk errors first."],
  EACCES: ["it may not be read or written", "Give its user both rights."],
  EPERM: ["it may not be read or written", "Give its user both rights."],
  EIO: ["its disk fails", "Replace the disk; a backup holds the mails."],
};

/** For a folder that took nothing. */
export function folderSentence(error: unknown): string {
  const code = errorCode(error);
  const [happened, remedy] = OF_FOLDERS[code] ?? [
    "it takes nothing now",
    "Look at DESKHAND_BLOBS and the disk below it.",
  ];
  const told = code === "" ? "" : ` (${code})`;
  return `the folder for raw mails cannot be used: ${happened}${told}. ${KEPT} ${remedy}`;
}

/** By the code of Amazon S3 ("List of error codes"), which compatible storage uses too. */
const OF_BUCKETS: Readonly<Record<string, readonly [happened: string, remedy: string]>> = {
  RequestTimeTooSkewed: [
    "the clock of this machine is wrong",
    "Set it: chronyc makestep, or timedatectl set-ntp true.",
  ],
  AccessDenied: ["it refuses our access", "Allow the key to get, put, delete and list objects."],
  InvalidAccessKeyId: ["it does not know our key", "Renew the key in the settings."],
  SignatureDoesNotMatch: ["it refuses our secret", "Renew the secret in the settings."],
  ExpiredToken: ["our key has expired", "Renew the key in the settings."],
  NoSuchBucket: ["the bucket is gone", "Restore the bucket, or correct its name."],
  SlowDown: ["it asks for fewer requests", "Wait; raise its limits when it lasts."],
};

/** For a bucket, from the last try. The answer's body is left out: it may repeat the request with its signature. */
export function bucketSentence(error: unknown): string {
  const told =
    error instanceof S3ServiceError
      ? `${error.status} ${error.serviceCode ?? ""}`.trim()
      : reasonOf(error);
  const [happened, remedy] =
    OF_BUCKETS[(error instanceof S3ServiceError && error.serviceCode) || ""] ??
    (error instanceof S3ServiceError && error.status < 500
      ? ["it refuses a request", "Look at its settings and at its own log."]
      : ["it does not answer as it should", "Check its address, the network and its own state."]);
  return `the storage for raw mails cannot be used: ${happened} (${told}). ${KEPT} ${remedy}`;
}

/** A delivery is committed within seconds of its file; after a day no commit can be pending. */
const STRAY_AFTER_MS = DAY_MS;

/** Blobs checked in one query. */
const BATCH = 500;

/**
 * Removes blobs that no row refers to: a process died between writing the blob and committing the row, or between the
 * two steps of removing it. Blobs of the last day are left alone. Returns how many were removed.
 */
export async function removeStrayBlobs(
  store: Pick<Store, "run">,
  storage: Pick<BlobStorage, "list" | "remove">,
  now: Date,
): Promise<number> {
  const old: string[] = [];
  for await (const { ref, storedAt } of storage.list())
    if (now.getTime() - storedAt.getTime() > STRAY_AFTER_MS) old.push(ref);
  let stray = 0;
  for (let at = 0; at < old.length; at += BATCH)
    for (const ref of await unreferred(store, old.slice(at, at + BATCH))) {
      stray += 1;
      await storage.remove(ref);
    }
  return stray;
}

async function unreferred(
  store: Pick<Store, "run">,
  names: readonly string[],
): Promise<readonly string[]> {
  const referred = await valuesOf(
    store,
    z.string(),
    sql`select body_ref as ref from hint where body_ref in ${names}
          union select blob_ref from attachment where blob_ref in ${names}`,
  );
  return names.filter((name) => !referred.includes(name));
}

// A file that is there whole or not at all, also after the power failed.

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
