/** Tells the terminal, and `endpoints.json`, where the started process answers. */

import type { Config } from "#config/environment.ts";
import { addressTable, writeEndpoints } from "#config/endpoints-file.ts";
import { endpointsOf } from "./collect-endpoints.ts";
import type { serve } from "./http-server.ts";

/** Prints the addresses. Programs that need a complete Deskhand read them from `endpoints.json`. */
export function announce(
  given: Parameters<typeof endpointsOf>[0] & {
    readonly config: Config;
    readonly say: (line: string) => void;
    readonly web: Pick<Awaited<ReturnType<typeof serve>>, "show">;
    readonly began: number;
  },
): void {
  const { config, say, url, web, began } = given;
  const role = config.environment.DESKHAND_ROLE;
  if (role === "all") {
    const endpoints = endpointsOf(given);
    web.show(endpoints);
    writeEndpoints(config.dataFolder, endpoints);
    say(`\n${readySentence("Deskhand", began)}\n\n${addressTable(endpoints)}\n`);
  } else say(`\n${readySentence(`Deskhand's part “${role}”`, began)} It answers at ${url}.\n`);
}

function readySentence(what: string, began: number): string {
  return `${what} is ready after ${((Date.now() - began) / 1_000).toFixed(1)} s.`;
}
