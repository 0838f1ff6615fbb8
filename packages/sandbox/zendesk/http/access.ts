/** What a call of the local Zendesk has to pass: credentials and scopes, rate limits, and faults that a test asks for. */
import { z } from "zod";
import type { Desk } from "#sandbox/zendesk/records/desk.ts";
import { ApiError, forbidden, invalidToken, missingScope, unauthenticated } from "./errors.ts";
import { type Token, UNKNOWN_USER, type User } from "#sandbox/zendesk/records/account-model.ts";

/** The caller; without a credential the anonymous user, whose id is 0. */
interface Caller {
  readonly user: User;
  readonly scopes: readonly string[];
}

const ANONYMOUS: User = { ...UNKNOWN_USER, name: "Anonymous user" };

/** Reads the bearer token in `Authorization`. */
export function identify(desk: Desk, header: string | undefined): Caller {
  if (header === undefined) return { user: ANONYMOUS, scopes: [] };
  const [, credential] = /^Bearer\s+(\S+)$/iu.exec(header) ?? [];
  if (credential === undefined) throw unauthenticated();
  const token = validToken(desk, credential);
  const user = token && desk.users.get(token.user_id);
  if (!user || user.suspended) throw invalidToken();
  return { user, scopes: token.scopes };
}

function validToken(desk: Desk, id: string): Token | undefined {
  const token = desk.tokens.get(id);
  if (!token) return undefined;
  return token.expires_at_ms === null || token.expires_at_ms > desk.now().getTime()
    ? token
    : undefined;
}

/** Throws unless the caller has the role an endpoint asks for. */
export function requireRole(user: User, allow: "anyone" | "signed-in" | "staff" | "admin"): void {
  if (allow === "anyone") return;
  if (user.id === 0) throw unauthenticated();
  if (allow === "staff" && user.role === "end-user") throw forbidden();
  if (allow === "admin" && user.role !== "admin") throw forbidden();
}

/**
 * Throws unless the token's scopes cover the call: `read` or `write`, alone or for the resource (`tickets:read`).
 * A misspelled scope gives a token that may do nothing, which is what Zendesk does as well.
 */
export function requireScope(caller: Caller, method: string, path: string): void {
  if (caller.user.id === 0) return;
  const need = method === "GET" ? "read" : "write";
  const resource = /^\/([a-z_]+)/u.exec(path)?.[1] ?? "";
  // "Ticket Audits" in the reference: they take the whole scope only.
  const ofResource = /\/audits\b/u.test(path) ? null : `${resource}:${need}`;
  if (!caller.scopes.includes(need) && (ofResource === null || !caller.scopes.includes(ofResource)))
    throw missingScope();
}

// Rate limits.

/** A call, as far as the limits depend on it. */
interface LimitedCall {
  readonly method: string;
  /** Path below `/api/v2`, without `.json`. */
  readonly path: string;
  readonly userId: number;
}

interface Bucket {
  readonly key: string;
  readonly windowSeconds: number;
  readonly allowed: number;
  /** Header under which Zendesk reports an endpoint's own limit, if it does. */
  readonly header?: string;
}

/** Counts calls against the account's limits. */
export type Limits = ReturnType<typeof limits>;

/** The account's limits, counted in windows of the desk's clock; which ones are in force is in `desk.settings`. */
export function limits(desk: Desk) {
  const usages = new Map<string, { readonly endsAtMs: number; used: number }>();
  return {
    /** Counts the call and returns the headers with what is left; throws a 429 when nothing is. */
    count(call: LimitedCall): Record<string, string> {
      const headers: Record<string, string> = {};
      const nowMs = desk.now().getTime();
      for (const bucket of bucketsFor(desk, call)) {
        const known = usages.get(bucket.key);
        const fresh = { endsAtMs: nowMs + bucket.windowSeconds * 1000, used: 0 };
        const usage = known && known.endsAtMs > nowMs ? known : fresh;
        usages.set(bucket.key, usage);
        usage.used += 1;
        const remaining = bucket.allowed - usage.used;
        const resets = Math.ceil((usage.endsAtMs - nowMs) / 1000);
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

/** Holds the faults that calls still have to meet. */
export type Faults = ReturnType<typeof faults>;

/** The faults that are still pending; none at first. */
export function faults() {
  const waiting: (Fault & { readonly isHit: () => boolean })[] = [];
  return {
    add: (fault: Fault) => void waiting.push({ ...fault, isHit: seededChance(fault) }),
    list: (): readonly Fault[] => waiting,
    clear: () => void waiting.splice(0),
    /** The fault for this call, used up by asking. */
    next(method: string, path: string): Fault | undefined {
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
