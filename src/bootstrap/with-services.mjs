/**
 * `node with-services.mjs FILE ARGUMENTS…`: runs one of the project's programs beside a database and a Redis that are
 * gone afterwards, those of this machine where it has them. Standard output belongs to the program alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { endLike, main, runNode } from "./child.mjs";
import { install, ROOT, say } from "./install.mjs";
import { findParts } from "./parts.mjs";
import { startPostgres, startRedis } from "./services.mjs";

const program = { ran: false };

await main(async () => {
  const [file, ...parameters] = process.argv.slice(2);
  if (file === undefined)
    throw new Error("Which file? Usage: node src/bootstrap/with-services.mjs FILE ARGUMENTS…");
  const node = await install({ development: true });
  const parts = await findParts();
  const folder = mkdtempSync(join(tmpdir(), "deskhand-services-"));
  const services = [];
  const interruptions = [];
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => interruptions.push(signal));
  try {
    const env = { ...process.env, NODE_NO_WARNINGS: "1" };
    env.TEST_DATABASE_URL = await begin(
      services,
      parts.postgres && startPostgres(parts.postgres, folder),
    );
    env.TEST_REDIS_URL = await begin(services, parts.redis && startRedis(parts.redis, folder));
    if (interruptions.length === 0) {
      const command = [resolve(ROOT, file), ...parameters];
      const ended = await runNode(node, command, { env, cwd: ROOT, sweep: true });
      program.ran = true;
      endLike(ended);
    }
  } catch (error) {
    // Ctrl-C also ends a database that is just starting; its complaint would only hide why.
    if (interruptions.length === 0) throw error;
  } finally {
    await Promise.all(services.map(({ stop }) => stop()));
    rmSync(folder, { recursive: true, force: true });
  }
  if (interruptions.length === 0) return;
  say(`Interrupted (${interruptions[0]}).`);
  process.exitCode = 130;
});

// 1 is the program's verdict, which nobody has heard here.
if (!program.ran && process.exitCode === 1) process.exitCode = 2;

async function begin(services, starting) {
  const service = await starting;
  if (service === undefined) return "";
  services.push(service);
  return service.url;
}
