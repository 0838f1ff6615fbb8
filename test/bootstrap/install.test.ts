/** Installing: when it runs, what it prints, and what it prints when it fails. A script stands in for npm. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  copyFileSync,
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
  mkdir -p node_modules/.bin node_modules/left
  touch node_modules/left/index.js node_modules/left/index.js.map
  case "$*" in
    *--omit=dev*) grep -v '"dev": true' package-lock.json > node_modules/.package-lock.json ;;
    *) cp package-lock.json node_modules/.package-lock.json ;;
  esac
  case "$*" in *--ignore-scripts*) ;; *) ln -sf "${process.execPath}" node_modules/.bin/node ;; esac
  echo "$@" >> npm-calls`;

interface Tree {
  readonly root: string;
  readonly calls: () => number;
  /** Starts the program, as `npm start` or as what tests begin with. */
  readonly run: (as?: As) => Promise<{ code: unknown; output: string; said: string }>;
}

interface As {
  readonly development?: boolean;
  /** The Node that runs it. */
  readonly node?: string;
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
  writeFileSync(
    join(root, "src", "bootstrap", "tests.mjs"),
    'import { install } from "./install.mjs"; await install({ development: true });',
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
    run: async ({ development = false, node = process.execPath } = {}) => {
      const { npm_execpath: _, ...rest } = process.env;
      const begins = join(root, "src", "bootstrap", development ? "tests.mjs" : "start.mjs");
      const child = spawn(node, [begins], {
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...rest, PATH: [join(root, "bin"), rest["PATH"]].join(delimiter) },
      });
      let output = "";
      let said = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
      const [code] = await once(child, "close");
      return { code, output, said };
    },
  };
}

function lock(root: string, version: string): void {
  const packages = {
    "": { name: "tree" },
    "node_modules/left": { version },
    "node_modules/node": { version: "24.0.0" },
    "node_modules/only-tests": { version: "1.0.0", dev: true },
    "node_modules/elsewhere": { version: "1.0.0", optional: true },
  };
  // A package a line, for the npm above.
  const lines = Object.entries(packages).map(
    ([name, entry]) => `"${name}": ${JSON.stringify(entry).replaceAll(":", ": ")}`,
  );
  writeFileSync(join(root, "package-lock.json"), `{"packages":{\n${lines.join("\n,")}\n}}`);
}

test("a fresh checkout is installed once, with a word on what and how big, and then just starts", async () => {
  const { run, calls, root } = tree("fresh", GOOD_NPM);
  const first = await run();
  assert.deepEqual([first.code, first.output], [0, "started"]);
  assert.match(first.said, /^Installing Deskhand's packages into .*: PGlite, .* about \d+ MB/);
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

test("what only tests and checks need is fetched by them, and left there by a later start", async () => {
  const { run, calls, root } = tree("tests", GOOD_NPM);
  const options = () => readFileSync(join(root, "npm-calls"), "utf8").trimEnd().split("\n").at(-1);
  await run();
  assert.match(String(options()), /--omit=dev/);
  assert.equal(existsSync(join(root, "node_modules/left/index.js")), true);
  assert.equal(existsSync(join(root, "node_modules/left/index.js.map")), false);
  const tests = await run({ development: true });
  assert.deepEqual([tests.code, calls()], [0, 2], tests.said);
  assert.match(tests.said, /in line with package-lock.json: only-tests \(/);
  assert.match(String(options()), /--include=dev/);
  lock(root, "1.0.1");
  await run();
  assert.match(String(options()), /--include=dev/);
  await run({ development: true });
  assert.equal(calls(), 3);
});

test("Node 24 is fetched unless the host has one, and again when the host has it no more", async () => {
  const { run, calls, root } = tree("node", GOOD_NPM);
  const options = () => readFileSync(join(root, "npm-calls"), "utf8");
  await run();
  assert.match(options(), /--ignore-scripts/);
  rmSync(join(root, "npm-calls"));
  // A Node among the packages is none of the host's.
  const node = join(root, "node_modules", "earlier-node");
  copyFileSync(process.execPath, node);
  const { said, output } = await run({ node });
  assert.equal(output, "started", said);
  assert.match(said, /in line with package-lock.json: node \(/);
  assert.doesNotMatch(options(), /--ignore-scripts/);
  await run({ node });
  assert.equal(calls(), 1);
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
