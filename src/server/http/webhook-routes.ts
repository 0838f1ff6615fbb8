/** Routes for vendors: webhooks, and deliveries whose sender waits for the answer, such as Slack's. */

import type { UnverifiedInARow } from "#core/connection/connection-board.ts";
import type { InboundHandler, Delivery } from "#core/contracts/channel.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { ChannelName } from "#core/values/vocabulary.ts";
import type { Log, Clock } from "#core/contracts/ports.ts";
import { raw, Router, type Request } from "express";
import { intake } from "#jobs/intake.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { admission, withTimeLimit } from "./admission.ts";

/** Rejected deliveries since the process started, by channel and reason. */
type RejectionCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/**
 * Counts rejected deliveries (many with one reason mean a wrong secret, a wrong clock, or an attacker) and repeated ones.
 */
export interface Rejections {
  /** Counts it when the delivery itself was at fault; other errors are ignored. */
  count(channel: ChannelName, error: unknown): void;
  counts(): RejectionCounts;
  /** Those whose signature was refused since the channel's last one that was taken, with the newest reason. */
  unverified(): UnverifiedInARow;
  /** One was taken, so the channel's secret is right. */
  taken(channel: ChannelName): void;
  /** Counts one of which nothing was new. */
  repeat(channel: ChannelName): void;
  repeats(): Readonly<Record<string, number>>;
}

/** Reasons are fixed sentences of ours; should one ever vary, the rest is counted together. */
const REASONS_MAX = 50;
const OTHERWISE = "another reason";

export function createRejections(log: Log): Rejections {
  const counts = new Map<ChannelName, Map<string, number>>();
  const repeats = new Map<ChannelName, number>();
  const unverified = new Map<ChannelName, { count: number; reason: string }>();
  return {
    repeat: (channel) => void repeats.set(channel, (repeats.get(channel) ?? 0) + 1),
    repeats: () => Object.fromEntries(repeats),
    count(channel, error) {
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
    unverified: () => unverified,
    taken: (channel) => void unverified.delete(channel),
    counts: () =>
      Object.fromEntries(
        [...counts].map(([channel, reasons]) => [channel, Object.fromEntries(reasons)]),
      ),
  };
}

const BODY_MAX = "1mb";

/** Vendors deliver over a few connections each; more at once is a flood, and each may hold a body of the size above. */
const AT_ONCE_MAX = 256;

/** Zendesk hangs up after twelve seconds ("Webhooks request timeout" in its reference) and counts that as a failure. */
const INTAKE_MS_MAX = 10_000;

/**
 * The raw bytes go to the channel's `receive`, which checks the signature over them, and the answer is 2xx only after
 * the hints are committed.
 */
export function webhookRoutes(parts: JobContext, rejections: Rejections): Router {
  const router = Router();
  router.post(
    "/:channel",
    raw({ type: () => true, limit: BODY_MAX }),
    admission(AT_ONCE_MAX),
    async (request, response) => {
      const name = ChannelName.safeParse(request.params.channel);
      // Chat has its own route, which checks who writes; a forged chat delivery must not get in through this one.
      const channel =
        name.success && name.data !== "chat" ? parts.channels.get(name.data) : undefined;
      if (channel === undefined) {
        response.status(404).json({ error: "not_found", message: "no such channel here" });
        return;
      }
      const delivery = requestDelivery(request, "webhook", parts.clock);
      const work = counted(rejections, channel.name, intake(parts, channel, delivery));
      const accepted = await withTimeLimit(INTAKE_MS_MAX, work);
      if (accepted.eventIds.length > 0 && !accepted.isNew) rejections.repeat(channel.name);
      response.status(200).json({ accepted: accepted.eventIds.length });
    },
  );
  return router;
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

/** Longer than any vendor waits for such an answer; a later one would reach no reader. */
const ANSWER_MS_MAX = 10_000;

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
  const router = Router();
  router.post(
    options.addresses.map((address) => `/${address}`),
    // The signature covers the bytes as they came.
    raw({ type: () => true, limit: BODY_MAX, inflate: false }),
    admission(AT_ONCE_MAX),
    async (request, response) => {
      const delivery = requestDelivery(request, "request", options.clock);
      const work = counted(options.rejections, options.name, handler.receive(delivery));
      const answer = await withTimeLimit(ANSWER_MS_MAX, work);
      if (answer === null) response.status(200).end();
      else response.status(200).json(answer);
    },
  );
  return router;
}
