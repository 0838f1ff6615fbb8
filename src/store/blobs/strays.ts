/** Removes blobs that no row refers to. */
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import type { BlobStorage } from "./storage.ts";
import { DAY_MS } from "#core/values/moment.ts";

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
  const rows = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ ref: z.string() }),
      sql`select body_ref as ref from hint where body_ref in ${names}
          union select blob_ref from attachment where blob_ref in ${names}`,
    ),
  );
  const referred = new Set(rows.map(({ ref }) => ref));
  return names.filter((name) => !referred.has(name));
}
