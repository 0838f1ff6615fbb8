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

/** Parts of the sandbox that run by themselves: `npm start -- sandbox NAME`. */
const SANDBOX = ["zendesk", "shops", "history"];

/** What Node is started with for these words. */
function programFor([word, name, ...rest]) {
  if (word !== "sandbox")
    return [...NODE_FLAGS, join(ROOT, "src", "main.ts"), ...process.argv.slice(2)];
  if (!SANDBOX.includes(name))
    throw new Error(`npm start -- sandbox takes one of ${SANDBOX.join(", ")}.`);
  return [join(ROOT, "packages", "sandbox", name, "main.ts"), ...rest];
}

await main(async () => {
  const program = programFor(process.argv.slice(2));
  endLike(await runNode(await install({ development: false }), program));
});
