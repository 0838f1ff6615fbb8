/**
 * `npm run faults -- [--only IDS] [--json]`: brings up the parts as `npm test` does and runs the fault suite on them.
 * Standard output belongs to the suite alone, so that --json is JSON and nothing else.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { endLike, main, runNode } from "./child.mjs";
import { install, ROOT, say } from "./install.mjs";
import { findParts } from "./parts.mjs";
import { startPostgres, startRedis } from "./services.mjs";

const suite = { ran: false };

await main(async () => {
  const node = await install({ development: true });
  const parts = await findParts();
  // A suite that leaves out the cases it cannot run would pass for one that ran them.
  if (parts.postgres === undefined || parts.redis === undefined)
    throw new Error("The fault suite needs the programs of PostgreSQL and Redis on this machine.");
  const folder = mkdtempSync(join(tmpdir(), "deskhand-faults-"));
  const services = [];
  const interruptions = [];
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => interruptions.push(signal));
  try {
    services.push(await startPostgres(parts.postgres, folder));
    services.push(await startRedis(parts.redis, folder));
    const [postgres, redis] = services;
    const env = {
      ...process.env,
      NODE_NO_WARNINGS: "1",
      TEST_DATABASE_URL: postgres.url,
      TEST_REDIS_URL: redis.url,
    };
    const program = join(ROOT, "test", "faults", "main.ts");
    if (interruptions.length === 0) {
      const ended = await runNode(node, [program, ...process.argv.slice(2)], {
        env,
        cwd: ROOT,
        sweep: true,
      });
      suite.ran = true;
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
  say(`The fault suite was interrupted (${interruptions[0]}).`);
  process.exitCode = 130;
});

// 1 says that a case does not hold, which nobody has tried here.
if (!suite.ran && process.exitCode === 1) process.exitCode = 2;
