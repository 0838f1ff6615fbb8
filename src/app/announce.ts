/** Tells the terminal, and `endpoints.json`, where the started process answers. */

import type { Config } from "#config/environment.ts";
import { addressTable, writeEndpoints } from "#config/endpoints-file.ts";
import { endpointsOf } from "./collect-endpoints.ts";
import type { serve } from "./http-server.ts";
import type { ProcessFigures } from "./process-figures.ts";

/** Prints the addresses. Programs that need a complete Deskhand read them from `endpoints.json`. */
export function announce(
  given: Parameters<typeof endpointsOf>[0] & {
    readonly config: Config;
    readonly say: (line: string) => void;
    readonly web: Pick<Awaited<ReturnType<typeof serve>>, "show">;
    readonly figures: ProcessFigures;
  },
): void {
  const { config, say, url, web, figures } = given;
  const afterMs = figures.readied();
  const role = config.environment.DESKHAND_ROLE;
  if (role === "all") {
    const endpoints = endpointsOf(given);
    web.show(endpoints);
    writeEndpoints(config.dataFolder, endpoints);
    say(`\n${readySentence("Deskhand", afterMs)}\n\n${addressTable(endpoints)}\n`);
  } else say(`\n${readySentence(`Deskhand's part “${role}”`, afterMs)} It answers at ${url}.\n`);
}

function readySentence(what: string, afterMs: number): string {
  return `${what} is ready after ${(afterMs / 1_000).toFixed(1)} s.`;
}
