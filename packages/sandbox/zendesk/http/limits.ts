/** What makes the local Zendesk refuse a call by itself: its rate limits, and faults that a test asks for. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError } from "./errors.ts";
import { z } from "zod";

/** A call, as far as the limits depend on it. */
interface LimitedCall {
  readonly method: string;
  /** Path below `/api/v2`, without `.json`. */
  readonly path: string;
  readonly userId: number;
}

/** Counts calls in windows of the desk's clock. */
export interface Limits {
  /** Counts the call and returns the headers with what is left; throws a 429 when nothing is. */
  count(call: LimitedCall): Record<string, string>;
  clear(): void;
}

interface Bucket {
  readonly key: string;
  readonly windowSeconds: number;
  readonly allowed: number;
  /** Header under which Zendesk reports an endpoint's own limit, if it does. */
  readonly header?: string;
}

interface Usage {
  readonly endsAtMs: number;
  used: number;
}

/** The account's limits; which ones are in force is in `desk.settings`. */
export function limits(desk: Desk): Limits {
  const usages = new Map<string, Usage>();

  function use(bucket: Bucket): { readonly remaining: number; readonly resets: number } {
    const nowMs = desk.now().getTime();
    const known = usages.get(bucket.key);
    const usage =
      known && known.endsAtMs > nowMs
        ? known
        : { endsAtMs: nowMs + bucket.windowSeconds * 1000, used: 0 };
    usages.set(bucket.key, usage);
    usage.used += 1;
    return {
      remaining: bucket.allowed - usage.used,
      resets: Math.ceil((usage.endsAtMs - nowMs) / 1000),
    };
  }

  return {
    count(call) {
      const headers: Record<string, string> = {};
      for (const bucket of bucketsFor(desk, call)) {
        const { remaining, resets } = use(bucket);
        Object.assign(headers, headersFor(bucket, Math.max(0, remaining), resets));
        if (remaining < 0) throw tooManyRequests({ ...headers, "retry-after": String(resets) });
      }
      return headers;
    },
    clear: () => usages.clear(),
  };
}

/** Updates of one ticket by one user in ten minutes. */
const UPDATES_PER_TICKET = 30;

function bucketsFor(desk: Desk, call: LimitedCall): Bucket[] {
  const { settings } = desk;
  const buckets: Bucket[] = [
    { key: "account", windowSeconds: 60, allowed: settings.accountPerMinute },
  ];
  if (call.path.startsWith("/incremental/")) {
    const header = "zendesk-ratelimit-incremental-exports";
    buckets.push({ key: "exports", windowSeconds: 60, allowed: settings.exportsPerMinute, header });
  }
  if (call.method === "GET" && call.path === "/tickets") {
    const header = "zendesk-ratelimit-tickets-index";
    buckets.push({ key: "index", windowSeconds: 60, allowed: settings.accountPerMinute, header });
  }
  const updated = call.method === "PUT" ? /^\/tickets\/(\d+)$/u.exec(call.path)?.[1] : undefined;
  if (updated !== undefined) {
    const key = `ticket ${updated} user ${call.userId}`;
    buckets.push({ key, windowSeconds: 600, allowed: UPDATES_PER_TICKET });
    buckets.push({ key: "updates", windowSeconds: 60, allowed: settings.updatesPerMinute });
  }
  return buckets;
}

function headersFor(bucket: Bucket, remaining: number, resets: number): Record<string, string> {
  if (bucket.header) {
    return { [bucket.header]: `total=${bucket.allowed}; remaining=${remaining}; resets=${resets}` };
  }
  if (bucket.key !== "account") return {};
  return {
    "x-rate-limit": String(bucket.allowed),
    "x-rate-limit-remaining": String(remaining),
    "ratelimit-limit": String(bucket.allowed),
    "ratelimit-remaining": String(remaining),
    "ratelimit-reset": String(resets),
  };
}

function tooManyRequests(headers: Record<string, string>): ApiError {
  return new ApiError(
    429,
    {
      error: "TooManyRequests",
      description: "Rate limit exceeded, please wait before trying again",
    },
    headers,
  );
}

// Faults.

/** A fault for the next calls that match; the switches are there so that a client can be seen to survive them. */
export const Fault = z.strictObject({
  kind: z.enum([
    /** 429, with `retryAfter` seconds or without the header. */
    "rate_limited",
    /** 503, with `retryAfter` seconds or without the header. */
    "unavailable",
    /** 502 with an HTML page. */
    "bad_gateway",
    /** 500 as JSON. */
    "server_error",
    /** 401, as if the token had been revoked. */
    "unauthorized",
    /** The call is carried out, then the connection is dropped without an answer. */
    "lost_response",
    /** The call is carried out after `ms` milliseconds. */
    "slow",
  ]),
  times: z.number().int().positive().default(1),
  retryAfter: z.number().nonnegative().nullable().default(null),
  ms: z.number().int().nonnegative().max(600_000).default(0),
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).nullable().default(null),
  /** Only calls whose path below `/api/v2` starts with this. */
  path: z.string().default(""),
  /** The share of matching calls it hits; the same `seed` hits the same calls. */
  chance: z.number().min(0).max(1).default(1),
  seed: z.number().int().nonnegative().default(1),
});

export type Fault = z.infer<typeof Fault>;

/** The faults that are still pending. */
export interface Faults {
  add(fault: Fault): void;
  list(): readonly Fault[];
  clear(): void;
  /** The fault for this call, used up by asking. */
  next(method: string, path: string): Fault | undefined;
}

/** An empty list of faults. */
export function faults(): Faults {
  const waiting: (Fault & { readonly isHit: () => boolean })[] = [];
  return {
    add: (fault) => void waiting.push({ ...fault, isHit: seededChance(fault) }),
    list: () => waiting,
    clear: () => void waiting.splice(0),
    next(method, path) {
      const found = waiting.find(
        (fault) =>
          (fault.method === null || fault.method === method) &&
          path.startsWith(fault.path) &&
          fault.isHit(),
      );
      if (!found) return undefined;
      found.times -= 1;
      if (found.times === 0) waiting.splice(waiting.indexOf(found), 1);
      return found;
    },
  };
}

/** The same sequence for the same seed: a linear congruential generator with the constants of "Numerical Recipes". */
function seededChance({ chance, seed }: Pick<Fault, "chance" | "seed">): () => boolean {
  if (chance >= 1) return () => true;
  const state = { value: seed };
  return () => {
    state.value = (Math.imul(state.value, 1_664_525) + 1_013_904_223) >>> 0;
    return state.value / 2 ** 32 < chance;
  };
}
