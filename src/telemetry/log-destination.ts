/** Where log lines go: a file or standard error whose disk may be full. */
import { type DestinationStream, pino } from "pino";
import { reasonOf } from "#core/values/errors.ts";

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
export function logDestination(
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
