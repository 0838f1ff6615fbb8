/** `npm start`: installs what is missing, then runs Deskhand under Node 24. */
import { join } from "node:path";

import { endLike, main, runNode } from "./child.mjs";
import { install, ROOT } from "./install.mjs";

await main(async () => {
  const node = await install({ development: false });
  endLike(await runNode(node, [join(ROOT, "src", "main.ts"), ...process.argv.slice(2)]));
});
