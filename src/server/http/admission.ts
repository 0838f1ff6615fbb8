/** Protects an inbound route from floods and from work that takes too long. */

import type { RequestHandler } from "express";
import { DeskhandError } from "#core/values/errors.ts";

/** After this many milliseconds a full route is worth another try. */
const FULL_RETRY_MS = 1_000;

/**
 * Admits this many requests at once and tells the others to retry. A refused request is not read, so a burst costs
 * neither memory nor database connections.
 */
export function admission(atOnceMax: number): RequestHandler {
  const inside = { count: 0 };
  return (_request, response, next) => {
    if (inside.count >= atOnceMax)
      throw new DeskhandError("store.unavailable", "too much is coming in at once", {
        retryAfterMs: FULL_RETRY_MS,
      });
    inside.count += 1;
    response.once("close", () => {
      inside.count -= 1;
    });
    next();
  };
}

/**
 * Gives up on the work after this time with `store.unavailable`: a source that has hung up by then must not find a
 * success in its log. The work itself may still commit; the source's next try is recognized by its event id.
 */
export async function withTimeLimit<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new DeskhandError("store.unavailable", "taking this in takes too long")),
    limitMs,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
