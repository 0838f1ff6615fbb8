/**
 * Room: the sandbox: local stand-ins for Redis, Slack, the shop, mail and Zendesk, to run without accounts.
 * In: which parts have no real service configured.
 * Out: running parts with their addresses, and a way to stop them.
 * May touch: local ports, child processes and its own data files. No real vendor.
 */
import { join } from "node:path";
import type { Router } from "express";
import type { Clock } from "#core/contracts/ports.ts";
import { type EmbeddedEndpoints, embeddedEndpoints } from "./endpoints.ts";
import type { SampleShop } from "./shop/index.ts";
import type { LocalSlack } from "./slack/index.ts";
import type { SandboxMail } from "./mail/index.ts";
import type { SandboxZendesk } from "./zendesk/index.ts";
import type { StartPageOptions } from "./start-page/state.ts";

/** The start page, for the address of the pages beside which it stands. */
export async function startPage(
  options: StartPageOptions,
): Promise<(ownOrigin: () => string) => Router> {
  const { startRoutes } = await import("./start-page/routes.ts");
  return (ownOrigin) => startRoutes(options, ownOrigin);
}

export type { StartPageOptions };

const startEmbeddedRedis = loaded(
  async () => (await import("./redis/index.ts")).startEmbeddedRedis,
);
const startSampleShop = loaded(async () => (await import("./shop/index.ts")).startSampleShop);
const startLocalSlack = loaded(async () => (await import("./slack/index.ts")).startLocalSlack);
const startSandboxMail = loaded(async () => (await import("./mail/index.ts")).startSandboxMail);
const startSandboxZendesk = loaded(
  async () => (await import("./zendesk/index.ts")).startSandboxZendesk,
);

/** A part whose program is loaded when it is started, since an installation may need one of them alone. */
function loaded<Options, Part>(
  load: () => Promise<(options: Options) => Promise<Part>>,
): (options: Options) => Promise<Part> {
  return async (options) => (await load())(options);
}

/** Which parts have to be brought up, because nothing real is configured for them. */
export interface RequiredParts {
  readonly redis: boolean;
  readonly slack: boolean;
  readonly zendesk: boolean;
  readonly email: boolean;
  readonly shop: boolean;
}

/** The embedded parts that run; null for one that is real, or (Slack) that cannot run on this machine. */
export interface EmbeddedParts {
  readonly redisUrl: string | null;
  readonly slack: LocalSlack | null;
  readonly slackUnavailable: string | null;
  readonly zendesk: SandboxZendesk | null;
  readonly mail: SandboxMail | null;
  readonly shop: SampleShop | null;
  /** Where they answer, and what opens them. */
  readonly endpoints: EmbeddedEndpoints;
  /** Stops every part, the last started first. */
  close(): Promise<void>;
}

/** Brings up the embedded parts side by side, saying what happens in lines for a person. Stops all when one fails. */
export async function startEmbeddedParts(options: {
  readonly wanted: RequiredParts;
  readonly folder: string;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}): Promise<EmbeddedParts> {
  const { wanted, folder, clock, say } = options;
  const now = (): Date => clock.now();
  const closers: (() => Promise<void>)[] = [];
  const started = async <Part extends { close(): Promise<void> }>(
    name: string,
    is: boolean,
    start: () => Promise<Part>,
  ): Promise<Part | null> => {
    if (!is) return null;
    const before = Date.now();
    const part = await start();
    closers.push(() => part.close());
    say(`${name} is up (${Date.now() - before} ms)`);
    return part;
  };
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const mailStarting = started("mail", wanted.email || wanted.shop, () =>
      startSandboxMail({ directory: join(folder, "mail"), now }),
    );
    const starting = [
      started("Redis", wanted.redis, () =>
        startEmbeddedRedis({ directory: join(folder, "redis"), log: say }),
      ),
      mailStarting,
      started("Zendesk", wanted.zendesk, () =>
        startSandboxZendesk({ directory: join(folder, "zendesk"), now }),
      ),
      wanted.slack
        ? startLocalSlack({ directory: join(folder, "slack"), log: say })
        : Promise.resolve(null),
      started("shop", wanted.shop, async () => {
        const outbox = await mailStarting;
        return startSampleShop({
          directory: join(folder, "shop"),
          now,
          sendMail: async (mail) =>
            void (await outbox?.send({ from: "shop@ourshop.test", ...mail })),
        });
      }),
    ] as const;
    // A failure is reported when all have come to an end, so that a part that came up late is not left running.
    await Promise.allSettled(starting);
    const [redis, mail, zendesk, slack, shop] = await Promise.all(starting);
    if (slack !== null && !("unavailable" in slack)) {
      closers.push(() => slack.close());
      say("Slack is up");
    }
    const localSlack = slack === null || "unavailable" in slack ? null : slack;
    const parts = { slack: localSlack, zendesk, mail, shop };
    return {
      redisUrl: redis?.url ?? null,
      ...parts,
      slackUnavailable: slack !== null && "unavailable" in slack ? slack.unavailable : null,
      endpoints: embeddedEndpoints(parts),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
