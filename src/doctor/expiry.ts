/** What the doctor says of certificates and tokens that end. */
import {
  type Expiry,
  expiryInWords,
  NEAR_S,
  secondsLeft,
  SOON_S,
} from "#core/connection/expiry.ts";
import type { Finding } from "#core/connection/diagnosis.ts";

/** A finding for each end: a warning with less than three weeks left, a problem with less than one. */
export function expiryFindings(expiries: readonly Expiry[], now: Date): readonly Finding[] {
  return expiries.map((expiry) => {
    const left = secondsLeft(expiry, now);
    const isSoon = left < SOON_S;
    return {
      part: expiry.kind.replace("_", " "),
      check: "expiry",
      state: left < NEAR_S ? "problem" : isSoon ? "warning" : "ok",
      found: expiryInWords(expiry, now),
      remedy: isSoon ? "renew it: docs/runbooks/expiry.md" : null,
    };
  });
}
