/** The commands about procedures: what they print, and which files they look at. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { CommandResult } from "#cli/control.ts";
import { withWholeProcedurePaths } from "#cli/procedure-commands.ts";
import { runCommand } from "#cli/program.ts";
import { proceduresFolderOf, readProcedureFiles } from "#config/procedures-folder.ts";
import { procedureText, sampleProcedures, worldOf } from "#test/procedures/world.ts";

const none = async (): Promise<never> => {
  throw new Error("no data");
};

function run(
  argv: readonly string[],
  files = sampleProcedures(),
  folder: string | null = "procedures",
): Promise<CommandResult> {
  return runCommand(
    {
      store: { kind: "pglite", run: none, close: none },
      clock: { now: () => new Date() },
      status: null,
      appUrl: null,
      procedures: { folder, files: () => files, world: async () => worldOf() },
    },
    ["procedures", ...argv],
  );
}

test("the list names every file, and those with mistakes as such", async () => {
  const { stdout } = await run(
    ["list"],
    [...sampleProcedures(), { name: "wrong", text: procedureText({ steps: "1. Call @nothing." }) }],
  );
  assert.match(stdout, /^late-parcel: Late parcel \(5 steps, 1 tests, lead@ourshop\.test\)$/m);
  assert.match(stdout, /^wrong: 1 mistake; see deskhand procedures check$/m);
  assert.match((await run(["list"], [], null)).stdout, /There is no folder of procedures/);
});

test("the check passes the sample shop's and fails with every mistake of a file", async (context) => {
  assert.deepEqual(await run(["check"]), {
    stdout: "10 procedures checked, no mistake.\n",
    stderr: "",
    exitCode: 0,
  });
  const folder = mkdtempSync(join(tmpdir(), "procedures-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "mine.md");
  writeFileSync(
    file,
    procedureText({ steps: "1. Call @nothing.\n2. Go on with [[procedure:return]]. Read [[x]]." }),
  );
  assert.deepEqual(await run(["check", file]), {
    stdout: "",
    stderr: "mine.md:8 there is no tool nothing\nmine.md:9 there is no help page x\n",
    exitCode: 1,
  });
  assert.match((await run(["check", join(folder, "no.md")])).stderr, /no\.md cannot be read/);
  assert.deepEqual(
    readProcedureFiles({ proceduresFolder: folder }).map(({ name }) => name),
    ["mine"],
  );
  assert.throws(
    () => readProcedureFiles({ proceduresFolder: join(folder, "away") }),
    /DESKHAND_PROCEDURES: .*away cannot be read/,
  );
});

test("the folder is the one that is set, or the one beside the policy file if it is there", () => {
  const root = join(import.meta.dirname, "../..");
  assert.equal(proceduresFolderOf(undefined, undefined), join(root, "procedures"));
  assert.equal(proceduresFolderOf(undefined, "/nowhere/policy.yaml"), null);
  assert.equal(proceduresFolderOf("/set", "/nowhere/policy.yaml"), "/set");
});

test("named files are those of the caller's folder", () => {
  assert.deepEqual(withWholeProcedurePaths(["procedures", "check", "a.md", "/b.md"], "/here"), [
    "procedures",
    "check",
    "/here/a.md",
    "/b.md",
  ]);
  assert.deepEqual(withWholeProcedurePaths(["procedures", "list"], "/here"), [
    "procedures",
    "list",
  ]);
});
