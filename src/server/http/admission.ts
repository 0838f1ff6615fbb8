import type { RequestHandler } from "express";
import { DeskhandError } from "#core/values/errors.ts";

/** Milliseconds until a door that is full is worth another try. */
const FULL_RETRY_MS = 1_000;

/**
 * Lets so many requests in at once and sends the others away to come again. What is refused here was not read, so that a
 * burst costs neither memory nor connections to the database.
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
 * The same work, given up on after this time as `store.unavailable`: a source that has hung up by then must not find a
 * success in its log. What goes on behind is committed or not; the source's next try is known by its event id.
 */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
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
