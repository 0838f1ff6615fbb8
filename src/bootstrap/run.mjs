/**
 * `node run.mjs FILE ARGUMENTS…`: runs one of the project's programs under Node 24, installing packages first if
 * needed.
 */
import { resolve } from "node:path";

import { endLike, main, runNode } from "./child.mjs";
import { install, ROOT } from "./install.mjs";

await main(async () => {
  const [file, ...parameters] = process.argv.slice(2);
  if (file === undefined)
    throw new Error("Which file? Usage: node src/bootstrap/run.mjs FILE ARGUMENTS…");
  const node = await install({ development: false });
  endLike(await runNode(node, [resolve(ROOT, file), ...parameters]));
});
