/**
 * Room: what `npm start`, `npm test` and the other scripts run under the host's Node. This file is `npm start`.
 * In: the host's Node (20 or newer) and npm, the script's arguments.
 * Out: installed packages, and a program under Node 24 with the same terminal, signals and exit code.
 * May touch: node_modules, Debian packages for tests, a throwaway PostgreSQL and Redis.
 */
import { join } from "node:path";

import { endLike, main, runNode } from "./child.mjs";
import { install, ROOT } from "./install.mjs";
import { NODE_FLAGS } from "./node-flags.mjs";

await main(async () => {
  const node = await install({ development: false });
  const program = join(ROOT, "src", "main.ts");
  endLike(await runNode(node, [...NODE_FLAGS, program, ...process.argv.slice(2)]));
});
