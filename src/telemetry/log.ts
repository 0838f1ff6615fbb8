/**
 * Room: Logs and traces of the process, without secrets or personal text.
 * In: log calls and finished turn traces.
 * Out: JSON log lines and OTLP spans.
 * May touch: standard error, the log file and the span file.
 * This file: creates the log.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { hostname } from "node:os";
import { type DestinationStream, multistream, pino } from "pino";
import type { Log } from "#core/contracts/ports.ts";
import { redact, redactDetails } from "./redact.ts";
import { collapseRepeats } from "./repeats.ts";

type Level = "debug" | "info" | "warn" | "error" | "silent";

const LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

/** Fields added to each log line of a piece of work, such as its conversation. */
const surroundings = new AsyncLocalStorage<Readonly<Record<string, string>>>();

/** Adds these fields to every log line written within `work`, at any depth. */
export function inLogContext<T>(
  about: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  return surroundings.run({ ...surroundings.getStore(), ...about }, work);
}

/**
 * JSON lines on standard error, so that standard output stays free for the results of commands. Each line names the
 * process that wrote it. With `file` all lines go there, and only errors to standard error.
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
  return collapseRepeats(
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
  // Opened by the first line, so a refused start leaves no file in a folder that is not its own.
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
