/** A migrated database with what is kept about people beside it, for the commands that erase. */
import { join } from "node:path";
import type { TestContext } from "node:test";
import { runCommand } from "#cli/program.ts";
import { diskBlobs } from "#store/blobs/shared-place.ts";
import { migratedDatabase, NOW } from "#test/store/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

/** What is kept about people in files of this folder. */
export function personalIn(folder: string) {
  return {
    blobs: diskBlobs(join(folder, "blobs")),
    ids: { next: (prefix: string) => `${prefix}_${Math.random()}` },
    secret: "a secret of the test",
    listFile: join(folder, "erasures.jsonl"),
    spansFile: null,
    keep: { contentDays: 90, auditMonths: 24 },
  };
}

/** A database of one test's own, and the commands on it. */
export async function erasureDesk(context: TestContext, clock = { now: () => NOW }) {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store, folder } = database;
  const parts = { store, clock, personal: personalIn(folder) };
  const command = (...argv: string[]) => runCommand(parts, argv);
  return { store, folder, parts, command };
}
