/** Log lines as people read them, on a terminal. */
import { z } from "zod";

/** The levels of the log, the least important first. */
export const LEVELS = ["debug", "info", "warn", "error"] as const;

/** What every line of the log has, and whatever else it says. */
const LogLine = z.looseObject({
  level: z.enum(LEVELS),
  time: z.number().refine((time) => !Number.isNaN(new Date(time).getTime())),
  msg: z.string(),
  role: z.string().optional(),
  reason: z.string().optional(),
});
export type LogLine = z.infer<typeof LogLine>;

/** Longer lines are not ours, and are not looked into. */
const CHARACTERS_MAX = 1_000_000;

/**
 * A line of the log; null for any other text. What a supervisor puts before it, such as the name of a container, is
 * skipped.
 */
export function parsedLogLine(text: string): LogLine | null {
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
export function readableLine(line: LogLine): string {
  const time = new Date(line.time).toISOString().replace("T", " ");
  const role = line.role === undefined ? "" : `${printable(line.role).padEnd(8)} `;
  return `${time} ${line.level.toUpperCase().padEnd(5)} ${role}${lineSentence(line)}`;
}

/** An error among lines that a person reads anyway. */
export function errorSentence(line: LogLine): string {
  return `✗ ${lineSentence(line)}`;
}
