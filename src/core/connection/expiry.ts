/** Certificates and tokens with an end that is known. */

/**
 * What ends, as a label of the metrics: the certificates of servers by what they serve (`system` is one of your own),
 * certificates in files, and tokens.
 */
export const EXPIRING = [
  "public_url",
  "database",
  "replica",
  "redis",
  "storage",
  "imap",
  "smtp",
  "system",
  "file",
  "token",
] as const;
export type Expiring = (typeof EXPIRING)[number];

/** Something that ends at a known time. */
export interface Expiry {
  readonly kind: Expiring;
  /** For people, such as `the certificate of imap.shop.example`; never the value of a secret. */
  readonly what: string;
  readonly at: Date;
}

const DAY_S = 86_400;

/** With less than this left, in seconds, the team is told, and with less than the second, told again. */
export const SOON_S = 21 * DAY_S;
export const NEAR_S = 7 * DAY_S;

/** How many seconds are left; negative after the end. */
export function secondsLeft({ at }: Pick<Expiry, "at">, now: Date): number {
  return (at.getTime() - now.getTime()) / 1_000;
}

/** What is left of it as a sentence. */
export function expiryInWords(expiry: Expiry, now: Date): string {
  const days = Math.floor(secondsLeft(expiry, now) / DAY_S);
  const day = expiry.at.toISOString().slice(0, 10);
  if (days < 0) return `${expiry.what} ended on ${day}.`;
  return `${expiry.what} ends on ${day}, in ${days} ${days === 1 ? "day" : "days"}.`;
}
