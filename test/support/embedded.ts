/**
 * The embedded database takes three seconds of processor time to make itself anew, more than most tests that use it.
 * Where `npm test` has made one, tests begin with a copy of that; elsewhere each makes its own.
 */
import { cpSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openStore, type Store } from "#store/driver.ts";
import { migrate } from "#store/migrate.ts";

const TEMPLATES = process.env["TEST_EMBEDDED_DATABASES"] ?? "";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Puts a database where Deskhand looks for it in this data folder: with nothing in it, or with all its tables. */
export function placeEmbedded(folder: string, state: "empty" | "migrated"): void {
  if (TEMPLATES !== "")
    cpSync(join(TEMPLATES, state, "pglite"), join(folder, "pglite"), { recursive: true });
}

/** Makes both below this folder, as Deskhand itself does. */
export async function makeEmbedded(folder: string): Promise<void> {
  const empty = join(folder, "empty");
  await mkdir(empty, { recursive: true });
  await withStore(empty, async () => undefined);
  cpSync(join(empty, "pglite"), join(folder, "migrated", "pglite"), { recursive: true });
  await withStore(join(folder, "migrated"), migrate);
}

async function withStore(folder: string, work: (store: Store) => Promise<unknown>): Promise<void> {
  const store = await openStore({ databaseUrl: null, folder, log: SILENT });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}
