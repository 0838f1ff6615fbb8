/** Test files that share a process: what is told of them, and which have one of their own. */
import assert from "node:assert/strict";
import { spawnSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync, existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { BARE_ENVIRONMENT } from "#test/support/bare-environment.ts";
import { grouped } from "../runner/groups.mjs";
import { chosenProgram, PROGRAMS } from "../runner/programs.mjs";

const ROOT = join(import.meta.dirname, "../..");
const REPORTER = new URL("../runner/reporter.mjs", import.meta.url).href;
const FOLLOW = new URL("../runner/follow.mjs", import.meta.url).href;
const IMPORT = 'import { before, describe, test } from "node:test";';

/** Runs a test file as `npm test` does, without the services. */
function runFile(file: string) {
  return spawnSync(
    process.execPath,
    [
      `--import=${FOLLOW}`,
      "--test",
      `--test-reporter=${REPORTER}`,
      "--test-reporter-destination=stdout",
      file,
    ],
    { env: BARE_ENVIRONMENT, encoding: "utf8" },
  );
}

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
    const { stdout, status } = runFile(group ?? "");
    assert.equal(status, 1);
    assert.match(stdout, /✖ \S+-4-files · 2 of 4 passed/);
    assert.match(stdout, /✖ \S*c\.test\.mjs:2 wrong\n\s+Error: as it must/);
    assert.match(stdout, /b\.test\.mjs can be loaded\n\s+Error: cannot be read/);
  });

  test("what breaks while nobody waits for it is a failure of the test that began it, and of no hook's", () => {
    // The end is set from inside: on a busy machine two timers of one test may be due at once.
    const later = (error: string): string =>
      `await new Promise((done) => setTimeout(() => { setTimeout(done, 60); ${error}; }, 5));`;
    const [group = ""] = groupsOf({
      "a.test.mjs": `test("of a", async () => { ${later('Promise.reject(new Error("a breaks"))')} });`,
      "b.test.mjs": `describe("of b", () => {
        before(() => setImmediate(() => {}));
        test("good", async () => { await import("node:fs"); });
        test("wrong", async (context) => context.test("inner", async () => { ${later('throw new Error("b breaks")')} }));
        test("gone", () => void setTimeout(() => { throw new Error("too late"); }, 5));
        test("last", () => new Promise((done) => setTimeout(done, 60)));
      });`,
    });
    const { stdout, status } = runFile(group);
    assert.equal(status, 1);
    assert.match(stdout, /✖ \S*a\.test\.mjs:2 of a\n\s+Error: a breaks/);
    assert.match(stdout, /✖ \S*b\.test\.mjs:5 inner\n\s+Error: b breaks/);
    assert.match(stdout, /Test "gone" at \S*b\.test\.mjs:6:\d+ generated .* after the test ended/);
    assert.match(stdout, /ℹ fail 3/);
  });

  test("no promise is noted, which would cost six times what it does", () => {
    const [file = ""] = groupsOf({
      "a.test.mjs": `import { executionAsyncId } from "node:async_hooks";
        test("unnoted", async () => {
          await null;
          // Promises have numbers only where somebody notes them.
          if (executionAsyncId() !== 0) throw new Error("this one has a number");
        });`,
    });
    const { stdout, status } = runFile(file);
    assert.equal(status, 0, stdout);
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
  { words: ["test/runner/program.mjs", "figures", "burst"], names: /long-queue, recovery/ },
  { words: ["test/runner/check.mjs", "typos"], names: /types, lint, format/ },
  { words: ["src/bootstrap/start.mjs", "sandbox", "mail"], names: /zendesk, shops\./ },
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

const PARTS = join(import.meta.dirname, "..", "..", "test", "runner", "parts.mjs");

/** Looks for the parts on a PATH with nothing on it, so nothing is installed either. */
async function lookOnEmptyPath(more: Readonly<Record<string, string>>) {
  const script = `import(${JSON.stringify(PARTS)}).then(({ findParts }) => findParts()).catch((error) => { process.stderr.write(error.message); process.exitCode = 1; })`;
  const child = spawn(process.execPath, ["-e", script], {
    env: { PATH: import.meta.dirname, ...more },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = await once(child, "close");
  return { code: Number(code), said };
}

/** These are looked for beside PATH as well, so here they may be installed. */
const besidePath: Readonly<Record<string, string>> = {
  Dovecot: "/usr/sbin/dovecot",
  MariaDB: "/usr/sbin/mariadbd",
  PostgreSQL: "/usr/lib/postgresql",
};

test("what is missing is named with what is skipped and the packages that have it", async () => {
  const { code, said } = await lookOnEmptyPath({});
  assert.equal(code, 0);
  assert.match(
    said,
    /Redis is not here: tests on a real Redis are skipped\. On Debian: apt-get install redis-server/,
  );
  assert.match(said, /Chromium is not here: .*apt-get install chromium/);
  if (!existsSync(besidePath["Dovecot"] ?? ""))
    assert.match(
      said,
      /Dovecot is not here: tests on a real mail server are skipped\. On Debian: apt-get install dovecot-imapd dovecot-lmtpd/,
    );
});

test("under CI a missing part fails the run", async () => {
  const { code, said } = await lookOnEmptyPath({ CI: "true" });
  assert.equal(code, 1);
  const missing = Object.entries(besidePath).filter(([, file]) => !existsSync(file));
  const names = ["Redis", "Chromium", ...missing.map(([name]) => name)];
  const [list = ""] = /CI=true: a missing part fails the run \(.*\)/.exec(said) ?? [];
  for (const name of names) assert.ok(list.includes(name), `${name} in: ${said}`);
});
