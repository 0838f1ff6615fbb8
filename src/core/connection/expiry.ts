/** Certificates, tokens and models with an end that is known. */

/**
 * What ends, as a label of the metrics: the certificates of servers by what they serve (`system` is one of your own),
 * certificates in files, tokens, and models that their provider ends.
 */
export const EXPIRING = [
  "public_url",
  "database",
  "redis",
  "storage",
  "imap",
  "smtp",
  "system",
  "file",
  "token",
  "model",
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

/** Another model has to be tried out before customers meet it, which takes longer than renewing a certificate. */
const MODEL_S = [60 * DAY_S, 14 * DAY_S, 3 * DAY_S] as const;

/** How often the team has been told of this end by now; 0 while it is far. */
export function timesTold(expiry: Expiry, now: Date): number {
  const left = secondsLeft(expiry, now);
  const told = expiry.kind === "model" ? MODEL_S : [SOON_S, NEAR_S];
  return told.filter((seconds) => left < seconds).length;
}
