/** Each fault that is planted into the package is found by its case, as people would find it: from outside. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { CASES } from "#conformance/cases/index.ts";
import { judge } from "#conformance/judge.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { worldsOn } from "./package-database.ts";
import { faultyPackage } from "./faulty-package.ts";
import { PACKAGE_FAULTS } from "./package-faults.ts";
import { packageSystem } from "./package-system.ts";

describe("a fault planted into the package is found:", () => {
  const opened: { worlds?: Awaited<ReturnType<typeof worldsOn>> } = {};
  // Decisions at one moment meet only where a database has several connections.
  before(async () => void (opened.worlds = await worldsOn(MAIN_DATABASE)));
  for (const fault of PACKAGE_FAULTS)
    test(fault.name, async () => {
      assert.ok(opened.worlds);
      const module = await faultyPackage(fault);
      const system = packageSystem(MAIN_DATABASE, "this", opened.worlds, module);
      const [found] = (
        await judge(
          system,
          CASES.filter(({ id }) => id === fault.found),
        )
      ).cases;
      assert.equal(found?.state, "failed", JSON.stringify(found, null, 2));
    });
});
