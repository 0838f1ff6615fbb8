/**
 * `npm test -- [--database pglite|postgres] [FILE…]`: all tests, or those of the files, folders or patterns named.
 * Options of node:test that begin with --test- are passed on, for example --test-name-pattern=refund.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { endLike, main, runNode } from "./child.mjs";
import { install, ROOT, say } from "./install.mjs";
import { findParts } from "./parts.mjs";
import { startPostgres, startRedis } from "./services.mjs";

/** A test that hangs is a failed test; the longest honest one (a crash at one point after the other) takes a fraction of this. */
const TEST_TIMEOUT_MS = 300_000;

await main(async () => {
  const { database, options, files } = parse(process.argv.slice(2));
  const node = await install({ development: true });
  const parts = await findParts();
  const folder = mkdtempSync(join(tmpdir(), "deskhand-test-"));
  const services = [];
  const interruptions = [];
  const note = (signal) => interruptions.push(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, note);
  try {
    const env = { ...process.env, NODE_NO_WARNINGS: "1" };
    delete env.TEST_DATABASE;
    if (database !== undefined) env.TEST_DATABASE = database;
    env.TEST_DATABASE_URL = await begin(
      services,
      parts.postgres && startPostgres(parts.postgres, folder),
    );
    env.TEST_REDIS_URL = await begin(services, parts.redis && startRedis(parts.redis, folder));
    if (interruptions.length === 0)
      endLike(await runNode(node, nodeTest(options, files), { env, cwd: ROOT, sweep: true }));
  } catch (error) {
    // Ctrl-C also ends a database that is just starting; its complaint would only hide why.
    if (interruptions.length === 0) throw error;
  } finally {
    await Promise.all(services.map(({ stop }) => stop()));
    rmSync(folder, { recursive: true, force: true });
  }
  if (interruptions.length === 0) return;
  say(`The tests were interrupted (${interruptions[0]}).`);
  process.exitCode = 130;
});

async function begin(services, starting) {
  const service = await starting;
  if (service === undefined) return "";
  services.push(service);
  return service.url;
}

function parse(given) {
  const options = given.filter((word) => word.startsWith("--test-"));
  const rest = given.filter((word) => !word.startsWith("--test-"));
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
      `Unknown option ${unknown}. Usage: npm test -- [--database pglite|postgres] [--test-…] [FILE…]`,
    );
  return { database, options, files: rest };
}

function nodeTest(options, files) {
  const beside = (file) => new URL(file, import.meta.url).href;
  const patterns =
    files.length === 0
      ? ["test/**/*.test.ts"]
      : files.map((file) => (isFolder(file) ? join(file, "**", "*.test.ts") : file));
  return [
    `--import=${beside("./leaks.mjs")}`,
    "--test",
    "--test-concurrency=3",
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    `--test-reporter=${beside("./reporter.mjs")}`,
    "--test-reporter-destination=stdout",
    ...options,
    ...patterns,
  ];
}

function isFolder(path) {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.isDirectory() === true;
}
