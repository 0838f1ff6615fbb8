/**
 * Room: Logs, traces and metrics of the process, without secrets or personal text.
 * In: log calls, finished turn traces, and what is counted.
 * Out: JSON log lines, OTLP spans and Prometheus' text.
 * May touch: standard error, the log file and the span file.
 * This file: creates the log.
 */
import { hostname } from "node:os";
import { type DestinationStream, multistream, pino } from "pino";
import { workedOn } from "#core/contracts/ports.ts";
import { errorSentence, type LEVELS, parsedLogLine, readableLine } from "./readable-line.ts";
import { logDestination } from "./log-destination.ts";
import { redact, redactDetails } from "./redact.ts";
import { collapseRepeats, type EndingLog } from "./repeats.ts";

type Level = (typeof LEVELS)[number] | "silent";

/**
 * Lines on standard error, so that standard output stays free for the results of commands: JSON for programs, readable
 * ones on a terminal. Each line names the process that wrote it and what the work under way is about. With `file` all
 * lines go there as JSON, and only errors to standard error.
 */
export function createLog(
  level: Level,
  options: {
    readonly process?: Readonly<Record<string, string>>;
    readonly file?: string;
    /** How lines look on standard error: in words on a terminal, else as JSON, unless said otherwise. */
    readonly screen?: "json" | "words";
  } = {},
): EndingLog {
  const logger = pino(
    {
      level,
      base: { role: "command", ...options.process, host: hostname(), pid: process.pid },
      formatters: { level: (label) => ({ level: label }) },
      mixin: subjects,
    },
    logOutput(level, options),
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

/** Names that sources give to messages may hold addresses. */
function subjects(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(workedOn()).map(([name, id]) => [name, redact(String(id))]),
  );
}

function inWords(line: string, isBesideFile: boolean): string {
  const read = parsedLogLine(line);
  if (read === null) return line;
  return `${isBesideFile ? errorSentence(read) : readableLine(read)}\n`;
}

function logOutput(
  level: Level,
  {
    file,
    screen: form = process.stderr.isTTY ? "words" : "json",
  }: { readonly file?: string; readonly screen?: "json" | "words" },
): DestinationStream {
  const raw = logDestination({ dest: 2 });
  const screen =
    form === "words"
      ? { write: (line: string): void => raw.write(inWords(line, file !== undefined)) }
      : raw;
  if (file === undefined || level === "silent") return screen;
  const opened: { file?: DestinationStream } = {};
  // Opened by the first line, so a refused start leaves no file in a folder that is not its own.
  const kept = {
    write(line: string) {
      opened.file ??= logDestination({ dest: file, mode: 0o600 });
      opened.file.write(line);
    },
  };
  return multistream([
    { stream: kept, level },
    { stream: screen, level: "error" },
  ]);
}
