#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --min-semi-space-size=16
/**
 * `deskhand` of the package: without a word, or with a role, it starts Deskhand; every other word is a command. Before
 * 24.15, Node says of its SQLite, by which a data folder is locked, that it is an experiment.
 *
 * It is plain JavaScript without an import, so that an old Node gets as far as the sentence that says so.
 */
/** Of each line the first whose own agent takes a proxy (Node's `http.Agent`, "proxyEnv"); every later line does. */
const LEAST = [
  [22, 21],
  [24, 5],
];
const ROLES = ["all", "web", "worker", "channels"];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const runsHere =
  major > LEAST.at(-1)[0] || LEAST.some(([line, least]) => major === line && minor >= least);
if (!runsHere) {
  process.stderr.write(
    `Deskhand runs on Node ${LEAST.map((one) => one.join(".")).join(", ")} or newer; this is ${process.version}. Nothing was started or changed.\n`,
  );
  process.exit(1);
}

// Run by npx, it would outlive a killed npx: that ends its shell, and nothing tells the program.
const { whenShellOfNpmEnds } = await import(new URL("shell-of-npm.js", import.meta.url).href);
whenShellOfNpmEnds(() => process.kill(process.pid, "SIGTERM"));

// Starting is what it does without a word; people type the word all the same.
if (process.argv[2] === "start") process.argv.splice(2, 1);
const [word] = process.argv.slice(2);
const isStart = word === undefined || ROLES.includes(word);

// What main.js sets is set before the cache is chosen: V8 refuses what was compiled under other flags, and so a start
// and a command would each compile again what the other one had kept.
if (isStart) (await import("node:v8")).setFlagsFromString("--optimize-for-size");
// It is kept beside the program: who may write there could change the program itself, while in Node's own place, a
// folder of /tmp, any user of the machine could lay down code for this one. Where it cannot be written there is none.
const { enableCompileCache } = await import("node:module");
const { fileURLToPath } = await import("node:url");
enableCompileCache(fileURLToPath(new URL("../.compiled", import.meta.url)));

if (word === "--version" || word === "-V") {
  const { readFileSync } = await import("node:fs");
  const file = new URL("../package.json", import.meta.url);
  process.stdout.write(`${JSON.parse(readFileSync(file, "utf8")).version}\n`);
} else {
  const program = isStart ? "main.js" : "commands.js";
  await import(new URL(program, import.meta.url).href);
}
