/** What the doctor says of certificates and tokens that end. */
import { type Expiry, expiryInWords, timesTold } from "#core/connection/expiry.ts";
import type { Finding } from "#core/connection/diagnosis.ts";

/** A finding for each end: a warning from the first time the team is told of it, a problem from the second. */
export function expiryFindings(expiries: readonly Expiry[], now: Date): readonly Finding[] {
  return expiries.map((expiry) => {
    const told = timesTold(expiry, now);
    const remedy =
      expiry.kind === "model"
        ? "name its successor in DESKHAND_MODEL (docs/models.md)"
        : "renew it: docs/runbooks/expiry.md";
    return {
      part: expiry.kind.replace("_", " "),
      check: "expiry",
      state: told > 1 ? "problem" : told === 1 ? "warning" : "ok",
      found: expiryInWords(expiry, now),
      remedy: told > 0 ? remedy : null,
    };
  });
}
