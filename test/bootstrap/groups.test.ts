/** Test files that share a process: what is told of them, and which have one of their own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { grouped } from "../runner/groups.mjs";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";

const ROOT = join(import.meta.dirname, "../..");
const REPORTER = new URL("../runner/reporter.mjs", import.meta.url).href;
const IMPORT = 'import { before, describe, test } from "node:test";';

describe("test files in groups", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "deskhand-groups-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Writes files and returns those to run instead of them. */
  const groupsOf = (files: Readonly<Record<string, string>>): readonly string[] => {
    const paths = Object.entries(files).map(([name, body]) => {
      const path = join(folder, name);
      writeFileSync(path, `${IMPORT}\n${body}\n`);
      return relative(ROOT, path);
    });
    return grouped(paths, folder);
  };

  test("every test runs and is told by its own file, and a file that cannot be loaded fails by its name", () => {
    const [group, ...more] = groupsOf({
      "a.test.mjs": 'await new Promise((done) => setTimeout(done, 50)); test("first", () => {});',
      "b.test.mjs": 'throw new Error("cannot be read");',
      "c.test.mjs":
        'describe("of c", () => { before(() => {}); test("wrong", () => { throw new Error("as it must"); }); });',
      "d.test.mjs": 'test("last", () => {});',
    });
    assert.deepEqual(more, []);
    const { stdout, status } = spawnSync(
      process.execPath,
      ["--test", `--test-reporter=${REPORTER}`, "--test-reporter-destination=stdout", group ?? ""],
      { env: BARE_ENVIRONMENT, encoding: "utf8" },
    );
    assert.equal(status, 1);
    assert.match(stdout, /✖ \S+-4-files · 2 of 4 passed/);
    assert.match(stdout, /✖ \S*c\.test\.mjs:2 wrong\n\s+Error: as it must/);
    assert.match(stdout, /b\.test\.mjs can be loaded\n\s+Error: cannot be read/);
  });

  test("a file that changes its process, or starts a whole Deskhand, has one of its own, which begins first; an installation is shared", () => {
    const files = groupsOf({
      "many.test.mjs": 'sharedDeskhand("talks");',
      "more.test.mjs": 'sharedDeskhand("talks");',
      "plain.test.mjs": 'test("a", () => {});',
      "variable.test.mjs": 'process.env["A"] = "b";',
      "whole.test.mjs": "startDeskhand();",
    });
    assert.deepEqual(
      files.map((file) => /^(\d+)-.*?(\w+)\.test\.m?[jt]s$/.exec(basename(file))?.slice(1)),
      [
        ["000", "files"],
        ["001", "variable"],
        ["002", "whole"],
        ["003", "plain"],
      ],
    );
  });
});
