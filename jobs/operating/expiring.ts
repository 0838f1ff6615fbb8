/** What ends soon, for the team and for the metrics. */

import { type Expiry, expiryInWords, timesTold } from "#core/connection/expiry.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Condition } from "./conditions.ts";

/** Certificates are renewed days before their end, so it is looked rarely. */
const LOOK_MS = 3_600_000;

/** Each is a condition of its own, so that the team is told again when an end has come nearer. */
const CONDITIONS = ["expiry", "expiry-near", "expiry-last"] as const;

/** What ends soon, by how near it is. Pure. */
export function expiring(expiries: readonly Expiry[], now: Date): readonly Condition[] {
  return CONDITIONS.flatMap((name, index) => {
    const those = expiries.filter((one) => timesTold(one, now) === index + 1);
    return those.length === 0
      ? []
      : [{ name, sentence: those.map((one) => expiryInWords(one, now)).join(" ") }];
  });
}

/** Looks at once and every hour, until it is stopped; `seen` is what was found last. */
export function followExpiries(
  look: () => Promise<readonly Expiry[]>,
  log: Log,
): { seen(): readonly Expiry[]; stop(): void } {
  const state: { seen: readonly Expiry[] } = { seen: [] };
  const again = (): void => {
    look().then(
      (found) => (state.seen = found),
      (error: unknown) =>
        log.warn("the ends of certificates could not be read", { reason: reasonOf(error) }),
    );
  };
  again();
  const timer = setInterval(again, LOOK_MS).unref();
  return { seen: () => state.seen, stop: () => clearInterval(timer) };
}
