/** The sandbox's parts, for whatever has no real service here. */
import type * as sandbox from "#sandbox/index.ts";
import { join } from "node:path";
import type { Clock } from "#core/contracts/ports.ts";
import type { EmbeddedParts, RequiredParts, StartPageOptions } from "#sandbox/index.ts";
import type { Router } from "express";
import { reasonOf, invalidConfig } from "#core/values/errors.ts";
import { NOTHING_EMBEDDED } from "#connections/connect-all.ts";
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
  return withSandbox(({ startEmbeddedParts }) =>
    startEmbeddedParts({ wanted, folder: config.dataFolder, clock, say }),
  );
}

/** The sample shop where no real one is configured; no channel and no desk, since nothing is sent. */
export async function shopAlone(
  { real, dataFolder }: Config,
  clock: Clock,
): Promise<EmbeddedParts> {
  if (real.shop) return NOTHING_EMBEDDED;
  return withSandbox(({ startEmbeddedParts }) =>
    startEmbeddedParts({
      wanted: { redis: false, slack: false, zendesk: false, email: false, shop: true },
      folder: join(dataFolder, "procedure-tests"),
      clock,
      say: () => undefined,
    }),
  );
}

/** The start page, for the address of our pages; null where every service is real. */
export async function startPageFor(
  config: Config,
  options: Omit<StartPageOptions, "onlySamples">,
): Promise<((ownOrigin: () => string) => Router) | null> {
  if (!Object.values(requiredParts(config)).includes(true)) return null;
  const onlySamples = isOnlySamples(config);
  return withSandbox(async ({ startPage }) => startPage({ ...options, onlySamples }));
}

/** True while no real customer, team or shop could be reached. */
export function isOnlySamples(config: Config): boolean {
  return !isRealSetup(config) && !config.real.shop;
}

/** The one place that loads it: an installation for production goes without. Throws `config.invalid` where it is absent. */
async function withSandbox<Result>(
  use: (loaded: typeof sandbox) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(await import("#sandbox/index.ts"));
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw invalidConfig(
      `Not every service is connected, and what stands in for one is not installed here (${reasonOf(error)}). \`deskhand init\` connects your own; the packages that \`peerDependencies\` of Deskhand's package.json names stand in for them.`,
      { cause: error },
    );
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";

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
