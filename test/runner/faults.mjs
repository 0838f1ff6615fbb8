/**
 * `npm run faults -- [--only IDS] [--json]`: starts the services as `npm test` does and runs the fault suite on them.
 * Standard output belongs to the suite alone, so that --json prints only JSON.
 */
import { join } from "node:path";

import { runBeside } from "./beside.mjs";
import { main } from "../../src/bootstrap/child.mjs";
import { ROOT } from "../../src/bootstrap/install.mjs";

const suite = { ran: false };

await main(async () => {
  suite.ran = await runBeside({
    what: "The fault suite was",
    parameters: () => [join(ROOT, "test", "faults", "main.ts"), ...process.argv.slice(2)],
    // A suite that leaves out the cases it cannot run would look like one that ran them.
    needsAll: "The fault suite needs the programs of PostgreSQL and Redis on this machine.",
  });
});

// Exit code 1 means that a case fails, but no case was run here.
if (!suite.ran && process.exitCode === 1) process.exitCode = 2;
