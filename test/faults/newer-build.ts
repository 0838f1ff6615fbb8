/** Makes a build of the next version, for an upgrade during which both versions run. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newestMigration } from "#store/db/migrate.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import type { CaseContext } from "./arena.ts";

const ROOT = join(import.meta.dirname, "../..");
const MIGRATIONS = "src/store/db/migrations";

/** What the next version writes differently: messages and wakes, which today's code cannot read. */
const CHANGES = [
  {
    file: "src/store/db/versioned-documents.ts",
    from: 'name: "message", schema: Message',
    to: 'name: "message", schema: Message, upgrades: [(older) => older]',
  },
  {
    file: "jobs/queue/change-notices.ts",
    from: 'name: "ring",',
    to: 'name: "ring", upgrades: [(older) => older],',
  },
] as const;

/** A copy of this program with one more migration and newer documents; gives its folder. Removed with the case. */
export async function newerBuild(context: CaseContext): Promise<string> {
  const folder = temporaryFolder(context);
  for (const part of ["src", "jobs", "adapters", "packages", "package.json"])
    cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const { file, from, to } of CHANGES) {
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    if (!text.includes(from)) throw new Error(`${file} has nothing like “${from}”`);
    writeFileSync(path, text.replace(from, to));
  }
  const newest = newestMigration().slice(0, 4);
  const next = readFileSync(join(ROOT, "test/fixtures/migrations/next.sql"), "utf8");
  writeFileSync(join(folder, MIGRATIONS, "9000_next.sql"), `-- works with: ${newest}\n${next}`);
  return folder;
}
