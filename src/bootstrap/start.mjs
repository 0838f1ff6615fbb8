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

/** What Node is started with for these words; a part of the sandbox can run by itself. */
function programFor([word, ...rest]) {
  if (word === "sandbox") return [join(ROOT, "packages", "sandbox", "main.ts"), ...rest];
  return [...NODE_FLAGS, join(ROOT, "src", "main.ts"), ...process.argv.slice(2)];
}

await main(async () => {
  const program = programFor(process.argv.slice(2));
  endLike(await runNode(await install({ development: false }), program));
});
