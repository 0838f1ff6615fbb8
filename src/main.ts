/** The entry point of a Deskhand process: reads the configuration, starts the process and stops it on a signal. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { z } from "zod";
import { DeskhandError, reasonOf } from "./core/values/errors.ts";
import type { Log } from "./core/contracts/ports.ts";
import { createLog } from "./telemetry/log.ts";
import { type Config, environmentWith, readConfig } from "./config/environment.ts";
import { closeToOthers } from "./store/db/private-folder.ts";

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")));

/** Everything a person sees goes to standard output in whole lines; the structured log goes to standard error. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * A person trying the sandbox wants addresses, not log lines of its parts, so those go to a file unless DESKHAND_LOG is
 * set.
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

/** One Ctrl-C may arrive twice, from npm and from the loss of its shell; a deliberate second one comes later. */
const SAME_STOP_MS = 500;

// Files of this process and its children are readable by their owner only; the embedded database opens its files to
// all.
process.umask(0o077);

// Without this, the embedded database and its start leave the process at twice the memory it needs. It comes before the
// application is loaded, because loading leaves more behind than anything later.
setFlagsFromString("--optimize-for-size");

try {
  const { start } = await import("./app/start.ts");
  const config = readConfig(environmentWith(process.env, process.argv.slice(2)));
  const mended = closeToOthers(config.dataFolder);
  if (mended !== null) say(mended);
  const running = await start({ config, say, log: logOf(config) });
  const stopping = { since: Number.NaN };
  const stop = (): void => {
    if (performance.now() - stopping.since < SAME_STOP_MS) return;
    // A second signal means the operator does not want to wait; unfinished work resumes as after a crash.
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
  // A named problem is for the operator who started it; anything else is our bug and shows its stack.
  if (error instanceof DeskhandError) process.stderr.write(`\n${error.message}\n`);
  else
    process.stderr.write(
      `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  process.exit(1);
}
