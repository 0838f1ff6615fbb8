/** Each fault that is planted into the package, or around it, is found by its case, as people would find it: from outside. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type * as Package from "#gate/index.ts";
import type { System } from "#conformance/contract.ts";
import { CASES, judge } from "#conformance/judge.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { AGENT_FAULTS, withFault } from "./agent-faults.ts";
import { worldsOn } from "./package-database.ts";
import { PACKAGE_FAULTS, type PackageFault } from "./package-faults.ts";
import { packageSystem } from "./package-system.ts";
import { atEndOfProcess } from "#test/support/at-end.ts";

describe("a planted fault is found:", () => {
  const opened: { worlds?: Awaited<ReturnType<typeof worldsOn>> } = {};
  // Decisions at one moment meet only where a database has several connections.
  before(async () => void (opened.worlds = await worldsOn(MAIN_DATABASE)));

  const system = (module?: Awaited<ReturnType<typeof faultyPackage>>): System => {
    assert.ok(opened.worlds);
    return packageSystem(MAIN_DATABASE, "this", opened.worlds, module);
  };

  async function isFound(id: string, by: System): Promise<void> {
    const [found] = (
      await judge(
        by,
        CASES.filter((one) => one.id === id),
      )
    ).cases;
    assert.equal(found?.state, "failed", JSON.stringify(found, null, 2));
  }

  for (const fault of PACKAGE_FAULTS)
    test(`in the package, ${fault.name}`, async () =>
      isFound(fault.found, system(await faultyPackage(fault))));
  for (const fault of AGENT_FAULTS)
    test(`around it, ${fault.name}`, () => isFound(fault.found, withFault(system(), fault)));
});

test("no case is without a fault that it finds", () => {
  const found = new Set<string>([...PACKAGE_FAULTS, ...AGENT_FAULTS].map((fault) => fault.found));
  assert.deepEqual(
    CASES.map(({ id }) => id).filter((id) => !found.has(id)),
    [],
  );
});

// A copy of the package with a fault in it, loaded beside the right one.

const PACKAGE = join(import.meta.dirname, "../../packages/gate");

const Entrance = z.custom<typeof Package>(
  (value) => typeof value === "object" && value !== null && "openGate" in value,
);

/** A copy of the package with a fault. Throws where a text does not stand once in its file. */
async function faultyPackage({ name, changes }: PackageFault): Promise<typeof Package> {
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
