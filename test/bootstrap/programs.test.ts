/** The scripts of package.json and the names behind them: each starts a program that exists, and a wrong name lists the right ones. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { chosenProgram, PROGRAMS } from "../runner/programs.mjs";

const ROOT = join(import.meta.dirname, "../..");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

test("there are at most 15 scripts, and each table of programs belongs to one", () => {
  assert.ok(Object.keys(scripts).length <= 15, `${Object.keys(scripts).length} scripts`);
  for (const script of Object.keys(PROGRAMS))
    assert.equal(scripts[script], `exec node test/runner/program.mjs ${script}`);
});

test("each name starts a file that exists, with what stands behind the name", () => {
  for (const [script, table] of Object.entries(PROGRAMS))
    for (const [name, { file }] of Object.entries(table)) {
      assert.ok(existsSync(join(ROOT, file)), file);
      const given = name === "own" ? ["--json"] : [name, "--json"];
      const { program, parameters } = chosenProgram(script, given);
      assert.equal(program, table[name]);
      assert.deepEqual(parameters, ["--json"]);
    }
});

test("a path is no name, and what has no names takes every word", () => {
  assert.deepEqual(chosenProgram("package", ["./out"]).parameters, ["./out"]);
  assert.deepEqual(chosenProgram("pictures", ["shadow"]).parameters, ["shadow"]);
});

for (const { words, names } of [
  { words: ["test/runner/program.mjs", "evals", "redteem"], names: /redteam, same-case/ },
  { words: ["test/runner/program.mjs", "figures", "burst"], names: /long-queue, mail-memory/ },
  { words: ["test/runner/check.mjs", "typos"], names: /types, lint, format/ },
  { words: ["src/bootstrap/start.mjs", "sandbox", "mail"], names: /zendesk, shops, history/ },
])
  test(`${words.join(" ")} lists the names there are, and runs nothing`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      cwd: ROOT,
      encoding: "utf8",
    });
    assert.notEqual(status, 0);
    assert.equal(stdout, "");
    assert.match(stderr, names);
  });
