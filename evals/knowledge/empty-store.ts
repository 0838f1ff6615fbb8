/** A database for one measurement. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "#core/contracts/ports.ts";
import { openStageDatabase } from "#evals/harness/stage-database.ts";
import type { Store } from "#store/db/database.ts";
import { migrate } from "#store/db/migrate.ts";
import { createLog } from "#telemetry/log.ts";

/** Opens a database as a stage has, without any data, works with it and deletes it. Throws what the work throws. */
export async function withEmptyStore<Result>(
  work: (parts: { readonly store: Store; readonly log: Log }) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "deskhand-search-"));
  const closers = [() => rm(folder, { recursive: true, force: true })];
  const log = createLog("warn");
  try {
    const parts = { folder, log, databaseUrl: null };
    const store = await openStageDatabase(parts, (closer) => void closers.push(closer));
    await migrate(store);
    return await work({ store, log });
  } finally {
    for (const close of closers.toReversed()) await close();
  }
}
