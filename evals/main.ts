/** Entry point of `npm run evals`. */
import { evalsCommand } from "./command.ts";
import { openWorld } from "./harness/sample-world.ts";

/** On a terminal one line that is overwritten; elsewhere a line every five cases, so that a log stays short. */
function progress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${line}`);
  else if (/^\d*[05]\//.test(line) || line.startsWith("1/")) process.stderr.write(`${line}\n`);
}

process.exitCode = await evalsCommand(process.argv.slice(2), {
  openWorld: () => openWorld(process.env),
  print: (text) => process.stdout.write(text),
  tell: (text) => process.stderr.write(text),
  progress,
});
