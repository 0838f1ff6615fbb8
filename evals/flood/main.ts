/** Entry point of the flood command. */
import { floodCommand } from "./command.ts";
import { openFlood } from "./play.ts";

/** Texts between two progress lines. */
const TOLD_EVERY = 100;

process.exitCode = await floodCommand(process.argv.slice(2), {
  openFlood: () => openFlood(),
  print: (text) => process.stdout.write(text),
  tell: (text) => process.stderr.write(text),
  progress: (done, all) => {
    if (done % TOLD_EVERY === 0 || done === all) process.stderr.write(`${done}/${all}\n`);
  },
});
