/**
 * `npm test -- [--database pglite|postgres] [FILE…]`: proves every promise, or runs the named files, folders or patterns.
 * `npm run test:long` (`--long`) runs the wide variants beside them: more random cases, both databases, and the files
 * whose names end in `.long.test.ts`.
 * Options of node:test that begin with --test- are passed on, for example --test-name-pattern=refund.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { runBeside } from "./beside.mjs";
import { main, runNode } from "./child.mjs";
import { grouped } from "./groups.mjs";
import { ROOT } from "./install.mjs";

/**
 * A test that hangs is a failed test. The only deadline of a test: `PATIENCE_MS` of test/support/waiting.ts lies below
 * it, and both are many times what the longest test takes on a busy machine.
 */
const TEST_TIMEOUT_MS = 900_000;

/**
 * Files at a time. Those that start a whole Deskhand take less than half a core and wait for the rest (for a process to
 * start, a browser, an undo time to pass).
 */
const FILES_AT_ONCE = 5;

/** What only `npm run test:long` runs, unless it is named. */
const LONG = ".long.test.ts";

await main(async () => {
  const { database, isLong, options, files } = parse(process.argv.slice(2));
  await runBeside({
    what: "The tests were",
    parameters: (folder) => nodeTest(options, filesToRun({ named: files, folder, isLong })),
    environment: { TEST_DATABASE: database, TEST_TIER: isLong ? "long" : "short" },
    alongside: embeddedDatabases,
  });
});

/** Tests start with copies of these databases, since creating one takes longer than most tests that use it. */
async function embeddedDatabases(node, folder) {
  const made = join(folder, "embedded");
  const maker = join(ROOT, "test", "support", "make-embedded.ts");
  const { code, signal } = await runNode(node, [maker, made], { cwd: ROOT });
  if (code !== 0) throw new Error(`The embedded database could not be made (${signal ?? code}).`);
  return { TEST_EMBEDDED_DATABASES: made };
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
    `--import=${beside("./leaks.mjs")}`,
    `--import=${beside("./meter.mjs")}`,
    `--import=${beside("../../test/support/at-end.ts")}`,
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
  const folders = named.length === 0 ? ["test", "tools"] : named.filter(isFolder);
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
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() === true;
}
