/** Rate limits of the local Zendesk. */
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError } from "./errors.ts";

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
    buckets.push({ key, windowSeconds: 600, allowed: settings.updatesPerTicketTenMinutes });
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
