/** A rehearsal where no Deskhand runs: its parts live as long as it takes, and an interruption stops it cleanly. */
import { type Here, withParts } from "#app/procedures/here.ts";
import type { Rehearse } from "#jobs/rehearsal/shelf.ts";
import { rehearse } from "./rehearse.ts";

/**
 * Plays with the configured model, or the rehearsal rules, and with the configured shop, or the sample shop. The first
 * interruption from the keyboard stops it; what was played is kept, and the next run goes on.
 */
export function rehearseHere(here: Here, progress: (line: string) => void): Rehearse {
  return (request) =>
    withParts(here, async (parts) => {
      const stop = new AbortController();
      const interrupted = (): void => stop.abort();
      process.once("SIGINT", interrupted);
      try {
        return await rehearse(parts, request, { progress, signal: stop.signal });
      } finally {
        process.removeListener("SIGINT", interrupted);
      }
    });
}
