/**
 * Room: Logs, traces and metrics of the process, without secrets or personal text.
 * In: log calls, finished turn traces, and what is counted.
 * Out: JSON log lines, OTLP spans and Prometheus' text.
 * May touch: standard error, the log file and the span file.
 * This file: the log, its lines as people read them, what is removed from them, repeats, and a destination that may be full.
 */
import { hostname } from "node:os";
import { type DestinationStream, multistream, pino } from "pino";
import { z } from "zod";
import { workedOn, type Log, withoutSubjects } from "#core/contracts/ports.ts";
import { reasonOf } from "#core/values/errors.ts";

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

/** As a person reads it; beside a file, an error among lines that are read anyway. */
function inWords(line: string, isBesideFile: boolean): string {
  // A detail that has the name of one of ours stands in its place.
  const read = LogLine.safeParse(JSON.parse(line)).data;
  if (read === undefined) return line;
  return `${isBesideFile ? `✗ ${lineSentence(read)}` : readableLine(read)}\n`;
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

/** Replaces a credential in a log line. */
const SECRET = "[secret]";

/**
 * Text that looks like a credential or an address, with its replacement. Each pattern starts at the start of a word and
 * reads every character a bounded number of times, since an attacker may choose the length of the input.
 */
const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // A header: as written, as JSON, or as a setting.
  [/(?<![\w-])(authorization["']?\s*[:=]\s*["']?)(?:[a-z]+\s+)?[^\s"',;]+/gi, `$1${SECRET}`],
  [/(?<![\w-])(bearer\s+)[\w.~+/-]+=*/gi, `$1${SECRET}`],
  // User and password in a URL, up to its last @.
  [/(\/\/)[^\s/?#"'<>]*@/g, `$1${SECRET}@`],
  [/([?&](?:[\w-]*(?:password|token|secret|key|signature)|code)=)[^\s&#"'<>]+/gi, `$1${SECRET}`],
  [/(?<![\w-])([\w-]*(?:password|passwd|secret)=)[^\s&"',;]+/gi, `$1${SECRET}`],
  // Slack's tokens, a model provider's keys, tokens of our API, signed identities.
  [/(?<![\w-])(?:xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+/g, SECRET],
  [/(?<![\w-])(?:sk-|dk_)[\w-]{8,}/g, SECRET],
  [/(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]+/g, SECRET],
  // Long, with upper case, lower case and digits: a secret of ours or another provider's token. Ids and digests do not
  // match.
  [/(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,}/g, SECRET],
  // Written as in a link too, where @ is %40. A version such as bolt@5.1.0 is not an address.
  [
    /(?<![\p{L}\p{N}._%+'-])[\p{L}\p{N}._%+'-]+(?:@|%40)(?![\d.]+(?![\p{L}\d-]))(?:\[[^\]\s]{1,60}\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/gu,
    "[address]",
  ],
];

/** Removes credentials and mail addresses from a text, such as an error of a library that quotes its input. */
export function redact(text: string): string {
  return PATTERNS.reduce(
    (rest, [pattern, replacement]) => rest.replaceAll(pattern, replacement),
    text,
  );
}

/** Names whose values are never logged, matched whole or in part: `botToken`, `x-api-key`, `IMAP_PASS`. */
const HIDDEN =
  /^(?:key|pass|text|body|html|email|subject)$|authorization|token$|secret|passw|_pass$|cookie|api[-_]?key/i;

/** Deeper than any of our details; what is below, such as a cycle, is left out. */
const DEPTH_MAX = 8;

/** The same for all details of a line, at any depth; errors become sentences with their causes. */
function redactDetails(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value;
  if (value instanceof Error) return redact(errorWithCauses(value));
  if (depth === DEPTH_MAX) return "[…]";
  if (Array.isArray(value)) return value.map((item) => redactDetails(item, depth + 1));
  // A non-plain object, such as a map or bytes, is only named; its content is useless in a log line.
  const { constructor } = value;
  if (typeof constructor === "function" && constructor !== Object) return `[${constructor.name}]`;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      HIDDEN.test(name) ? "[redacted]" : redactDetails(item, depth + 1),
    ]),
  );
}

function errorWithCauses(error: Error): string {
  const causes: string[] = [];
  let current: unknown = error;
  while (current instanceof Error && causes.length < DEPTH_MAX) {
    causes.push(current.message);
    current = current.cause;
  }
  return causes.join(", because: ");
}

/** A state is over when it was not reported for this long. */
const QUIET_MS = 60_000;

/** More states at a time than a process has parts that fail; what comes beyond them is logged line by line. */
const STATES_MAX = 500;

/** Details that differ between the lines of a state and do not characterise it. */
const VARYING_DETAILS = [
  "hint",
  "conversation",
  "conversationId",
  "card",
  "approval",
  "message",
  "turn",
  "effect",
  "key",
  "delivery",
  "digest",
  "ticketId",
  "uid",
  "since",
  "difference_ms",
  "tries",
  "failures",
];

/** Details in words: they name rows and seconds to wait, which change while the state is the same. */
const TEXT_DETAILS = ["reason", "error", "problem", "words", "said", "ended", "alert"];

type Details = Readonly<Record<string, unknown>>;

interface State {
  readonly message: string;
  readonly details: Details;
  readonly began: number;
  readonly timer: NodeJS.Timeout;
  last: number;
  times: number;
}

/** A log that tells what is still going on when its process ends. */
interface EndingLog extends Log {
  /** Tells the end of every state now. */
  end(): void;
}

/**
 * A repeated warning, such as a limit that is used up, is one state: one line when it begins, one when it is over with
 * the number of repeats, and those in between only through `between`. Errors are always logged, since each needs
 * attention.
 */
export function collapseRepeats(log: Log, between: Log["warn"], quietMs = QUIET_MS): EndingLog {
  const states = new Map<string, State>();
  const over = (name: string): void => {
    const state = states.get(name);
    states.delete(name);
    if (state === undefined) return;
    clearTimeout(state.timer);
    if (state.times === 1) return;
    const lasted_s = Math.round((state.last - state.began) / 1_000);
    log.warn(state.message, { ...state.details, over: true, times: state.times, lasted_s });
  };
  return {
    ...log,
    warn(message, details = {}) {
      const name = repeatName(message, details);
      const now = performance.now();
      const known = states.get(name);
      if (known !== undefined) {
        known.times += 1;
        known.last = now;
        known.timer.refresh();
        between(message, details);
        return;
      }
      log.warn(message, details);
      if (states.size >= STATES_MAX) return;
      // The end is said outside of the work that happened to be the first.
      const timer = withoutSubjects(() => setTimeout(() => over(name), quietMs).unref());
      const kept = stateDetails(details);
      states.set(name, { message, details: kept, began: now, last: now, times: 1, timer });
    },
    end() {
      for (const name of states.keys()) over(name);
    },
  };
}

/** A row's id, or a digest: a prefix with an underscore, or at least eight hex digits. */
const IDS = /\b[a-z]{1,3}_[\w-]{4,}|\b(?=[a-f\d-]{0,80}\d)[a-f\d][a-f\d-]{7,}/g;

/** Ignores ids and numbers of texts; what names a thing, such as one of two inboxes, is compared as it is. */
function repeatName(message: string, details: Details): string {
  const about = JSON.stringify(stateDetails(details), (name, value: unknown) =>
    typeof value === "string" && TEXT_DETAILS.includes(name)
      ? value.replaceAll(IDS, "#").replaceAll(/\d+/g, "#")
      : value,
  );
  return `${message} ${about}`;
}

function stateDetails(details: Details): Details {
  return Object.fromEntries(
    Object.entries(details).filter(
      ([name]) => !VARYING_DETAILS.includes(name) && !name.endsWith("Ms"),
    ),
  );
}

/** Lines kept in memory until there is room again, in bytes; further ones are lost. */
const KEPT_BYTES_MAX = 1_000_000;

interface Destination {
  /** Why the last line could not be written; null when it could. */
  reason: string | null;
  /** Lines lost since then. */
  lost: number;
}

/** Those of this process; two at most. */
const destinations = new Set<Destination>();

/** Why log lines cannot be written now, and how many were lost; null while they can. */
export function logTrouble(): string | null {
  for (const { reason, lost } of destinations)
    if (reason !== null)
      return `log lines cannot be written (${reason})${lost === 0 ? "" : `, ${lost} were lost`}`;
  return null;
}

/**
 * A destination that never fails: a full disk costs log lines and not the process. What still fits into memory is
 * written once there is room, followed by how many lines were lost.
 */
function logDestination(
  options: { readonly dest: number } | { readonly dest: string; readonly mode: number },
): DestinationStream {
  const stream = pino.destination({ ...options, sync: true, maxLength: KEPT_BYTES_MAX });
  const state: Destination = { reason: null, lost: 0 };
  destinations.add(state);
  stream.on("error", (error: unknown) => (state.reason = reasonOf(error)));
  stream.on("drop", () => (state.lost += 1));
  stream.on("write", () => {
    const { lost } = state;
    Object.assign(state, { reason: null, lost: 0 });
    if (lost > 0)
      stream.write(
        `${JSON.stringify({ level: "error", time: Date.now(), msg: "log lines were lost", lines: lost })}\n`,
      );
  });
  return stream;
}
