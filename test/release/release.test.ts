/** What a release is made by: the notes, the licences, and the workflow that puts all together. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { parse } from "yaml";
import { z } from "zod";
import { licencesIn } from "./licences.ts";
import { releaseNotes } from "./notes.ts";

function fileAt(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
}

const CHANGELOG =
  "# Changelog\n\n## Unreleased\n\nSoon.\n\n## 0.4.0 (2026-11-23)\n\nFirst.\n\n### More\n\nSecond.\n\n## 0.3.0\n\n## 0.2.0\nOld.\n";

test("the notes of a version are what stands below its heading, and nothing of its neighbours", () => {
  assert.equal(releaseNotes(CHANGELOG, "0.4.0"), "First.\n\n### More\n\nSecond.\n");
  assert.equal(releaseNotes(CHANGELOG, "v0.2.0"), "Old.\n");
  assert.throws(() => releaseNotes(CHANGELOG, "0.3.0"), /says nothing below 0\.3\.0/);
  assert.throws(() => releaseNotes(CHANGELOG, "0.4"), /is no version/);
  assert.throws(
    () => releaseNotes(CHANGELOG, "0.4.1"),
    /no heading for 0\.4\.1; it has Unreleased/,
  );
  assert.throws(() => releaseNotes(`${CHANGELOG}\n## 0.2.0\nAgain.\n`, "0.2.0"), /2 headings/);
});

test("the changelog of this repository has notes for every version it names", () => {
  const changelog = fileAt("CHANGELOG.md");
  const versions = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(
    ([, version = ""]) => version,
  );
  assert.ok(versions.length > 0);
  for (const version of versions) assert.ok(releaseNotes(changelog, version).length > 1, version);
});

test("the newest version is told in at most forty lines, what a reader must do first", () => {
  const [, newest = ""] = fileAt("CHANGELOG.md").split(/^## /m);
  const lines = newest.split("\n").filter((line) => line.trim() !== "");
  assert.ok(lines.length <= 40, `${lines.length} lines`);
  const headings = [...newest.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading);
  assert.deepEqual(headings, ["What you must do", "What changed"]);
});

const lockWith = (license: string | undefined, more: object = {}) => ({
  packages: {
    "": { license: "X" },
    "node_modules/a/node_modules/@b/c": { version: "1.0.0", license, ...more },
  },
});

test("a licence that is not allowed, unknown or missing is named with its package, and those of development are not", () => {
  const allowed = ["MIT", "(MIT OR GPL-3.0-or-later)", "MIT AND Zlib", "(GPL-3.0-only OR ISC)"];
  for (const one of allowed) assert.deepEqual(licencesIn(lockWith(one)).problems, [], one);
  const refused = [
    "GPL-3.0-only",
    "(MIT AND GPL-2.0-only)",
    "SEE LICENSE IN FILE",
    "mit",
    "((MIT))",
  ];
  for (const one of refused)
    assert.deepEqual(licencesIn(lockWith(one)).problems, [`@b/c 1.0.0: ${one}`]);
  assert.deepEqual(licencesIn(lockWith(undefined)).problems, ["@b/c 1.0.0: no licence is named"]);
  assert.throws(() => licencesIn(lockWith("GPL-3.0-only", { dev: true })), /no production/);
  fc.assert(
    fc.property(fc.string(), (license) => {
      const isKnown = /^[ ()]*(?:0BSD|Apache-2\.0|BSD|ISC|MIT|PSF|Zlib)/.test(license);
      assert.ok(isKnown || licencesIn(lockWith(license)).problems.length === 1);
    }),
  );
});

test("everything this repository installs for production may be shipped", () => {
  const { counts, problems } = licencesIn(JSON.parse(fileAt("package-lock.json")));
  assert.deepEqual(problems, []);
  assert.ok([...counts.values()].reduce((sum, count) => sum + count, 0) > 100);
});

const Step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const Workflow = z.object({
  permissions: z.strictObject({}),
  jobs: z.record(
    z.string(),
    z.object({
      permissions: z.record(z.string(), z.enum(["read", "write"])),
      "timeout-minutes": z.int().max(60),
      needs: z.string().optional(),
      container: z.string().optional(),
      "continue-on-error": z.boolean().optional(),
      strategy: z.looseObject({ matrix: z.record(z.string(), z.array(z.string())) }).optional(),
      steps: z.array(Step),
    }),
  ),
});

function workflow(name: string): z.infer<typeof Workflow> {
  return Workflow.parse(parse(fileAt(`.github/workflows/${name}.yml`)));
}

/** The npm scripts that a workflow runs, after a check of what holds for every workflow. */
function scriptsRunBy({ jobs }: z.infer<typeof Workflow>): readonly string[] {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(fileAt("package.json")));
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  for (const { uses, with: given } of steps) {
    if (uses === undefined) continue;
    assert.match(uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    if (uses.startsWith("actions/checkout")) assert.equal(given?.["persist-credentials"], false);
  }
  const lines = steps.flatMap(({ run }) => run ?? []);
  // An expression within a command would run whatever a tag is called.
  for (const line of lines) assert.doesNotMatch(line, /\$\{\{/);
  const named = lines.flatMap((line) =>
    [...line.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g)].map(([, name = ""]) => name),
  );
  for (const name of named) assert.ok(scripts[name] !== undefined, name);
  return named;
}

test("the release names every action by a commit, keeps no credentials, and runs commands that exist", () => {
  const release = workflow("release");
  assert.equal(release.jobs["release"]?.needs, "check");
  assert.deepEqual(release.jobs["check"]?.permissions, { contents: "read" });
  assert.deepEqual(scriptsRunBy(release).toSorted(), ["check", "package", "package", "package"]);
});

test("each change runs the commands that everybody runs, on Debian, and on systems that are called untried", () => {
  const ci = workflow("ci");
  assert.deepEqual(scriptsRunBy(ci), ["check", "docs", "check"]);
  const { debian, untried } = ci.jobs;
  assert.ok(debian !== undefined && untried !== undefined);
  assert.match(debian.container ?? "", /-bookworm$/);
  assert.equal(debian["continue-on-error"], undefined);
  for (const job of [debian, untried]) {
    assert.deepEqual(job.permissions, { contents: "read" });
    assert.ok(job.steps.some(({ run }) => run === ".ci/run"));
  }
  assert.equal(untried["continue-on-error"], true);
  assert.ok((untried.strategy?.matrix["system"] ?? []).length >= 3);
  assert.match(fileAt("CONTRIBUTING.md"), /^\| Ubuntu .*macOS \| untried/m);
});

test("the action that compares two versions names actions by a commit, and takes no input into its command", () => {
  const Action = z.object({
    runs: z.object({ using: z.literal("composite"), steps: z.array(Step) }),
  });
  const { steps } = Action.parse(parse(fileAt(".github/actions/compare/action.yml"))).runs;
  for (const { uses, run } of steps) {
    if (uses !== undefined) assert.match(uses, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    assert.doesNotMatch(run ?? "", /\$\{\{/);
  }
  assert.ok(steps.some(({ run }) => run?.includes('compare "$BASE:$FOLDER" "$FOLDER"')));
});
