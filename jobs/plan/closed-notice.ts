import type { Policy } from "#core/contracts/policy.ts";

/** What a customer is told while nobody is there. */
export interface ClosedNotice {
  readonly text: string;
  /** Which closed time it is about, by the moment a card from it expires. */
  readonly period: Date;
}

/** The operator's sentence for this moment; null while open, and when the customer was told of this closed time before. */
export function closedNotice(
  policy: Policy,
  toldClosed: Date | null,
  at: Date,
): ClosedNotice | null {
  const text = policy.closedText(at);
  if (text === null) return null;
  // Only opening hours count towards an expiry, so that every moment of one closed time has the same, and no other.
  const period = policy.expiresAt(at);
  return toldClosed?.getTime() === period.getTime() ? null : { text, period };
}
