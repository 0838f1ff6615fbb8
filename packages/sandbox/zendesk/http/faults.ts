/** Faults that a test can make the local Zendesk show. */
import { z } from "zod";

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
