/** Checks that all processes use the same folder for raw mails. */
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import type { Blobs } from "#core/contracts/ports.ts";
import { eq } from "#store/db/drizzle.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { setting } from "#store/db/schema.ts";
import { readSetting, writeSettingOnce } from "#store/db/settings.ts";

const NAME = "blob-folder";
const Id = z.strictObject({ id: z.uuid() });

/** Contains the folder's id. Blobs are named by ids without an extension, so the name cannot clash. */
const FILE = "folder.id";

/** A check costs a file read and a query. */
const FRESH_MS = 5_000;

/**
 * Whether this folder is the one all processes use: the database knows the id stored in it. Otherwise a process with a
 * folder of its own would take all other mails for lost.
 */
export interface BlobFolder {
  /** Called at start: the first process of an installation gives its folder an id. */
  begin(): Promise<void>;
  /** Null when it is the shared folder; otherwise what is wrong and what to do. */
  problem(): Promise<string | null>;
}

/** The folder of this process. It is the wrong one if its id is missing or differs from the one in the database. */
export function blobFolder(store: Pick<Store, "run">, folder: string): BlobFolder {
  const last: { at: number; problem: Promise<string | null> | null } = { at: 0, problem: null };
  return {
    async begin() {
      const known = await store.run((transaction) => readSetting(transaction, NAME, Id));
      if (known !== null) return;
      const id = await giveId(folder);
      await store.run((transaction) => writeSettingOnce(transaction, NAME, { id }));
    },
    problem() {
      if (last.problem === null || performance.now() - last.at > FRESH_MS) {
        last.at = performance.now();
        last.problem = problemOf(store, folder);
      }
      return last.problem;
    },
  };
}

/** The next process that starts gives its folder an id, and the others compare with that. */
export async function forgetBlobFolder(transaction: Transaction): Promise<void> {
  await transaction.delete(setting).where(eq(setting.name, NAME));
}

async function problemOf(store: Pick<Store, "run">, folder: string): Promise<string | null> {
  const known = await store.run((transaction) => readSetting(transaction, NAME, Id));
  // Until a process has started, there is no other folder to compare with.
  if (known === null || known.id === (await idIn(folder))) return null;
  return `${folder} is not the folder for mails that the other processes use: DESKHAND_BLOBS has to name one folder that all of them see. If it is the right one and its content is lost, put ${known.id} into ${join(folder, FILE)}`;
}

/** Two processes that start at the same moment agree on one id: a name can be linked only once. */
async function giveId(folder: string): Promise<string> {
  const own = join(folder, `${FILE}.${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(own, randomUUID(), { mode: 0o600 });
    await link(own, join(folder, FILE)).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    });
    const id = await idIn(folder);
    if (id === null) throw new Error(`${join(folder, FILE)} holds no id`);
    return id;
  } catch (cause) {
    throw new DeskhandError("store.unavailable", "the folder for raw mails takes nothing now", {
      cause,
    });
  } finally {
    await rm(own, { force: true }).catch(() => undefined);
  }
}

async function idIn(folder: string): Promise<string | null> {
  const text = await readFile(join(folder, FILE), "utf8").catch(() => "");
  return z.uuid().safeParse(text.trim()).data ?? null;
}

/**
 * The same blobs, but a blob missing from a wrong folder is `store.unavailable`: the caller tries again, or another
 * process with the right folder does. A blob missing from the right folder is lost for good.
 */
export function blobsOf(blobs: Blobs, folder: BlobFolder): Blobs {
  const explained = async (error: unknown): Promise<unknown> => {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) return error;
    const problem = await folder.problem();
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
