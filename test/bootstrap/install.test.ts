/** Installing: when it runs, what it prints, and what it prints when it fails. A script stands in for npm. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";

const BOOTSTRAP = join(import.meta.dirname, "..", "..", "src", "bootstrap");
const folder = mkdtempSync(join(tmpdir(), "bootstrap-install-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Does what npm does as far as the bootstrap can see: packages, a record of them, and the command `node`. */
const GOOD_NPM = `
  mkdir -p node_modules/.bin
  cp package-lock.json node_modules/.package-lock.json
  ln -sf "${process.execPath}" node_modules/.bin/node
  echo "$@" >> npm-calls`;

interface Tree {
  readonly root: string;
  readonly calls: () => number;
  /** Starts the program; `heard` is given all of its messages at each new one. */
  readonly run: (
    heard?: (said: string) => void,
  ) => Promise<{ code: unknown; output: string; said: string }>;
}

/** A checkout with the real bootstrap, a program to start, and an npm that runs `script`. */
function tree(name: string, script: string): Tree {
  const root = join(folder, name);
  mkdirSync(join(root, "bin"), { recursive: true });
  cpSync(BOOTSTRAP, join(root, "src", "bootstrap"), { recursive: true });
  writeFileSync(
    join(root, "src", "main.ts"),
    'const word: string = "started"; process.stdout.write(word);',
  );
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module" }));
  lock(root, "1.0.0");
  writeFileSync(join(root, "bin", "npm"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, "bin", "npm"), 0o755);
  return {
    root,
    calls: () =>
      existsSync(join(root, "npm-calls"))
        ? readFileSync(join(root, "npm-calls"), "utf8").split("\n").length - 1
        : 0,
    run: async (heard) => {
      const { npm_execpath: _, ...rest } = process.env;
      const child = spawn(process.execPath, [join(root, "src", "bootstrap", "start.mjs")], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...rest, PATH: [join(root, "bin"), rest["PATH"]].join(delimiter) },
      });
      let output = "";
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        heard?.(said);
      });
      const [code] = await once(child, "close");
      return { code, output, said };
    },
  };
}

function lock(root: string, version: string): void {
  const packages = {
    "": { name: "tree" },
    "node_modules/left": { version },
    "node_modules/only-tests": { version: "1.0.0", dev: true },
    "node_modules/elsewhere": { version: "1.0.0", optional: true },
  };
  writeFileSync(join(root, "package-lock.json"), JSON.stringify({ packages }));
}

test("a fresh checkout is installed once, with a word on what and how big, and then just starts", async () => {
  const { run, calls, root } = tree("fresh", GOOD_NPM);
  const first = await run();
  assert.deepEqual([first.code, first.output], [0, "started"]);
  assert.match(first.said, /^Installing Deskhand's packages into .*: Node 24, .* about \d+ MB/);
  assert.match(first.said, /Installed in \d+ s/);
  assert.match(readFileSync(join(root, "npm-calls"), "utf8"), /^install --no-save /);
  assert.deepEqual(await run(), { code: 0, output: "started", said: "" });
  assert.equal(calls(), 1);
});

test("a lock file that has moved on is followed; packages for tests or other systems are not missed by a start", async () => {
  const { run, calls, root } = tree("moved", GOOD_NPM);
  await run();
  const record = join(root, "node_modules", ".package-lock.json");
  const { packages } = JSON.parse(readFileSync(record, "utf8"));
  delete packages["node_modules/only-tests"];
  delete packages["node_modules/elsewhere"];
  writeFileSync(record, JSON.stringify({ packages }));
  await run();
  assert.equal(calls(), 1);
  lock(root, "1.0.1");
  const { said } = await run();
  assert.match(said, /in line with package-lock.json: left \(/);
  assert.equal(calls(), 2);
});

test("a failed installation shows npm's message and the one thing to do, and starts nothing", async () => {
  const offline = await tree("offline", 'echo "npm error code ENOTFOUND" >&2; exit 1').run();
  assert.deepEqual([offline.code, offline.output], [1, ""]);
  assert.match(
    offline.said,
    /npm error code ENOTFOUND[\s\S]*could not reach its registry\. Check the network/,
  );
  const unknown = await tree("unknown", 'echo "npm error code EODD" >&2; exit 1').run();
  assert.match(
    unknown.said,
    /npm error code EODD[\s\S]*Start again; should it fail the same way, remove .*node_modules first/,
  );
  assert.doesNotMatch(unknown.said, /at .*install\.mjs/, "no stack trace");
});

test("an installation that was cut off is done again, though npm's record looks complete", async () => {
  const { run, calls, root } = tree("cut", GOOD_NPM);
  await run();
  const dead = spawn("true");
  await once(dead, "close");
  mkdirSync(join(root, ".deskhand"), { recursive: true });
  writeFileSync(join(root, ".deskhand", "install.lock"), String(dead.pid));
  assert.match((await run()).said, /an installation that was interrupted/);
  assert.equal(calls(), 2);
  assert.equal(existsSync(join(root, ".deskhand", "install.lock")), false);
});

test("of two starts at once one installs and the other waits for it", async () => {
  // Long enough for the other process to get as far as the lock on a machine that is busy.
  const { run, calls } = tree("both", `sleep 4\n${GOOD_NPM}`);
  const both = await Promise.all([run(), run()]);
  assert.deepEqual(
    both.map(({ code, output }) => [code, output]),
    [
      [0, "started"],
      [0, "started"],
    ],
  );
  assert.equal(calls(), 1);
  assert.equal(
    both.filter(({ said }) => /Another start \(PID \d+\) is installing/.test(said)).length,
    1,
  );
});
