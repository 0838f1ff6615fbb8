/** The entry point of a Deskhand process: reads the configuration, starts the process and stops it on a signal. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { z } from "zod";
import { DeskhandError, errorCode, reasonOf } from "./core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Running } from "#core/values/deadline.ts";
import { createLog } from "./telemetry/log.ts";
import { type Config, environmentWith, readConfig, wayOutIn } from "./config/environment.ts";
import { unreadSettings } from "./config/unread-settings.ts";
import { withEnvironmentFile } from "./config/environment-file.ts";
import { openExit } from "#http/proxy.ts";
import { closeToOthers } from "#store/db/data-folder.ts";

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8")));

/** Everything a person sees goes to standard output in whole lines; the structured log goes to standard error. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A person who watches wants addresses and what needs them, not the log of every part. */
const isWatched = process.stdout.isTTY && process.stderr.isTTY;

/** Where the log goes, if not to standard error: for the sandbox, and wherever a person watches, unless a level is set. */
function chosenLogFile(config: Config, given: NodeJS.ProcessEnv): string | null {
  const isSandbox = !Object.values(config.real).includes(true);
  const isWhole = config.environment.DESKHAND_ROLE === "all";
  const saidSo = (given["DESKHAND_LOG"] ?? "").trim() !== "";
  return isWhole && (isSandbox || isWatched) && !saidSo
    ? join(config.dataFolder, "deskhand.log")
    : null;
}

/** With a file the terminal gets errors alone. */
function processLog({ environment }: Config, file: string | null): Log {
  const { DESKHAND_LOG: level, DESKHAND_ROLE: role } = environment;
  const log = createLog(level, {
    process: { role, version },
    ...(file === null ? {} : { file }),
  });
  process.once("exit", () => log.end());
  return log;
}

// A full disk under the output costs lines, never the process.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

/** What starting again does not mend ends with 78, `EX_CONFIG` of sysexits.h, so that nobody starts it again. */
const WRONG_SETTINGS: ReadonlySet<string> = new Set(["config.invalid", "policy.invalid"]);
/** A port or address that is taken, or not there yet, may be free a moment later. */
const MAY_PASS: ReadonlySet<string> = new Set(["EADDRINUSE", "EADDRNOTAVAIL"]);

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** One Ctrl-C may arrive twice, from npm and from the loss of its shell; a deliberate second one comes later. */
const SAME_STOP_MS = 500;

// Files of this process and its children are readable by their owner only; the embedded database opens its files to
// all.
process.umask(0o077);

// Without this, the embedded database and its start leave the process at twice the memory it needs. It comes before the
// application is loaded, because loading leaves more behind than anything later.
setFlagsFromString("--optimize-for-size");

/**
 * Kept up while it works, the saving would cost a third of the processor time: V8 then collects everything whenever an
 * eighth was added to what is in use. Afterwards as much may be added as is in use, so that memory keeps a bound.
 */
const ONCE_STARTED = ["--no-optimize-for-size", "--heap-growing-percent=100"];

/** What is up; before that a stop has nothing to finish, and a migration under way is rolled back. */
const up: { running?: Running } = {};

const stopping = { since: Number.NaN };
const stop = (): void => {
  if (performance.now() - stopping.since < SAME_STOP_MS) return;
  // A second signal means the operator does not want to wait; unfinished work resumes as after a crash.
  if (!Number.isNaN(stopping.since)) process.exit(1);
  stopping.since = performance.now();
  say("Stopping …");
  (up.running?.stop() ?? Promise.resolve()).then(
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
// From the beginning: the first process of a container is not ended by a signal that it has no handler for.
for (const signal of SIGNALS) process.on(signal, stop);

try {
  const { start } = await import("./app/start.ts");
  const environment = withEnvironmentFile(process.env, process.cwd());
  const config = readConfig(environmentWith(environment, process.argv.slice(2)));
  await openExit(...wayOutIn(environment));
  for (const { found } of unreadSettings(environment)) say(found);
  const mended = closeToOthers(config.dataFolder);
  if (mended !== null) say(mended);
  const file = chosenLogFile(config, environment);
  up.running = await start({ config, say, log: processLog(config, file) });
  for (const flag of ONCE_STARTED) setFlagsFromString(flag);
  if (file !== null && isWatched) say(`The log is in ${file}; errors are shown here as well.`);
} catch (error) {
  // A named problem is for the operator who started it; anything else is our bug and shows its stack.
  if (error instanceof DeskhandError) process.stderr.write(`\n${error.message}\n`);
  else
    process.stderr.write(
      `\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  const isForGood = error instanceof DeskhandError && WRONG_SETTINGS.has(error.code);
  process.exit(isForGood && !MAY_PASS.has(errorCode(error.cause)) ? 78 : 1);
}
