/** Entry point of the red team command. */
import { redteamCommand } from "./command.ts";

/** On a terminal one line that is overwritten; elsewhere a line every hundred cases, so that a log stays short. */
function progress(done: number, all: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[2K${done}/${all}`);
  else if (done % 100 === 0) process.stderr.write(`${done}/${all}\n`);
}

process.exitCode = await redteamCommand(process.argv.slice(2), {
  print: (text) => process.stdout.write(text),
  tell: (text) => process.stderr.write(text),
  progress,
});
