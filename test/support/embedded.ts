/**
 * The embedded database takes three seconds of processor time to make itself anew, more than most tests that use it.
 * Where `npm test` has made one, tests begin with a copy of that; elsewhere each makes its own.
 */
import { cpSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { openStore } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";

const TEMPLATES = process.env["TEST_EMBEDDED_DATABASES"] ?? "";

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Puts a database where Deskhand looks for it in this data folder: with nothing in it, or with all its tables. */
export function placeEmbedded(folder: string, state: "empty" | "migrated"): void {
  if (TEMPLATES !== "")
    cpSync(join(TEMPLATES, state, "pglite"), join(folder, "pglite"), { recursive: true });
}

/** Makes both below this folder, without the two databases a server keeps to copy new ones from: half of its size. */
export async function makeEmbedded(folder: string): Promise<void> {
  const empty = join(folder, "empty");
  await mkdir(empty, { recursive: true });
  const database = await PGlite.create({ dataDir: join(empty, "pglite") });
  await database.exec("update pg_database set datistemplate = false");
  for (const name of ["template0", "template1"]) await database.exec(`drop database ${name}`);
  await database.close();
  cpSync(join(empty, "pglite"), join(folder, "migrated", "pglite"), { recursive: true });
  const store = await openStore({
    databaseUrl: null,
    folder: join(folder, "migrated"),
    log: SILENT,
  });
  await migrate(store);
  await store.close();
}
