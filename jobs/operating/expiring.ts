/** What ends soon, for the team and for the metrics. */

import {
  type Expiry,
  expiryInWords,
  NEAR_S,
  secondsLeft,
  SOON_S,
} from "#core/connection/expiry.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Condition } from "./conditions.ts";

/** Certificates are renewed days before their end, so it is looked rarely. */
const LOOK_MS = 3_600_000;

/** What ends soon, and apart from it what ends within a week. Pure. */
export function expiring(expiries: readonly Expiry[], now: Date): readonly Condition[] {
  const left = (expiry: Expiry): number => secondsLeft(expiry, now);
  const near = expiries.filter((one) => left(one) < NEAR_S);
  const soon = expiries.filter((one) => left(one) < SOON_S && left(one) >= NEAR_S);
  const found = { expiry: soon, "expiry-near": near };
  return Object.entries(found).flatMap(([name, those]) =>
    those.length === 0
      ? []
      : [{ name, sentence: those.map((one) => expiryInWords(one, now)).join(" ") }],
  );
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
