/** Keeps calls to Zendesk within its rate limits, across all processes. */

import {
  type Allowance,
  bookingAheadInCrowds,
  inProcessAllowances,
  NOT_NOW_MS,
  waitForTurn,
} from "#core/connection/rate-limit.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ReadingOptions } from "#zendesk/options.ts";

/** A call, as far as Zendesk's limits depend on it. */
export interface LimitedCall {
  readonly method: string;
  /** Below `/api/v2`, without a slash in front, such as `tickets/35`. */
  readonly path: string;
  /** The same each time it is tried: under it a place is booked for a call that has to come back. */
  readonly key?: string | undefined;
}

/** What an answer said about limits, in Zendesk's own headers. */
interface LimitAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The wait it asked for, if any. */
  readonly retryAfterMs?: number | undefined;
}

/** Holds calls back before Zendesk's limits refuse them. */
export type Limiter = ReturnType<typeof zendeskLimiter>;

const MINUTE_MS = 60_000;

/** Until Zendesk reports a limit: nine tenths of the smallest plan's 200 calls. */
const CALLS_PER_MINUTE = 180;
/** Our share of a limit that others use too, and that Zendesk counts a moment later than we do. */
const OUR_SHARE = 0.9;

/** Zendesk allows 10 exports and 100 ticket updates a minute to an account; edits by people count to the second. */
const EXPORTS = { max: 9, windowMs: MINUTE_MS, burst: 3 };
const UPDATES = { max: 90, windowMs: MINUTE_MS, burst: 30 };
/** Zendesk allows 30 updates of one ticket by one user in ten minutes. */
const TICKET = { max: 25, windowMs: 10 * MINUTE_MS, burst: 15 };

/** How long all callers wait after a 429 that does not say. */
const PAUSE_MS = 10_000;
/** The longest pause, however long Zendesk asks for. */
const PAUSE_MS_MAX = 15 * MINUTE_MS;
/** When less than this part of the account's limit is left, the rest is for people and other programs. */
const RESERVE_SHARE = 0.05;
/** Waits are lengthened by up to this part, so that callers do not all return at once. */
const JITTER_SHARE = 0.2;

/** The limits of one account. Without `allowances` they are kept for this process alone. */
export function zendeskLimiter(
  options: Pick<ReadingOptions, "url" | "callsPerMinute" | "allowances">,
) {
  const kept = bookingAheadInCrowds(options.allowances ?? inProcessAllowances());
  const prefix = `zendesk:${new URL(options.url).host}`;
  const account = { perMinute: options.callsPerMinute ?? CALLS_PER_MINUTE };
  const allowancesFor = (call: LimitedCall): CallAllowances => ({
    account: accountAllowance(prefix, account.perMinute),
    others: narrowAllowances(prefix, call),
  });

  function learnLimit(headers: Headers): void {
    const limit = headerCount(rateHeader(headers, "limit"));
    if (limit === null || limit <= 0) return;
    const ours = Math.max(2, Math.floor(limit * OUR_SHARE));
    account.perMinute = Math.min(ours, options.callsPerMinute ?? ours);
  }

  return {
    /** Resolves when a call may start. Throws `channel.rate_limited` when that would take longer than `waitMsMax`. */
    async take(call: LimitedCall, waitMsMax: number, signal: AbortSignal): Promise<void> {
      const { account: own, others } = allowancesFor(call);
      const how = { waitMsMax, signal, ...placeFor(call) };
      await waitForTurn(kept, [own, ...others], how);
    },
    /** Books the place of a call with a key: milliseconds until its turn, when `take` goes through. */
    async reserve(call: LimitedCall): Promise<number> {
      const { account: own, others } = allowancesFor(call);
      return (await kept.take([own, ...others], NOT_NOW_MS, placeFor(call).place)).waitMs;
    },
    /** Learns from every answer: the account's limit, what is left of it, and when to wait. */
    async learn(call: LimitedCall, answer: LimitAnswer): Promise<void> {
      learnLimit(answer.headers);
      const pause = pauseAfter(allowancesFor(call), answer);
      if (pause !== null) await kept.hold(pause.held, withJitter(pause.ms));
    },
  };
}

/** The limits a call counts towards: the account always, then any others, the narrowest last. */
interface CallAllowances {
  readonly account: Allowance;
  readonly others: readonly Allowance[];
}

function accountAllowance(prefix: string, perMinute: number): Allowance {
  const max = Math.max(2, perMinute);
  const burst = Math.max(1, Math.floor(max / 9));
  return { name: `${prefix}:account`, max, windowMs: MINUTE_MS, burst };
}

function narrowAllowances(prefix: string, { method, path }: LimitedCall): readonly Allowance[] {
  const named = (name: string, rest: Omit<Allowance, "name">): Allowance => ({
    ...rest,
    name: `${prefix}:${name}`,
  });
  if (path.startsWith("incremental/")) return [named("exports", EXPORTS)];
  const ticketId = method === "GET" ? undefined : /^tickets\/(\d+)/.exec(path)?.[1];
  return ticketId === undefined
    ? []
    : [named("updates", UPDATES), named(`ticket:${ticketId}`, TICKET)];
}

/** Which limits an answer pauses, and for how long. */
interface Pause {
  readonly held: readonly Allowance[];
  readonly ms: number;
}

/** Null when there is room. */
function pauseAfter(counted: CallAllowances, answer: LimitAnswer): Pause | null {
  const { status, headers, retryAfterMs } = answer;
  const left = headerCount(rateHeader(headers, "remaining"));
  const scarce = Math.max(2, (counted.account.max / OUR_SHARE) * RESERVE_SHARE);
  const isUsed = left === null ? null : left <= scarce;
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    return pauseAfterRefusal(counted, answer, isUsed);
  const resetMs = (headerCount(rateHeader(headers, "reset")) ?? 0) * 1_000;
  return isUsed === true && resetMs > 0
    ? { held: [counted.account], ms: Math.min(resetMs, MINUTE_MS) }
    : null;
}

/** If the account has calls left, the limit of an endpoint or of this ticket was reached. */
function pauseAfterRefusal(
  { account, others }: CallAllowances,
  { status, retryAfterMs }: LimitAnswer,
  isUsed: boolean | null,
): Pause {
  const ms = Math.min(retryAfterMs ?? PAUSE_MS, PAUSE_MS_MAX);
  const isNarrow = status === 429 && isUsed === false && others.length > 0;
  if (!isNarrow) return { held: [account], ms };
  // Only the limit of a ticket takes longer than a minute to reset.
  return { held: ms > MINUTE_MS ? others.slice(-1) : others, ms };
}

/** The place of a call, where it has one, and what is thrown when its turn is too far away. */
function placeFor({
  key,
}: LimitedCall): Pick<Parameters<typeof waitForTurn>[2], "place" | "tooLong"> {
  const place = key === undefined ? {} : { place: key };
  // No request was made, so this is not a failed attempt. A call with a place comes back at its time.
  const tooLong = (waitMs: number): DeskhandError =>
    new DeskhandError("channel.rate_limited", "Zendesk's limit is used up for now", {
      retryAfterMs: Math.ceil(key === undefined ? withJitter(waitMs) : waitMs),
      notTried: true,
    });
  return { ...place, tooLong };
}

function withJitter(ms: number): number {
  return ms * (1 + Math.random() * JITTER_SHARE);
}

function headerCount(text: string | null): number | null {
  return text !== null && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}

/** Accounts use different spellings of each header. */
const SPELLINGS = {
  limit: ["x-rate-limit", "ratelimit-limit", "rate-limit"],
  remaining: ["x-rate-limit-remaining", "ratelimit-remaining", "rate-limit-remaining"],
  reset: ["ratelimit-reset", "rate-limit-reset"],
} as const;

/** The first spelling present: calls a minute, how many are left, or seconds until the limit resets. */
export function rateHeader(headers: Headers, name: keyof typeof SPELLINGS): string | null {
  return (
    SPELLINGS[name].map((spelling) => headers.get(spelling)).find((one) => one !== null) ?? null
  );
}
