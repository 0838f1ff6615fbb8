/** What a customer is told outside opening hours. */

import type { Policy, TextPlace } from "#core/contracts/policy.ts";

/** The notice for one closed period. */
export interface ClosedNotice {
  readonly text: string;
  /** The closed period, identified by the moment a card from it expires. */
  readonly period: Date;
}

/**
 * The operator's text for this moment, in the customer's language; null while open, and when the customer was already told in this closed period.
 */
export function closedNotice(
  policy: Policy,
  closedNoticeUntil: Date | null,
  at: Date,
  given: { readonly language: string | null; readonly place: TextPlace },
): ClosedNotice | null {
  const text = policy.closedText(at, given.language, given.place);
  if (text === null) return null;
  // Only opening hours count towards an expiry, so all moments of one closed period share one expiry, and no other has
  // it.
  const period = policy.expiresAt(at);
  return closedNoticeUntil?.getTime() === period.getTime() ? null : { text, period };
}
