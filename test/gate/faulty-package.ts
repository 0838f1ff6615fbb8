/** A copy of the package with a fault in it, loaded beside the right one. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type * as Package from "#gate/index.ts";
import { atEndOfProcess } from "#test/support/at-end.ts";
import type { PackageFault } from "./package-faults.ts";

const PACKAGE = join(import.meta.dirname, "../../packages/gate");

const Entrance = z.custom<typeof Package>(
  (value) => typeof value === "object" && value !== null && "openGate" in value,
);

/** A copy of the package with a fault. Throws where a text does not stand once in its file. */
export async function faultyPackage({ name, changes }: PackageFault): Promise<typeof Package> {
  const folder = mkdtempSync(join(tmpdir(), "gate-fault-"));
  atEndOfProcess(async () => rmSync(folder, { recursive: true, force: true }));
  cpSync(PACKAGE, folder, { recursive: true });
  symlinkSync(join(PACKAGE, "../../node_modules"), join(folder, "node_modules"));
  for (const [file, from, to] of changes) {
    const path = join(folder, file);
    const parts = readFileSync(path, "utf8").split(from);
    if (parts.length !== 2)
      throw new Error(`${name}: ${file} has its text ${parts.length - 1} times`);
    writeFileSync(path, parts.join(to));
  }
  return Entrance.parse(await import(pathToFileURL(join(folder, "index.ts")).href));
}
