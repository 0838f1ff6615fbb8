/**
 * Room: the sandbox: local stand-ins for Redis, Slack, the shop, mail and Zendesk, to run without accounts.
 * In: which parts have no real service configured.
 * Out: running parts with their addresses, and a way to stop them.
 * May touch: local ports, child processes and its own data files. No real vendor.
 */
import { join } from "node:path";
import type { Router } from "express";
import type { Clock } from "#core/contracts/ports.ts";
import type { PastTicket } from "#core/values/rehearsal.ts";
import { z } from "zod";
import type { SandboxMail } from "./mail/index.ts";
import type { SampleShop } from "./shop/index.ts";
import type { LocalSlack, SlackUnavailable } from "./slack/index.ts";
import type { StartPageOptions } from "#sandbox/start-page/routes.ts";
import type { SandboxZendesk } from "./zendesk/index.ts";

/** The start page, for the address of the pages beside which it stands. */
export async function startPage(
  options: StartPageOptions,
): Promise<(ownOrigin: () => string) => Router> {
  const { startRoutes } = await import("./start-page/routes.ts");
  return (ownOrigin) => startRoutes(options, ownOrigin);
}

/** Solved tickets of the sample shop, for a rehearsal; the same ones at each call. */
export async function sampleTickets(until: Date, count: number): Promise<readonly PastTicket[]> {
  const { solvedTickets } = await import("./history/index.ts");
  return solvedTickets({ until, count }).map(({ ticket }) => ticket);
}

export type { StartPageOptions };

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
  const { started, close } = partStarter(say);
  try {
    const mailStarting = started("mail", wanted.email || wanted.shop, async () =>
      (await import("./mail/index.ts")).startSandboxMail({ directory: join(folder, "mail"), now }),
    );
    const starting = [
      started("Redis", wanted.redis, async () =>
        (await import("./redis/index.ts")).startEmbeddedRedis({
          directory: join(folder, "redis"),
          log: say,
        }),
      ),
      mailStarting,
      started("Zendesk", wanted.zendesk, async () =>
        (await import("./zendesk/index.ts")).startSandboxZendesk({
          directory: join(folder, "zendesk"),
          now,
        }),
      ),
      started("Slack", wanted.slack, async () =>
        (await import("./slack/index.ts")).startLocalSlack({
          directory: join(folder, "slack"),
          log: say,
        }),
      ),
      started("shop", wanted.shop, async () => {
        const outbox = await mailStarting;
        return (await import("./shop/index.ts")).startSampleShop({
          directory: join(folder, "shop"),
          now,
          sendMail: async (mail) =>
            void (await outbox?.send({ from: "shop@ourshop.test", ...mail })),
        });
      }),
    ] as const;
    // A failure is reported when all have come to an end, so that a part that came up late is not left running.
    await Promise.allSettled(starting);
    const [redis, mail, zendesk, found, shop] = await Promise.all(starting);
    const slackUnavailable = found !== null && "unavailable" in found ? found.unavailable : null;
    const slack = found === null || "unavailable" in found ? null : found;
    const parts = { slack, zendesk, mail, shop };
    return {
      redisUrl: redis?.url ?? null,
      ...parts,
      slackUnavailable,
      endpoints: embeddedEndpoints(parts),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts parts one by one, and stops all that were started, the last one first. */
function partStarter(say: (line: string) => void) {
  const closers: (() => Promise<void>)[] = [];
  return {
    started: async <Part extends { close(): Promise<void> } | SlackUnavailable>(
      name: string,
      is: boolean,
      start: () => Promise<Part>,
    ): Promise<Part | null> => {
      if (!is) return null;
      const before = Date.now();
      const part = await start();
      if ("unavailable" in part) return part;
      closers.push(() => part.close());
      say(`${name} is up (${Date.now() - before} ms)`);
      return part;
    },
    close: async (): Promise<void> => {
      for (const closer of closers.splice(0).toReversed()) await closer();
    },
  };
}

// Where the parts answer and what opens them, for people and programs that work with a running Deskhand.

const Id = z.string();

/** The address and the credentials of each part; null for one that does not run. */
export const EmbeddedEndpoints = z.object({
  slack: z
    .object({
      url: z.string(),
      approvalsChannel: Id,
      alertsChannel: Id,
      helpChannel: Id,
      users: z.object({ sam: Id, lea: Id, ned: Id, ann: Id }),
    })
    .nullable(),
  zendesk: z
    .object({
      url: z.string(),
      tokens: z.object({ admin: Id, bot: Id, dana: Id, lee: Id, ann: Id }),
      groups: z.object({ bot: z.int(), tier2: z.int(), sensitive: z.int() }),
    })
    .nullable(),
  email: z
    .object({
      address: z.string(),
      web: z.string(),
      smtp: z.object({ host: z.string(), port: z.int() }),
      imap: z.object({ host: z.string(), port: z.int(), user: z.string(), pass: z.string() }),
    })
    .nullable(),
  shop: z.object({ url: z.string(), openapi: z.string(), key: z.string() }).nullable(),
});

export type EmbeddedEndpoints = z.infer<typeof EmbeddedEndpoints>;

/** What of these parts others may know: what the schema names, and no more. */
function embeddedEndpoints({
  slack,
  mail: email,
  ...others
}: Pick<EmbeddedParts, "slack" | "zendesk" | "mail" | "shop">): EmbeddedEndpoints {
  const ids = Object.entries(slack?.users ?? {}).map(([name, { id }]) => [name, id]);
  const users: unknown = Object.fromEntries(ids);
  return EmbeddedEndpoints.parse({ ...others, email, slack: slack && { ...slack, users } });
}
