/**
 * `npm run faults -- [--only IDS] [--json]`: brings up the parts as `npm test` does and runs the fault suite on them.
 * Standard output belongs to the suite alone, so that --json is JSON and nothing else.
 */
import { join } from "node:path";

import { runBeside } from "./beside.mjs";
import { main } from "./child.mjs";
import { ROOT } from "./install.mjs";

const suite = { ran: false };

await main(async () => {
  suite.ran = await runBeside({
    what: "The fault suite was",
    parameters: [join(ROOT, "test", "faults", "main.ts"), ...process.argv.slice(2)],
    // A suite that leaves out the cases it cannot run would pass for one that ran them.
    needsAll: "The fault suite needs the programs of PostgreSQL and Redis on this machine.",
  });
});

// 1 says that a case does not hold, which nobody has tried here.
if (!suite.ran && process.exitCode === 1) process.exitCode = 2;
