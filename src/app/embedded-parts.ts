/** The sandbox's parts, for whatever has no real service here. */
import type * as sandbox from "#sandbox/index.ts";
import { join } from "node:path";
import type { Clock } from "#core/contracts/ports.ts";
import type { EmbeddedParts, RequiredParts } from "#sandbox/index.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { NOTHING_EMBEDDED } from "#connections/nothing-embedded.ts";
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

/**
 * Whose pages the start page opens without a sign-in: only while no real customer, team or shop can be reached may any
 * user of this machine act as a teammate.
 */
export async function sampleTeammates(config: Config): Promise<readonly SampleTeammate[]> {
  if (isRealSetup(config) || config.real.shop) return [];
  return withSandbox(async ({ TEAM }) => [TEAM.sam, TEAM.lea]);
}

interface SampleTeammate {
  readonly name: string;
  readonly email: string;
}

/** The one place that loads it: an installation for production goes without. Throws `config.invalid` where it is absent. */
async function withSandbox<Result>(
  use: (loaded: typeof sandbox) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(await import("#sandbox/index.ts"));
  } catch (error) {
    if (!isAbsent(error)) throw error;
    throw new DeskhandError(
      "config.invalid",
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
