/**
 * Room: Logs, traces and metrics of the process, without secrets or personal text.
 * In: log calls, finished turn traces, and what is counted.
 * Out: JSON log lines, OTLP spans and Prometheus' text.
 * May touch: standard error, the log file and the span file.
 * This file: creates the log, and its lines as people read them on a terminal.
 */
import { hostname } from "node:os";
import { type DestinationStream, multistream, pino } from "pino";
import { z } from "zod";
import { workedOn } from "#core/contracts/ports.ts";
import { logDestination } from "./log-destination.ts";
import { redact, redactDetails } from "./redact.ts";
import { collapseRepeats, type EndingLog } from "./repeats.ts";

/** The levels of the log, the least important first. */
const LEVELS = ["debug", "info", "warn", "error"] as const;

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

/** What every line of the log has, and whatever else it says. */
const LogLine = z.looseObject({
  level: z.enum(LEVELS),
  time: z.number().refine((time) => !Number.isNaN(new Date(time).getTime())),
  msg: z.string(),
  role: z.string().optional(),
  reason: z.string().optional(),
});
type LogLine = z.infer<typeof LogLine>;

/** Longer lines are not ours, and are not looked into. */
const CHARACTERS_MAX = 1_000_000;

/**
 * A line of the log; null for any other text. What a supervisor puts before it, such as the name of a container, is
 * skipped.
 */
function parsedLogLine(text: string): LogLine | null {
  const start = text.indexOf("{");
  if (start === -1 || text.length > CHARACTERS_MAX) return null;
  try {
    return LogLine.safeParse(JSON.parse(text.slice(start))).data ?? null;
  } catch {
    return null;
  }
}

/** Named elsewhere in the line, or the same in every line of a process. */
const SHOWN_ELSEWHERE = ["level", "time", "pid", "host", "role", "version", "msg", "reason"];

function lineDetails(line: LogLine): readonly string[] {
  return Object.entries(line)
    .filter(([name]) => !SHOWN_ELSEWHERE.includes(name))
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`);
}

/** What happened, why, and to which row. Control characters of outside texts do not reach the terminal. */
function lineSentence(line: LogLine): string {
  const details = lineDetails(line);
  const reason = line.reason === undefined ? "" : `: ${line.reason}`;
  return printable(`${line.msg}${reason}${details.length === 0 ? "" : ` (${details.join(", ")})`}`);
}

/** Text of any origin, on one line and without what a terminal would obey. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ");
}

/** One line with its time (UTC), level and role, such as `2026-03-01 10:00:00.000Z WARN  worker card not shown: …`. */
function readableLine(line: LogLine): string {
  const time = new Date(line.time).toISOString().replace("T", " ");
  const role = line.role === undefined ? "" : `${printable(line.role).padEnd(8)} `;
  return `${time} ${line.level.toUpperCase().padEnd(5)} ${role}${lineSentence(line)}`;
}

/** An error among lines that a person reads anyway. */
function errorSentence(line: LogLine): string {
  return `✗ ${lineSentence(line)}`;
}
