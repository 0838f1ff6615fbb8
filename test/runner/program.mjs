/**
 * `node program.mjs SCRIPT [NAME] ARGUMENTS…`: runs a program of `programs.mjs`, with the services it asks for where this
 * machine has them. Standard output belongs to the program alone.
 */
import { join } from "node:path";

import { runBeside } from "./beside.mjs";
import { chosenProgram } from "./programs.mjs";
import { endLike, main, runNode } from "../../src/bootstrap/child.mjs";
import { install, ROOT } from "../../src/bootstrap/install.mjs";

const state = { ran: false };

await main(async () => {
  const [script = "", ...given] = process.argv.slice(2);
  const { program, parameters } = chosenProgram(script, given);
  const { file, first, services } = program;
  const command = [join(ROOT, file), ...first, ...parameters];
  if (services === undefined) {
    const ended = await runNode(await install({ development: true }), command);
    state.ran = true;
    endLike(ended);
    return;
  }
  const { needsBoth, database, onDisk } = services;
  state.ran = await runBeside({
    what: "The program was",
    parameters: () => command,
    database,
    onDisk,
    needsAll: needsBoth
      ? `npm run ${script} needs PostgreSQL and Redis: apt-get install postgresql redis-server`
      : undefined,
  });
});

// Exit code 1 is the program's verdict, but the program did not run to its end.
if (!state.ran && process.exitCode === 1) process.exitCode = 2;
