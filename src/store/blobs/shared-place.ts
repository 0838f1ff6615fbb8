/**
 * Opens the place of raw mails and files, a folder or a bucket, and checks that all processes keep them at the same
 * one; and the folder itself.
 */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  type FileHandle,
  link,
  mkdir,
  opendir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DeskhandError, errorCode } from "#core/values/errors.ts";
import type { Blobs, BlobPlace } from "#core/contracts/ports.ts";
import { eq } from "#store/db/drizzle.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { setting } from "#store/db/schema.ts";
import { storedSetting, writeSettingOnce } from "#store/db/settings.ts";
import {
  type BlobStorage,
  folderSentence,
  limited,
  type PlaceIdentity,
  Reference,
  writeWholeFile,
} from "./storage.ts";
import { bucketBlobs } from "./bucket.ts";

const PLACE = storedSetting("blob-folder", z.strictObject({ id: z.uuid() }));

/** A check costs a look at the place and a query. */
const FRESH_MS = 5_000;

/**
 * Whether this place is the one all processes use: the database knows the id stored in it. Otherwise a process with a
 * place of its own would take all other mails for lost.
 */
export type SharedPlace = ReturnType<typeof sharedPlace>;

/** The place of this process. It is the wrong one if its id is missing or differs from the one in the database. */
export function sharedPlace(
  store: Pick<Store, "run">,
  { place, identity }: Pick<BlobStorage, "place" | "identity">,
) {
  const last: { at: number; problem: Promise<string | null> | null } = { at: 0, problem: null };
  return {
    /** Called at start: the first process of an installation gives its place an id. */
    async begin(): Promise<void> {
      if ((await knownId(store)) !== null) return;
      const id = await identity.begin();
      await store.run(writeSettingOnce, PLACE.name, { id });
    },
    /** Null when it is the shared place; otherwise what is wrong and what to do. */
    problem(): Promise<string | null> {
      if (last.problem === null || performance.now() - last.at > FRESH_MS) {
        last.at = performance.now();
        last.problem = placeProblem(store, place, identity);
      }
      return last.problem;
    },
  };
}

/** The next process that starts gives its place an id, and the others compare with that. */
export async function forgetPlace(transaction: Transaction): Promise<void> {
  await transaction.delete(setting).where(eq(setting.name, PLACE.name));
}

async function knownId(store: Pick<Store, "run">): Promise<string | null> {
  const known = await PLACE.read(store);
  return known?.id ?? null;
}

async function placeProblem(
  store: Pick<Store, "run">,
  place: string,
  identity: PlaceIdentity,
): Promise<string | null> {
  const id = await knownId(store);
  // Until a process has started, there is no other place to compare with.
  if (id === null || (await identity.has(id))) return null;
  return `${place} is not the place for mails that the other processes use: DESKHAND_BLOBS has to name one folder or bucket that all of them see. If it is the right one and its content is lost, ${identity.byHand(id)}`;
}

/**
 * The same blobs, but a blob missing from a wrong place is `store.unavailable`: the caller tries again, or another
 * process with the right place does. A blob missing from the right place is lost for good.
 */
export function sharedBlobs(blobs: Blobs, shared: SharedPlace): Blobs {
  const explained = async (error: unknown): Promise<unknown> => {
    if (errorCode(error) !== "ENOENT") return error;
    const problem = await shared.problem();
    return problem === null
      ? error
      : new DeskhandError("store.unavailable", problem, { cause: error, notTried: true });
  };
  return {
    ...blobs,
    get: (ref) =>
      blobs.get(ref).catch(async (error: unknown) => {
        throw await explained(error);
      }),
    async *open(ref) {
      try {
        yield* blobs.open(ref);
      } catch (error) {
        throw await explained(error);
      }
    },
  };
}

/** The storage at a configured place; opens no connection before the first blob. */
export function storageAt(place: BlobPlace): BlobStorage {
  return "folder" in place ? diskBlobs(place.folder) : bucketBlobs(place.bucket);
}

/** The size of a chunk. */
const PIECE_BYTES = 256 * 1024;

/** Contains the folder's id. Blobs are named by ids without an extension, so the name cannot clash. */
const ID_FILE = "folder.id";

/**
 * Files in one folder, written completely or not at all: to a temporary name, flushed, then renamed. A failed write is
 * `store.unavailable`, so that the source keeps its message and sends it again.
 */
export function diskBlobs(folder: string): BlobStorage {
  const blobPath = (ref: string): string => join(folder, Reference.parse(ref));
  const keep = (ref: string, bytes: Uint8Array): Promise<void> =>
    written(folder, blobPath(ref), (file) => onDisk(file.writeFile(bytes)));
  return {
    place: folder,
    identity: folderIdentity(folder),
    async put(bytes) {
      const ref = randomUUID();
      await keep(ref, bytes);
      return ref;
    },
    async keep(ref, bytes) {
      // Left behind by a process that died while it stored the same one.
      await rm(`${blobPath(ref)}.part`, { force: true });
      await keep(ref, bytes);
    },
    list: () => filesOf(folder),
    async putStream(source, { bytesMax }) {
      const ref = randomUUID();
      await written(folder, blobPath(ref), async (file) => {
        for await (const piece of limited(source, bytesMax)) await onDisk(file.writeFile(piece));
      });
      return ref;
    },
    get: async (ref) => readFile(blobPath(ref)),
    open: (ref) => piecesOf(blobPath(ref)),
    async remove(ref) {
      await rm(blobPath(ref), { force: true });
      await rm(`${blobPath(ref)}.part`, { force: true });
    },
  };
}

async function* filesOf(folder: string): AsyncGenerator<{ ref: string; storedAt: Date }> {
  try {
    for await (const entry of await opendir(folder)) {
      // A half-written blob that a process left behind counts as the blob, so that tidying finds it.
      const ref = Reference.safeParse(entry.name.replace(/\.part$/u, "")).data;
      if (!entry.isFile() || ref === undefined) continue;
      const found = await stat(join(folder, entry.name)).catch(() => null);
      if (found !== null) yield { ref, storedAt: found.mtime };
    }
  } catch (error) {
    // No file was ever stored there.
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
}

function folderIdentity(folder: string): PlaceIdentity {
  const path = join(folder, ID_FILE);
  const read = async (): Promise<string | null> => {
    const text = await readFile(path, "utf8").catch((error: unknown) => {
      // One that may not be read is no other folder.
      if (["ENOENT", "ENOTDIR"].includes(errorCode(error))) return "";
      throw new DeskhandError("store.unavailable", folderSentence(error), { cause: error });
    });
    return z.uuid().safeParse(text.trim()).data ?? null;
  };
  return {
    async begin() {
      const own = join(folder, `${ID_FILE}.${randomUUID()}`);
      try {
        await onDisk(mkdir(folder, { recursive: true, mode: 0o700 }));
        await onDisk(writeFile(own, randomUUID(), { mode: 0o600 }));
        // Two processes that start at the same moment agree on one id: a name can be linked only once.
        await onDisk(
          link(own, path).catch((error: unknown) => {
            if (errorCode(error) !== "EEXIST") throw error;
          }),
        );
      } finally {
        await rm(own, { force: true }).catch(() => undefined);
      }
      const id = await read();
      if (id === null)
        throw new DeskhandError(
          "store.unavailable",
          `${path} holds no id: remove it and start again`,
        );
      return id;
    },
    has: async (id) => (await read()) === id,
    byHand: (id) => `put ${id} into ${path}`,
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
  await onDisk(mkdir(folder, { recursive: true, mode: 0o700 }));
  await writeWholeFile(path, write, onDisk);
}

/** Distinguishes errors of the disk from errors of a source. */
async function onDisk<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    throw new DeskhandError("store.unavailable", folderSentence(error), { cause: error });
  }
}
