/** Reads the sources that a lead added when their time has come. */
import type { Log } from "#core/contracts/ports.ts";
import { readSource, type SourceReader } from "./read-source.ts";
import { takeDueSources } from "./source-rows.ts";

/** One process reads each source; a problem is told once, and kept beside the source. */
export function dueReader(
  parts: SourceReader & { readonly log: Log },
): (signal: AbortSignal) => Promise<void> {
  const told = new Map<string, string>();
  return async (signal) => {
    for (const source of await takeDueSources(parts.store, parts.clock.now())) {
      const options = { signal, progress: () => undefined, agreed: false, whole: false };
      const outcome = await readSource(parts, source, options);
      const problem = outcome.state === "kept" ? outcome.problem : "";
      if (problem !== "" && told.get(source.name) !== problem)
        parts.log.warn("help pages stay as they were", { source: source.name, reason: problem });
      told.set(source.name, problem);
    }
  };
}
