/** What a process costs: the memory it holds, and how long its start took. */

/** The figures of this process, as health and `status` show them. */
export interface ProcessFigures {
  /** The start is over now; gives the milliseconds it took. */
  readied(): number;
  /** Resident memory in MB, and the milliseconds from the program's start until it was ready; null until then. */
  now(): { readonly memory_mb: number; readonly ready_after_ms: number | null };
}

/** One for the process: the time counts from when the program was started, loading its modules included. */
export function processFigures(): ProcessFigures {
  const start: { tookMs: number | null } = { tookMs: null };
  return {
    readied() {
      return (start.tookMs ??= Math.round(performance.now()));
    },
    now: () => ({
      memory_mb: Math.round(process.memoryUsage.rss() / 1_000_000),
      ready_after_ms: start.tookMs,
    }),
  };
}

/** The same as a line of `status`. */
export function figuresLine({ memory_mb, ready_after_ms }: ReturnType<ProcessFigures["now"]>) {
  const started =
    ready_after_ms === null
      ? "not ready yet"
      : `ready after ${(ready_after_ms / 1_000).toFixed(1)} s`;
  return `Memory: ${memory_mb} MB, ${started}`;
}
