/** Removes blobs that no row refers to. */
import { opendir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { inArray } from "#store/db/drizzle.ts";
import { filesNamed } from "./attachments.ts";
import type { Store } from "#store/db/database.ts";
import { hint } from "#store/db/schema.ts";

/** A delivery is committed within seconds of its file; after a day no commit can be pending. */
const STRAY_AFTER_MS = 86_400_000;

/** Files checked in one query. */
const FILES = 500;

/**
 * Removes files of the blob folder that no row refers to: a process died between writing the file and committing the
 * row, or between the two steps of removing it. Files of the last day are left alone. Returns how many were removed;
 * with `remove` false it only counts.
 */
export async function removeStrayBlobs(
  store: Store,
  folder: string,
  options: { readonly now: Date; readonly remove: boolean },
): Promise<number> {
  let stray = 0;
  let batch: string[] = [];
  const settle = async (): Promise<void> => {
    const names = batch;
    batch = [];
    for (const name of await unreferred(store, names)) {
      stray += 1;
      if (options.remove) await rm(join(folder, name), { force: true });
    }
  };
  for (const name of await oldFiles(folder, options.now)) {
    batch.push(name);
    if (batch.length === FILES) await settle();
  }
  await settle();
  return stray;
}

async function oldFiles(folder: string, now: Date): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      if (!entry.isFile()) continue;
      const found = await stat(join(folder, entry.name)).catch(() => null);
      if (found !== null && now.getTime() - found.mtimeMs > STRAY_AFTER_MS) names.push(entry.name);
    }
  } catch (error) {
    // No file was ever stored there.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
  return names;
}

async function unreferred(store: Store, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const rows = await store.run((transaction) =>
    transaction
      .select({ ref: hint.bodyRef })
      .from(hint)
      .where(inArray(hint.bodyRef, [...names])),
  );
  const files = await store.run((transaction) => filesNamed(transaction, names));
  const referred = new Set([...rows.map(({ ref }) => ref), ...files]);
  return names.filter((name) => !referred.has(name));
}
