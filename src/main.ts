import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { z } from "zod";
import { DeskhandError, reasonOf } from "./core/values/errors.ts";
import type { Log } from "./core/contracts/ports.ts";
import { createLog } from "./telemetry/log.ts";
import { type Config, environmentWith, readConfig } from "./config/environment.ts";
import { closeToOthers } from "./store/db/private-folder.ts";
import { start } from "./app/start.ts";

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")));

/** Everything a person sees goes to standard output in whole lines; the structured log goes to standard error. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Whoever tries the sandbox reads addresses and has no use for lines about its parts: they are in a file, unless somebody
 * said what they want to see.
 */
function logOf(config: Config): Log {
  const { DESKHAND_LOG: level, DESKHAND_ROLE: role } = config.environment;
  const isSandbox = !Object.values(config.real).includes(true) && role === "all";
  const saidSo = (process.env["DESKHAND_LOG"] ?? "").trim() !== "";
  return createLog(level, {
    process: { role, version },
    ...(isSandbox && !saidSo ? { file: join(config.dataFolder, "deskhand.log") } : {}),
  });
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** One Ctrl-C may arrive twice, by npm and by the loss of its shell; a second one meant as such comes later. */
const SAME_STOP_MS = 500;

// Whatever this process and its children write is theirs alone; the embedded database makes files open to everybody.
process.umask(0o077);

// The embedded database and its start would otherwise leave the process at twice the memory it needs.
setFlagsFromString("--optimize-for-size");

try {
  const config = readConfig(environmentWith(process.env, process.argv.slice(2)));
  const mended = closeToOthers(config.dataFolder);
  if (mended !== null) say(mended);
  const running = await start({ config, say, log: logOf(config) });
  const stopping = { since: Number.NaN };
  const stop = (): void => {
    if (performance.now() - stopping.since < SAME_STOP_MS) return;
    // Whoever asks twice does not want to wait; what is in hand is taken up again like after a crash.
    if (!Number.isNaN(stopping.since)) process.exit(1);
    stopping.since = performance.now();
    say("Stopping …");
    running.stop().then(
      () => {
        say("Stopped.");
        process.exit(0);
      },
      (error: unknown) => {
        say(`Stopped with a problem: ${reasonOf(error)}`);
        process.exit(1);
      },
    );
  };
  for (const signal of SIGNALS) process.on(signal, stop);
} catch (error) {
  // A named problem is for the person who started it; anything else is a mistake of ours and shows its place.
  if (error instanceof DeskhandError) process.stderr.write(`\n${error.message}\n`);
  else
    process.stderr.write(
      `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  process.exit(1);
}
