/**
 * `node with-services.mjs FILE ARGUMENTS…`: runs one of the project's programs beside a database and a Redis that are
 * gone afterwards, those of this machine where it has them. Standard output belongs to the program alone.
 */
import { resolve } from "node:path";

import { runBeside } from "./beside.mjs";
import { main } from "./child.mjs";
import { ROOT } from "./install.mjs";

const program = { ran: false };

await main(async () => {
  const [file, ...parameters] = process.argv.slice(2);
  if (file === undefined)
    throw new Error("Which file? Usage: node src/bootstrap/with-services.mjs FILE ARGUMENTS…");
  program.ran = await runBeside({
    what: "The program was",
    parameters: [resolve(ROOT, file), ...parameters],
  });
});

// 1 is the program's verdict, which nobody has heard here.
if (!program.ran && process.exitCode === 1) process.exitCode = 2;
