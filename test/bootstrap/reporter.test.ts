/** What the closing of `npm test` makes of a skipped test: a note on a developer's machine, a failure under CI. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";

const REPORTER = new URL("../runner/reporter.mjs", import.meta.url).href;

function run(skips: boolean, environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-reporter-"));
  const file = join(folder, "one.test.mjs");
  writeFileSync(
    file,
    `import { test } from "node:test"; test("one", { skip: ${skips} && "no such part" }, (context) => context.diagnostic("9 of 9"));`,
  );
  try {
    const options = ["--test", `--test-reporter=${REPORTER}`, "--test-reporter-destination=stdout"];
    return spawnSync(process.execPath, [...options, file], {
      env: { ...BARE_ENVIRONMENT, ...environment },
      encoding: "utf8",
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("a skipped test is named, and fails the run under CI", () => {
  const here = run(true, {});
  assert.equal(here.status, 0, here.stderr);
  assert.match(here.stdout, /skipped:\n.*one.*no such part/);
  const ci = run(true, { CI: "true" });
  assert.equal(ci.status, 1);
  assert.match(ci.stdout, /CI=true: skipped tests fail the run/);
  assert.match(ci.stdout, /ℹ skipped 1/);
});

test("with nothing skipped CI is green, and a figure that a test tells is below its file", () => {
  const { status, stdout } = run(false, { CI: "true" });
  assert.equal(status, 0, stdout);
  assert.doesNotMatch(stdout, /skipped:/);
  assert.match(stdout, /^✔ .*one\.test\.mjs · 1 of 1 passed.*\n {2}9 of 9$/m);
});
