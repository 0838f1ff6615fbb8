/** Routes for vendors: webhooks, and deliveries whose sender waits for the answer, such as Slack's. */

import type { UnverifiedInARow } from "#core/connection/connection-board.ts";
import type { InboundHandler, Delivery } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { Json } from "#core/values/canonical-json.ts";
import type { Log, Clock } from "#core/contracts/ports.ts";
import { raw, Router, type Request } from "express";
import { intake } from "#jobs/intake.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { admission, withTimeLimit } from "./admission.ts";
import { ApiRefusal } from "./problem.ts";

/**
 * Counts rejected deliveries (many with one reason mean a wrong secret, a wrong clock, or an attacker) and repeated ones.
 */
export type Rejections = ReturnType<typeof createRejections>;

/** Reasons are fixed sentences of ours; should one ever vary, the rest is counted together. */
const REASONS_MAX = 50;
const OTHERWISE = "another reason";

export function createRejections(log: Log) {
  const counts = new Map<ChannelName, Map<string, number>>();
  const repeats = new Map<ChannelName, number>();
  const unverified = new Map<ChannelName, { count: number; reason: string }>();
  return {
    /** Counts one of which nothing was new. */
    repeat: (channel: ChannelName): void =>
      void repeats.set(channel, (repeats.get(channel) ?? 0) + 1),
    repeats: () => Object.fromEntries(repeats),
    /** Counts it when the delivery itself was at fault; other errors are ignored. */
    count(channel: ChannelName, error: unknown): void {
      if (!(error instanceof DeskhandError) || !error.code.startsWith("input.")) return;
      const reasons = counts.get(channel) ?? new Map<string, number>();
      counts.set(channel, reasons);
      const isKnown = reasons.has(error.message) || reasons.size < REASONS_MAX;
      const reason = isKnown ? error.message : OTHERWISE;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      if (error.code === "input.unverified") {
        const before = unverified.get(channel)?.count ?? 0;
        unverified.set(channel, { count: before + 1, reason: error.message });
      }
      log.warn("webhook_rejected", { channel, code: error.code, reason });
    },
    /** Those whose signature was refused since the channel's last one that was taken, with the newest reason. */
    unverified: (): UnverifiedInARow => unverified,
    /** One was taken, so the channel's secret is right. */
    taken: (channel: ChannelName): void => void unverified.delete(channel),
    /** Rejected ones since the process started, by channel and reason. */
    counts: (): Readonly<Record<string, Readonly<Record<string, number>>>> =>
      Object.fromEntries(
        [...counts].map(([channel, reasons]) => [channel, Object.fromEntries(reasons)]),
      ),
  };
}

const BODY_MAX = "1mb";

/** Vendors deliver over a few connections each; more at once is a flood, and each may hold a body of the size above. */
const AT_ONCE_MAX = 256;

/** Zendesk hangs up after twelve seconds ("Webhooks request timeout" in its reference) and counts that as a failure. */
const ANSWER_MS_MAX = 10_000;

/** A route for deliveries, whose bodies stay the bytes that were signed; where the answer is null, it is left empty. */
function deliveryRoute(
  paths: string | string[],
  { inflate }: { readonly inflate: boolean },
  answerTo: (request: Request) => Promise<Json | null>,
): Router {
  return Router().post(
    paths,
    raw({ type: () => true, limit: BODY_MAX, inflate }),
    admission(AT_ONCE_MAX),
    async (request, response) => {
      const answer = await withTimeLimit(ANSWER_MS_MAX, answerTo(request));
      if (answer === null) response.end();
      else response.json(answer);
    },
  );
}

/** Webhooks go to their channel's `receive`, and the answer is 2xx only after the hints are committed. */
export function webhookRoutes(parts: JobContext, rejections: Rejections): Router {
  return deliveryRoute("/:channel", { inflate: true }, async (request) => {
    const name = ChannelName.safeParse(request.params["channel"]);
    // Chat has its own route, which checks who writes; a forged chat delivery must not get in through this one.
    const channel = name.success && name.data !== "chat" ? parts.channels.get(name.data) : null;
    if (!channel) throw new ApiRefusal(404, "not_found", "no such channel here");
    const delivery = requestDelivery(request, "webhook", parts.clock);
    const { eventIds, isNew } = await counted(
      rejections,
      channel.name,
      intake(parts, channel, delivery),
    );
    if (eventIds.length > 0 && !isNew) rejections.repeat(channel.name);
    return { accepted: eventIds.length };
  });
}

async function counted<T>(rejections: Rejections, name: ChannelName, work: Promise<T>): Promise<T> {
  try {
    const result = await work;
    rejections.taken(name);
    return result;
  } catch (error) {
    rejections.count(name, error);
    throw error;
  }
}

/** The bytes as they came, with the headers that may hold a signature. */
function requestDelivery(request: Request, source: string, clock: Clock): Delivery {
  const given: unknown = request.body;
  // A body can be empty and still be signed; the channel decides what that means.
  const body = Buffer.isBuffer(given) ? given : Buffer.alloc(0);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === "string") headers[name] = value;
  return { source, headers, body, receivedAt: clock.now() };
}

/**
 * All addresses lead to one inbound handler, which tells the kinds of deliveries apart; separate addresses help those
 * who read a proxy's logs.
 */
export function inboundRoutes(
  handler: InboundHandler,
  options: {
    readonly name: ChannelName;
    readonly addresses: readonly string[];
    readonly clock: Clock;
    readonly rejections: Rejections;
  },
): Router {
  const { name, clock, rejections } = options;
  const paths = options.addresses.map((address) => `/${address}`);
  return deliveryRoute(paths, { inflate: false }, (request) =>
    counted(rejections, name, handler.receive(requestDelivery(request, "request", clock))),
  );
}
