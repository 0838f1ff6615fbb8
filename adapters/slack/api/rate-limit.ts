/** Keeps our calls within Slack's rate limits for writing. */

import { DeskhandError } from "#core/values/errors.ts";
import {
  type Allowance,
  type Allowances,
  inProcessAllowances,
  waitForTurn,
} from "#core/connection/rate-limit.ts";
import { digest } from "#core/values/canonical-json.ts";

const MINUTE_MS = 60_000;

/**
 * Slack takes about one message per second and channel (rate limits, "posting messages"). Each post first reads its
 * channel, and reading is limited to 50 times a minute, so that is the narrower limit.
 */
const MESSAGES_PER_MINUTE = 48;

/** Tier 3, 50 a minute for the whole workspace; a desk that decides many cards at once needs some of them together. */
const UPDATES = { max: 45, windowMs: MINUTE_MS, burst: 15 };

/** The pause after a 429 that names no time. */
const PAUSE_MS = 10_000;

/**
 * Keeps Slack's limits on writing, for all processes together. Calls that a person waits for after a click do not go
 * through here. Every call has a name, under which its place in the queue is booked when it has to come back.
 */
export interface Pacing {
  /**
   * Makes a call that posts to this channel when it is its turn. Throws `channel.rate_limited`, without calling Slack,
   * when that would take longer than `waitMsMax`; the error says when its turn is.
   */
  message<Answer>(
    post: QueuedPost,
    waitMsMax: number,
    call: () => Promise<Answer>,
  ): Promise<Answer>;
  /** Books the place of a post without making it: milliseconds until its turn, when `once` goes through. */
  reserve(post: QueuedPost): Promise<number>;
  /** The same as `message` for a call that changes the message of this name. */
  update<Answer>(name: string, waitMsMax: number, call: () => Promise<Answer>): Promise<Answer>;
}

/** A post as far as its turn depends on it. */
interface QueuedPost {
  readonly channel: string;
  /** The same each time it is tried. */
  readonly marker: string;
}

/** Starts no call: only a place is booked. */
const NOT_NOW_MS = -1;

/** The limits of one app in one workspace. Without `allowances` they are kept for this process alone. */
export function slackPacing(options: {
  readonly botToken: string;
  readonly allowances?: Allowances | undefined;
  /** Messages per minute and channel; the limit for changes scales with it. */
  readonly messagesPerMinute?: number | undefined;
}): Pacing {
  const kept = options.allowances ?? inProcessAllowances();
  // Slack counts per app and workspace, which a token identifies.
  const prefix = `slack:${digest(options.botToken).slice(0, 12)}`;
  const perMinute = options.messagesPerMinute ?? MESSAGES_PER_MINUTE;
  const times = perMinute / MESSAGES_PER_MINUTE;
  const updates = {
    ...UPDATES,
    name: `${prefix}:update`,
    max: Math.max(2, Math.round(UPDATES.max * times)),
    burst: Math.max(1, Math.round(UPDATES.burst * times)),
  };

  // Evenly, one by one: every message of a burst would notify people separately anyway.
  const messages = (channel: string): Allowance => ({
    name: `${prefix}:message:${channel}`,
    max: perMinute + 1,
    windowMs: MINUTE_MS,
    burst: 1,
  });

  const inTurn = async <Answer>(
    allowance: Allowance,
    name: string,
    waitMsMax: number,
    call: () => Promise<Answer>,
  ): Promise<Answer> => {
    const place = { name, calls: 1 };
    await waitForTurn(kept, [allowance], { waitMsMax, place, tooLong: rateLimited });
    try {
      return await call();
    } catch (error) {
      if (error instanceof DeskhandError && error.code === "channel.rate_limited")
        await kept.hold([allowance], error.retryAfterMs ?? PAUSE_MS);
      throw error;
    }
  };

  return {
    message: ({ channel, marker }, waitMsMax, call) =>
      inTurn(messages(channel), marker, waitMsMax, call),
    reserve: async ({ channel, marker }) => {
      const place = { name: marker, calls: 1 };
      return (await kept.take([messages(channel)], NOT_NOW_MS, place)).waitMs;
    },
    update: (name, waitMsMax, call) => inTurn(updates, name, waitMsMax, call),
  };
}

/** Slack was not called, so this counts as no failed try. */
function rateLimited(waitMs: number): DeskhandError {
  return new DeskhandError("channel.rate_limited", "Slack's limit is used up for now", {
    retryAfterMs: Math.ceil(waitMs),
    notTried: true,
  });
}
