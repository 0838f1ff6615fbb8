/**
 * `npm run soak -- [--messages N] [--kills K] [--flushes F] [--seed S] [--json] …`: runs test/soak/main.ts.
 *
 * It starts a PostgreSQL as `npm test` does, but one that keeps what it has committed. Standard output is the program's
 * alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { endLike, main, runNode } from "../../src/bootstrap/child.mjs";
import { install, ROOT, say } from "../../src/bootstrap/install.mjs";
import { findParts } from "./parts.mjs";
import { startPostgres } from "./services.mjs";

await main(async () => {
  const node = await install({ development: true });
  const parts = await findParts();
  if (parts.postgres === undefined || parts.redis === undefined)
    throw new Error(
      "The soak run needs PostgreSQL and Redis: apt-get install postgresql redis-server",
    );
  const folder = mkdtempSync(join(tmpdir(), "deskhand-soak-"));
  const interruptions = [];
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => interruptions.push(signal));
  let database;
  try {
    database = await startPostgres(parts.postgres, folder, { synchronous_commit: "on" });
    const env = { ...process.env, NODE_NO_WARNINGS: "1", TEST_DATABASE_URL: database.url };
    const program = [join(ROOT, "test/soak/main.ts"), ...process.argv.slice(2)];
    if (interruptions.length === 0)
      endLike(await runNode(node, program, { env, cwd: ROOT, sweep: true }));
  } catch (error) {
    // Ctrl-C also ends a database that is just starting; its error would only hide the reason.
    if (interruptions.length === 0) throw error;
  } finally {
    await database?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
  if (interruptions.length === 0) return;
  say(`The soak run was interrupted (${interruptions[0]}).`);
  process.exitCode = 130;
});
