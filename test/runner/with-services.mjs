/**
 * `node with-services.mjs FILE ARGUMENTS…`: runs one of the project's programs with a throwaway PostgreSQL and Redis,
 * where this machine has them. Standard output belongs to the program alone.
 */
import { resolve } from "node:path";

import { runBeside } from "./beside.mjs";
import { main } from "../../src/bootstrap/child.mjs";
import { ROOT } from "../../src/bootstrap/install.mjs";

const program = { ran: false };

await main(async () => {
  const [file, ...parameters] = process.argv.slice(2);
  if (file === undefined)
    throw new Error("Which file? Usage: node test/runner/with-services.mjs FILE ARGUMENTS…");
  program.ran = await runBeside({
    what: "The program was",
    parameters: () => [resolve(ROOT, file), ...parameters],
  });
});

// Exit code 1 is the program's verdict, but the program did not run to its end.
if (!program.ran && process.exitCode === 1) process.exitCode = 2;
