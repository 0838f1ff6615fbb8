/** `npm run package [-- FOLDER]`: makes and packs the package that `npx deskhand` runs, with what development needs. */
import { join } from "node:path";

import { endLike, main, runNode } from "./child.mjs";
import { install, ROOT } from "./install.mjs";

await main(async () => {
  const node = await install({ development: true });
  const program = join(ROOT, "src", "bootstrap", "make-package.mjs");
  endLike(await runNode(node, [program, ...process.argv.slice(2)]));
});
