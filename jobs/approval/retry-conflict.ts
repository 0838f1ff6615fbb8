/** Retries a decision that lost a race for its card. */

import type { DeskAnswer } from "#core/contracts/approval-desk.ts";

/**
 * The result when the card changed between our read and our write: nothing was written, and only another read can tell
 * what the click means now.
 */
export const RACED = "raced";

/** An answer to the click, or `RACED` when it needs a newer row. */
export type RacedAnswer = DeskAnswer | typeof RACED;

/** Each lost race means another teammate's change went through; this is more than a card has approvers. */
const LOOKS_MAX = 8;

/** Looks again after each lost race, until the click counts or is too late; null when the limit is reached. */
export async function retryConflict(look: () => Promise<RacedAnswer>): Promise<DeskAnswer | null> {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const answer = await look();
    if (answer !== RACED) return answer;
  }
  return null;
}
