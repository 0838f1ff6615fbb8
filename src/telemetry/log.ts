/**
 * Room: Logs, traces and metrics of the process, without secrets or personal text.
 * In: log calls, finished turn traces, and what is counted.
 * Out: JSON log lines, OTLP spans and Prometheus' text.
 * May touch: standard error, the log file and the span file.
 * This file: creates the log.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { hostname } from "node:os";
import { type DestinationStream, multistream, pino } from "pino";
import { z } from "zod";
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
  options: {
    readonly process?: Readonly<Record<string, string>>;
    readonly file?: string;
    /** How errors look on standard error beside a file: as JSON unless `words` is said. */
    readonly screen?: "json" | "words";
  } = {},
): Log {
  const logger = pino(
    {
      level,
      base: { ...options.process, host: hostname(), pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      mixin: () => ({ ...surroundings.getStore() }),
    },
    destinationOf(level, options),
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

/** A line of the log as a person reads it: what happened, why, and to which row. */
const Line = z.looseObject({ msg: z.string(), reason: z.string().optional() });
const SHOWN_BY_OTHERS = ["level", "time", "pid", "host", "role", "version", "msg", "reason"];

function inWords(line: string): string {
  const { success, data } = Line.safeParse(JSON.parse(line));
  if (!success) return line;
  const details = Object.entries(data)
    .filter(([name]) => !SHOWN_BY_OTHERS.includes(name))
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  const reason = data.reason === undefined ? "" : `: ${data.reason}`;
  return `✗ ${data.msg}${reason}${details.length === 0 ? "" : ` (${details.join(", ")})`}\n`;
}

function destinationOf(
  level: Level,
  { file, screen: form }: { readonly file?: string; readonly screen?: "json" | "words" },
): DestinationStream {
  const raw = pino.destination({ dest: 2, sync: true });
  const screen =
    form === "words" ? { write: (line: string): void => void raw.write(inWords(line)) } : raw;
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
