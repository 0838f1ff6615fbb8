/** Runs a program with a throwaway PostgreSQL and Redis, where this machine has them installed. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { endLike, runNode } from "../../src/bootstrap/child.mjs";
import { install, ROOT, say } from "../../src/bootstrap/install.mjs";
import { findParts } from "./parts.mjs";
import { scratchFolder } from "./scratch.mjs";
import { startPostgres, startRedis } from "./services.mjs";

/** The exit code of shells after Ctrl-C. */
const INTERRUPTED = 130;

/**
 * Runs Node with the services and ends this process the way Node ended. `parameters` returns Node's, for the temporary
 * folder. `needsAll` is the error message when a service is missing; without it, the program runs with what is there.
 * `alongside` does more while the services start, with Node and the temporary folder, and returns more variables;
 * `database` overrides settings of PostgreSQL. With `onDisk` the services' files lie where the machine's
 * temporary files do, and not in memory.
 * Resolves to whether the program ran to its end.
 */
export async function runBeside({
  what,
  parameters,
  environment = {},
  needsAll,
  alongside,
  database,
  onDisk = false,
}) {
  const node = await install({ development: true });
  const parts = await findParts();
  const isWhole = parts.postgres !== undefined && parts.redis !== undefined;
  if (needsAll !== undefined && !isWhole) throw new Error(needsAll);
  const folder = mkdtempSync(join(onDisk ? tmpdir() : scratchFolder(), "deskhand-services-"));
  // Dovecot refuses root too and works below it as another user.
  chmodSync(folder, 0o711);
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  chmodSync(temporary, 0o755);
  const services = [];
  const interruptions = interruptionsOfThis();
  const begin = async (name, starting) => {
    const service = await starting;
    if (service === undefined) return "";
    services.push({ name, ...service });
    return service.url;
  };
  let ran = false;
  try {
    const [postgres, redis, more] = await whole([
      begin("PostgreSQL", parts.postgres && startPostgres(parts.postgres, folder, database)),
      begin("Redis", parts.redis && startRedis(parts.redis, folder)),
      alongside?.(node, folder),
    ]);
    const env = {
      ...process.env,
      NODE_NO_WARNINGS: "1",
      // What a killed program leaves behind goes with the folder.
      TMPDIR: temporary,
      TEST_METER: join(folder, "meter.jsonl"),
      TEST_SERVERS: services.map(({ name, pid }) => `${name}=${pid}`).join(","),
      ...environment,
      ...more,
      TEST_DATABASE_URL: postgres,
      TEST_REDIS_URL: redis,
    };
    if (interruptions.length === 0) {
      const ended = await runNode(node, parameters(folder), { env, cwd: ROOT, sweep: true });
      ran = true;
      endLike(ended);
    }
  } catch (error) {
    // Ctrl-C also ends a database that is just starting; its error would only hide the reason.
    if (interruptions.length === 0) throw error;
  } finally {
    await Promise.all(services.map(({ stop }) => stop()));
    rmSync(folder, { recursive: true, force: true });
  }
  if (interruptions.length > 0) sayInterrupted(what, interruptions);
  return ran;
}

/** Records the signals that would end this process, so that what was started is stopped first. */
function interruptionsOfThis() {
  const interruptions = [];
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => interruptions.push(signal));
  return interruptions;
}

function sayInterrupted(what, [signal]) {
  say(`${what} interrupted (${signal}).`);
  process.exitCode = INTERRUPTED;
}

/** Waits for all of them, since what was started can only be stopped once every start has ended. */
async function whole(beginnings) {
  const settled = await Promise.allSettled(beginnings);
  const failed = settled.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return settled.map(({ value }) => value);
}
