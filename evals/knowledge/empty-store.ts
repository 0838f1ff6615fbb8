/** A database for one measurement, in a temporary folder. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "#core/contracts/ports.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { createLog } from "#telemetry/log.ts";

/** Opens an embedded database without any data, works with it and deletes it. Throws what the work throws. */
export async function withEmptyStore<Result>(
  work: (parts: { readonly store: Store; readonly log: Log }) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-search-"));
  const log = createLog("warn");
  const store = await openStore({ databaseUrl: null, folder, log });
  try {
    await migrate(store);
    return await work({ store, log });
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}
