import { setTimeout as delay } from "node:timers/promises";
import {
  type Allowance,
  type Allowances,
  inProcessAllowances,
} from "#core/connection/rate-limit.ts";
import { digest } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";

const MINUTE_MS = 60_000;

/**
 * Slack takes about one message a second for each channel (rate limits, "posting messages"). Before each message its
 * channel is read, and reading is limited to 50 times a minute, so that this is the narrower of the two.
 */
const MESSAGES_PER_MINUTE = 48;
/** Tier 3, 50 a minute for the whole workspace; a desk that decides many cards at once needs some of them together. */
const UPDATES = { max: 45, windowMs: MINUTE_MS, burst: 15 };

/** How long nobody asks after a 429 that does not say. */
const PAUSE_MS = 10_000;

/**
 * Keeps Slack's limits on writing from our side, for all processes together. Nothing that somebody who clicked waits
 * for goes through here.
 */
export interface Pacing {
  /**
   * Makes a call that posts to this channel once it is its turn. Throws `channel.rate_limited`, and nobody was asked,
   * when that would take longer than `waitMsMax`.
   */
  message<Answer>(channel: string, waitMsMax: number, call: () => Promise<Answer>): Promise<Answer>;
  /** The same for a call that changes a message. */
  update<Answer>(waitMsMax: number, call: () => Promise<Answer>): Promise<Answer>;
}

/** The limits of one app in one workspace. Without `allowances` they are kept for this process alone. */
export function slackPacing(options: {
  readonly botToken: string;
  readonly allowances?: Allowances | undefined;
  /** How many messages a minute a channel gets, and changes in proportion. */
  readonly messagesPerMinute?: number | undefined;
}): Pacing {
  const kept = options.allowances ?? inProcessAllowances();
  // Slack counts for each app in each workspace, which is what a token stands for.
  const prefix = `slack:${digest(options.botToken).slice(0, 12)}`;
  const perMinute = options.messagesPerMinute ?? MESSAGES_PER_MINUTE;
  const times = perMinute / MESSAGES_PER_MINUTE;
  const updates = {
    ...UPDATES,
    max: Math.max(2, Math.round(UPDATES.max * times)),
    burst: Math.max(1, Math.round(UPDATES.burst * times)),
  };

  const inTurn = async <Answer>(
    allowance: Allowance,
    waitMsMax: number,
    call: () => Promise<Answer>,
  ): Promise<Answer> => {
    await turnOf(kept, allowance, waitMsMax);
    try {
      return await call();
    } catch (error) {
      if (error instanceof DeskhandError && error.code === "channel.rate_limited")
        await kept.hold([allowance], error.retryAfterMs ?? PAUSE_MS);
      throw error;
    }
  };

  return {
    message: (channel, waitMsMax, call) =>
      inTurn(
        // Evenly, one by one: a burst of cards would only make every one of them ring.
        {
          name: `${prefix}:message:${channel}`,
          max: perMinute + 1,
          windowMs: MINUTE_MS,
          burst: 1,
        },
        waitMsMax,
        call,
      ),
    update: (waitMsMax, call) => inTurn({ ...updates, name: `${prefix}:update` }, waitMsMax, call),
  };
}

/** Resolves when a call may start. */
async function turnOf(kept: Allowances, allowance: Allowance, waitMsMax: number): Promise<void> {
  const { booked, waitMs } = await kept.take([allowance], waitMsMax);
  if (!booked) throw tooSoon(waitMs);
  const until = performance.now() + waitMsMax;
  for (let restMs = waitMs; restMs > 0;) {
    await delay(restMs);
    // Somebody may have been told to wait meanwhile.
    restMs = await kept.heldMs([allowance]);
    if (restMs > 0 && performance.now() + restMs > until) throw tooSoon(restMs);
  }
}

/** Nobody was asked, so this is no failed try of anything. */
function tooSoon(waitMs: number): DeskhandError {
  return new DeskhandError("channel.rate_limited", "Slack's limit is used up for now", {
    retryAfterMs: Math.ceil(waitMs),
    notTried: true,
  });
}
