/** A log that tells only what went wrong, as lines of progress. */
import type { Log } from "#core/contracts/ports.ts";

export function quietLog(progress: (line: string) => void): Log {
  const tell = (message: string, details?: unknown): void =>
    progress(`${message} ${JSON.stringify(details ?? {})}`);
  return { info: () => undefined, warn: tell, error: tell };
}
