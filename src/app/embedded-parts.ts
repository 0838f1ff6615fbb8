/** The sandbox's parts, for whatever has no real service here. */

import type { Clock } from "#core/contracts/ports.ts";
import type { EmbeddedParts, RequiredParts } from "#sandbox/index.ts";
import { NOTHING_EMBEDDED } from "#sandbox/nothing-embedded.ts";
import { isRealSetup, type Config } from "#config/environment.ts";

/** Starts the parts that are wanted. An installation whose services are all real loads nothing of the sandbox. */
export async function embeddedParts({
  config,
  clock,
  say,
}: {
  readonly config: Config;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}): Promise<EmbeddedParts> {
  const wanted = requiredParts(config);
  if (!Object.values(wanted).includes(true)) return NOTHING_EMBEDDED;
  const { startEmbeddedParts } = await import("#sandbox/index.ts");
  return startEmbeddedParts({ wanted, folder: config.dataFolder, clock, say });
}

function requiredParts(config: Config): RequiredParts {
  const { real, environment } = config;
  return {
    redis: environment.REDIS_URL === undefined,
    slack: !real.slack,
    zendesk: !real.zendesk && !isRealSetup(config),
    email: !real.email && !isRealSetup(config),
    // Your own systems stand in its place wherever real people write.
    shop: !real.shop && !(isRealSetup(config) && config.toolsFolders.length > 0),
  };
}
