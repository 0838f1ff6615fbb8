/** Copies all kept mails and files to another place, and makes that place the one in use. */
import { z } from "zod";
import { DeskhandError, errorCode } from "#core/values/errors.ts";
import { sql } from "#store/db/drizzle.ts";
import { rowsOf, type Store, type Transaction } from "#store/db/database.ts";
import { refuseInUse } from "#store/db/in-use.ts";
import { nameNewPlace } from "./shared-place.ts";
import type { BlobStorage } from "./storage.ts";

/** Names read in one query, and how often progress is told. */
const BATCH = 500;

/** What a move did. */
export interface Moved {
  readonly copied: number;
  /** Were at the new place already. */
  readonly there: number;
  /** Named by a row and kept at neither place. */
  readonly gone: readonly string[];
}

/**
 * Copies what rows name from one place to the other, unless it is there. May run while Deskhand works, and again: only
 * what is new is copied. Throws `store.unavailable` when a place does not answer; what was copied stays.
 */
export async function copyBlobs(
  store: Pick<Store, "run">,
  { from, to }: { readonly from: BlobStorage; readonly to: BlobStorage },
  progress: (line: string) => void,
): Promise<Moved> {
  const present = new Set<string>();
  for await (const { ref } of to.list()) present.add(ref);
  const gone: string[] = [];
  let copied = 0;
  let there = 0;
  for await (const refs of namedBlobs(store)) {
    for (const ref of refs) {
      if (present.has(ref)) there += 1;
      else {
        const bytes = await bytesAt(from, ref);
        if (bytes === null) gone.push(ref);
        else {
          await to.keep(ref, bytes);
          copied += 1;
        }
      }
    }
    progress(`  ${copied} copied, ${there} there already`);
  }
  return { copied, there, gone };
}

/**
 * The last step, while no process works on the database (`store.in_use` otherwise): copies the rest, gives the new place
 * an id and takes the old one's away. A process that still names the old place is not ready and loses nothing.
 */
export async function finishMove(
  store: Store,
  places: { readonly from: BlobStorage; readonly to: BlobStorage; readonly worker: string | null },
  progress: (line: string) => void,
): Promise<Moved> {
  await store.run((transaction) => refuseInUse(transaction, places.worker));
  const moved = await copyBlobs(store, places, progress);
  const id = await places.to.identity.begin();
  await store.run(async (transaction) => {
    await refuseInUse(transaction, places.worker);
    await nameNewPlace(transaction, id);
  });
  return moved;
}

/** The references that rows name, in batches, in their order. */
export async function* namedBlobs(store: Pick<Store, "run">): AsyncGenerator<readonly string[]> {
  for (let after = ""; ;) {
    const last = after;
    const refs = await store.run((transaction) => blobsAfter(transaction, last));
    const next = refs.at(-1);
    if (next === undefined) return;
    yield refs;
    after = next;
  }
}

async function blobsAfter(transaction: Transaction, after: string): Promise<readonly string[]> {
  const rows = await rowsOf(
    transaction,
    z.object({ ref: z.uuid() }),
    sql`select ref from (select body_ref collate "C" as ref from hint where body_ref is not null
          union select blob_ref collate "C" from attachment where blob_ref is not null) named
        where ref > ${after} order by 1 limit ${BATCH}`,
  );
  return rows.map(({ ref }) => ref);
}

/** Null for a blob that is not kept (any more). */
export async function bytesAt(
  storage: Pick<BlobStorage, "get">,
  ref: string,
): Promise<Uint8Array | null> {
  try {
    return await storage.get(ref);
  } catch (error) {
    if (error instanceof DeskhandError) throw error;
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}
