/** Turns thrown errors into HTTP answers. */

import type { ErrorRequestHandler } from "express";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";

/** Seconds a source is asked to wait when we cannot take its message. */
const RETRY_AFTER_S = 5;

const TRY_AGAIN = "This cannot be stored at the moment. Send it again: it counts once.";

/**
 * The one place where errors become answers: an operating error is sent with its code, its sentence and the status from
 * the error table; an unexpected one only says that it happened.
 */
export function errorAnswers(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const known = knownError(error);
    if (known === null) {
      log.error("request failed", { path: request.path, reason: reasonOf(error) });
      response
        .status(500)
        .json({ error: "internal", message: "Something went wrong here. It was logged." });
      return;
    }
    if (known.status === 503 || known.status === 429)
      response.set(
        "Retry-After",
        String(Math.ceil((known.retryAfterMs ?? RETRY_AFTER_S * 1_000) / 1_000)),
      );
    response.status(known.status).json({ error: known.code, message: known.message });
  };
}

/** Express reports unreadable bodies with its own errors; they become ours. */
function knownError(error: unknown): DeskhandError | null {
  // What is wrong with our storage is for the log and for health, not for strangers.
  if (error instanceof DeskhandError && error.code === "store.unavailable" && error.cause)
    return new DeskhandError(error.code, TRY_AGAIN);
  if (error instanceof DeskhandError) return error;
  if (!(error instanceof Error) || !("status" in error)) return null;
  if (error.status === 413) return new DeskhandError("input.too_large", "the body is too large");
  if (typeof error.status === "number" && error.status >= 400 && error.status < 500)
    return new DeskhandError("input.invalid", "the body cannot be read");
  return null;
}
