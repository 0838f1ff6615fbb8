/**
 * `npm test -- [--long] [--database pglite|postgres] [FILE…]`: proves every promise, or runs the named files, folders or patterns.
 * `--long` runs the wide variants beside them: more random cases, both databases, and the files
 * whose names end in `.long.test.ts`.
 * Options of node:test that begin with --test- are passed on, for example --test-name-pattern=refund.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

import { runBeside } from "./beside.mjs";
import { main, runNode } from "../../src/bootstrap/child.mjs";
import { grouped } from "./groups.mjs";
import { ROOT } from "../../src/bootstrap/install.mjs";

/**
 * A test that hangs is a failed test. The only deadline of a test: `PATIENCE_MS` of test/support/waiting.ts lies below
 * it, and both are many times what the longest test takes on a busy machine.
 */
const TEST_TIMEOUT_MS = 900_000;

/**
 * Files at a time. Those that start a whole Deskhand take less than half a core and wait for the rest (for a process to
 * start, a browser, an undo time to pass).
 */
const FILES_AT_ONCE = 6;

/**
 * How V8 works for little processor time. It collects a small space for new objects every few milliseconds while modules
 * load and tests make rows and cards; a large one from the start takes a sixth of the time of most files away. Threads
 * that collect beside others wait for each other, since more files run than there are cores. And what most tests run a
 * few times is cheaper compiled at once, without looking for what to make faster. Both take another sixth away.
 */
const CHEAP = [
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
  "--single-threaded-gc",
  "--always-sparkplug",
];

/** Databases that are thrown away are not vacuumed, and no test asks what their statements cost. */
const THROWAWAY_DATABASE = { autovacuum: "off", shared_preload_libraries: "" };

/** What only `npm test -- --long` runs, unless it is named. */
const LONG = ".long.test.ts";

/** What the embedded databases and keys depend on: the tables, the database itself, and how they are made. */
const MADE_OF = [
  "src/store/db",
  "test/support/embedded.ts",
  "test/support/make-embedded.ts",
  "node_modules/@electric-sql/pglite/package.json",
];

/** A run that began before a change goes on with the earlier ones. */
const KEPT_MS = 24 * 60 * 60 * 1000;

await main(async () => {
  const { database, isLong, options, files } = parse(process.argv.slice(2));
  await runBeside({
    what: "The tests were",
    parameters: (folder) => nodeTest(options, filesToRun({ named: files, folder, isLong })),
    environment: { TEST_DATABASE: database, TEST_TIER: isLong ? "long" : "short" },
    alongside: embeddedDatabases,
    database: THROWAWAY_DATABASE,
  });
});

/**
 * Tests start with copies of these databases, since creating one takes longer than most tests that use it. They are kept
 * beside the installed packages until what they are made of changes.
 */
async function embeddedDatabases(node) {
  const kept = join(ROOT, "node_modules", ".cache", "deskhand-test-databases");
  const databases = join(kept, contentDigest(MADE_OF));
  if (!existsSync(databases)) {
    removeOld(kept);
    const making = `${databases}-${process.pid}`;
    const maker = join(ROOT, "test", "support", "make-embedded.ts");
    const { code, signal } = await runNode(node, [maker, making], { cwd: ROOT });
    if (code !== 0) throw new Error(`The embedded database could not be made (${signal ?? code}).`);
    giveName(making, databases);
  }
  return { TEST_EMBEDDED_DATABASES: databases };
}

function contentDigest(paths) {
  const hash = createHash("sha256");
  for (const path of paths) {
    const isFile = !isFolder(path);
    const files = isFile ? [""] : readdirSync(join(ROOT, path), { recursive: true }).toSorted();
    for (const file of files) {
      const whole = join(ROOT, path, file);
      if (!isFolder(whole)) hash.update(`${path}/${file}\n`).update(readFileSync(whole));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

function removeOld(kept) {
  for (const name of existsSync(kept) ? readdirSync(kept) : []) {
    const path = join(kept, name);
    if (Date.now() - statSync(path).mtimeMs > KEPT_MS)
      rmSync(path, { recursive: true, force: true });
  }
}

/** Only whole ones get the name that runs look for. Another run that began at the same time may have been first. */
function giveName(making, databases) {
  try {
    renameSync(making, databases);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    if (!existsSync(databases)) throw error;
  }
}

function parse(given) {
  const options = given.filter((word) => word.startsWith("--test-"));
  const isLong = given.includes("--long");
  const rest = given.filter((word) => !word.startsWith("--test-") && word !== "--long");
  const at = rest.findIndex((word) => word === "--database" || word.startsWith("--database="));
  let database;
  if (at >= 0) {
    const [word, next] = rest.slice(at, at + 2);
    const inOne = word.includes("=");
    database = inOne ? word.slice("--database=".length) : next;
    rest.splice(at, inOne ? 1 : 2);
    if (database !== "pglite" && database !== "postgres")
      throw new Error(`--database takes pglite or postgres, not ${database ?? "nothing"}.`);
  }
  const unknown = rest.find((word) => word.startsWith("-"));
  if (unknown !== undefined)
    throw new Error(
      `Unknown option ${unknown}. Usage: npm test -- [--long] [--database pglite|postgres] [--test-…] [FILE…]`,
    );
  return { database, isLong, options, files: rest };
}

function nodeTest(options, files) {
  const beside = (file) => new URL(file, import.meta.url).href;
  return [
    ...CHEAP,
    // Before anything loads node:test.
    `--import=${beside("./follow.mjs")}`,
    // Before the next one, so that what a process shares has ended when the look for what is left open begins.
    `--import=${beside("../support/at-end.ts")}`,
    `--import=${beside("./leaks.mjs")}`,
    `--import=${beside("./meter.mjs")}`,
    "--test",
    `--test-concurrency=${FILES_AT_ONCE}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    `--test-reporter=${beside("./reporter.mjs")}`,
    "--test-reporter-destination=stdout",
    ...options,
    ...files,
  ];
}

/** Files and patterns that were named run as they are; those of a folder, and of all folders, share processes. */
function filesToRun({ named, folder, isLong }) {
  const folders = named.length === 0 ? ["test"] : named.filter(isFolder);
  const files = folders.flatMap((each) =>
    readdirSync(join(ROOT, each), { recursive: true })
      .filter((file) => file.endsWith(".test.ts") && (isLong || !file.endsWith(LONG)))
      .map((file) => join(each, file)),
  );
  return [
    ...grouped(
      [...new Set(files)].toSorted((one, other) => one.localeCompare(other)),
      folder,
    ),
    ...named.filter((file) => !isFolder(file)),
  ];
}

function isFolder(path) {
  return statSync(resolve(ROOT, path), { throwIfNoEntry: false })?.isDirectory() === true;
}
