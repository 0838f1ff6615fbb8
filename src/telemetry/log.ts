import { AsyncLocalStorage } from "node:async_hooks";
import { hostname } from "node:os";
import { type DestinationStream, multistream, pino } from "pino";
import type { Log } from "#core/contracts/ports.ts";
import { redact, redactDetails } from "./redact.ts";
import { tellingStates } from "./repeats.ts";

type Level = "debug" | "info" | "warn" | "error" | "silent";

const LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** What each line of a piece of work carries, such as its conversation. */
const surroundings = new AsyncLocalStorage<Readonly<Record<string, string>>>();

/** Every line that is written within `work`, however deep, names what it was about. */
export function inLogContext<T>(
  about: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  return surroundings.run({ ...surroundings.getStore(), ...about }, work);
}

/**
 * JSON lines on standard error, so that standard output stays for people and programs that called a command. Each says
 * which process wrote it. With `file` all of them go there, and only errors to the screen.
 */
export function createLog(
  level: Level,
  options: { readonly process?: Readonly<Record<string, string>>; readonly file?: string } = {},
): Log {
  const logger = pino(
    {
      level,
      base: { ...options.process, host: hostname(), pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...surroundings.getStore() }),
    },
    destinationOf(level, options.file),
  );
  return tellingStates(
    {
      info: (message, details = {}) => logger.info(redactDetails(details), redact(message)),
      warn: (message, details = {}) => logger.warn(redactDetails(details), redact(message)),
      error: (message, details = {}) => logger.error(redactDetails(details), redact(message)),
    },
    (message, details = {}) => logger.debug(redactDetails(details), redact(message)),
  );
}

function destinationOf(level: Level, file: string | undefined): DestinationStream {
  const screen = pino.destination({ dest: 2, sync: true });
  if (file === undefined || level === "silent") return screen;
  const opened: { file?: DestinationStream } = {};
  // Opened by the first line: a start that is refused leaves nothing in a folder that is not its own.
  const kept = {
    write(line: string) {
      opened.file ??= pino.destination({ dest: file, mode: 0o600, sync: true });
      opened.file.write(line);
    },
  };
  const onScreen = LEVELS.indexOf(level) < LEVELS.indexOf("error") ? "error" : level;
  return multistream([
    { stream: kept, level },
    { stream: screen, level: onScreen },
  ]);
}
