/** Opens the place of raw mails and files, and checks that all processes keep them at the same one. */
import { z } from "zod";
import { DeskhandError, errorCode } from "#core/values/errors.ts";
import type { Blobs, BlobPlace } from "#core/contracts/ports.ts";
import { eq } from "#store/db/drizzle.ts";
import type { Store, Transaction } from "#store/db/database.ts";
import { setting } from "#store/db/schema.ts";
import { storedSetting, writeSettingOnce } from "#store/db/settings.ts";
import type { BlobStorage, PlaceIdentity } from "./storage.ts";
import { bucketBlobs } from "./bucket.ts";
import { diskBlobs } from "./folder.ts";

const PLACE = storedSetting("blob-folder", z.strictObject({ id: z.uuid() }));

/** A check costs a look at the place and a query. */
const FRESH_MS = 5_000;

/**
 * Whether this place is the one all processes use: the database knows the id stored in it. Otherwise a process with a
 * place of its own would take all other mails for lost.
 */
export interface SharedPlace {
  /** Called at start: the first process of an installation gives its place an id. */
  begin(): Promise<void>;
  /** Null when it is the shared place; otherwise what is wrong and what to do. */
  problem(): Promise<string | null>;
}

/** The place of this process. It is the wrong one if its id is missing or differs from the one in the database. */
export function sharedPlace(
  store: Pick<Store, "run">,
  { place, identity }: Pick<BlobStorage, "place" | "identity">,
): SharedPlace {
  const last: { at: number; problem: Promise<string | null> | null } = { at: 0, problem: null };
  return {
    async begin() {
      if ((await knownId(store)) !== null) return;
      const id = await identity.begin();
      await store.run((transaction) => writeSettingOnce(transaction, PLACE.name, { id }));
    },
    problem() {
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
  const known = await store.run(PLACE.read);
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
