import type { DeskAnswer } from "#core/contracts/approval-desk.ts";

/**
 * What a decision comes to when somebody changed the card between our look at it and our write: nothing was written, and
 * what it means now can only be said after another look.
 */
export const RACED = "raced";

/** An answer for whoever clicked, or word that they have to be answered from a newer row. */
export type RacedAnswer = DeskAnswer | typeof RACED;

/** With each lost race somebody else's change went through, so this is more than a card has people. */
const LOOKS_MAX = 8;

/** Looks again after each lost race, until the click counts or it is clear who made it too late; null when it never was. */
export async function retryConflict(look: () => Promise<RacedAnswer>): Promise<DeskAnswer | null> {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const answer = await look();
    if (answer !== RACED) return answer;
  }
  return null;
}
