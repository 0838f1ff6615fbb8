/** How long an effect waits for its target, and when it is given up on. Pure. */
import type { CarriedEffect } from "./carry-out.ts";

/** A target that is down is tried again after one second, then twice as long each time up to the longest wait. */
const WAIT_FIRST_MS = 1_000;

/** However long the target asks us to wait, it is tried again after this. */
export const WAIT_ASKED_MAX_MS = 15 * 60_000;

/** A due effect is looked at every second or two; a gap longer than this means that no process was looking. */
const UNSEEN_MS = 600_000;

/** How long to wait for a target, and how often to try. */
export interface RetryLimits {
  readonly allowedMs: number;
  readonly waitMaxMs: number;
  /** With more tries than this, the failure is not temporary. */
  readonly attemptsMax: number;
}

/**
 * A target was not down for all the time an effect was not looked at, such as during a pause or while no process ran:
 * then the count starts again with this look.
 */
export function resetAfterGap<Effect extends CarriedEffect>(effect: Effect, now: Date): Effect {
  const unseenMs = now.getTime() - effect.notBefore.getTime();
  return unseenMs > UNSEEN_MS ? { ...effect, awayCount: 0, awaySince: null } : effect;
}

/** Never before the target wants to be asked again; otherwise twice as long each time. */
export function untilNextTryMs(
  { awayCount }: Pick<CarriedEffect, "awayCount">,
  { waitMaxMs }: RetryLimits,
  retryAfterMs = 0,
): number {
  const asked = Math.min(retryAfterMs, WAIT_ASKED_MAX_MS);
  return Math.max(asked, Math.min(WAIT_FIRST_MS * 2 ** awayCount, waitMaxMs));
}

/** How long to wait after so many tries that did not happen; the first is tried again at once. */
export function growingMs(attempts: number, { waitMaxMs }: RetryLimits): number {
  return attempts <= 1 ? 0 : Math.min(WAIT_FIRST_MS * 2 ** (attempts - 1), waitMaxMs);
}

/** For how long its target has been away, in milliseconds. */
export function awayMs({ awaySince }: Pick<CarriedEffect, "awaySince">, now: Date): number {
  return now.getTime() - (awaySince ?? now).getTime();
}
