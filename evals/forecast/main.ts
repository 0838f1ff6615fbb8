/** Entry point of the forecast check: connects the command to the process. */
import { forecastCommand } from "./command.ts";
import { openForecastWorld } from "./play.ts";

process.exitCode = await forecastCommand(process.argv.slice(2), {
  openWorld: openForecastWorld,
  print: (text) => process.stdout.write(text),
  tell: (text) => process.stderr.write(text),
});
