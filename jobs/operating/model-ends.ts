/** Which models end soon, for the team and for the metrics. */

import { daysTold, endInWords, type ModelEnd } from "#core/connection/model-end.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import type { Condition } from "./conditions.ts";

/** Providers name the day months ahead, so it is looked rarely. */
const LOOK_MS = 3_600_000;

/** What ends soon; each number of days is a condition of its own, so that the team is told again. Pure. */
export function endingModels(ends: readonly ModelEnd[], now: Date): readonly Condition[] {
  const told = Map.groupBy(ends, (end) => daysTold(end, now));
  return [...told].flatMap(([days, those]) =>
    days === null
      ? []
      : [
          {
            name: `model-end-${days}`,
            sentence: those.map((end) => endInWords(end, now)).join(" "),
          },
        ],
  );
}

/** Looks at once and every hour, until it is stopped; `seen` is what was found last. */
export function followModelEnds(
  look: () => Promise<readonly ModelEnd[]>,
  log: Log,
): { seen(): readonly ModelEnd[]; stop(): void } {
  const state: { seen: readonly ModelEnd[] } = { seen: [] };
  const again = (): void => {
    look().then(
      (found) => (state.seen = found),
      (error: unknown) =>
        log.warn("the ends of models could not be read", { reason: reasonOf(error) }),
    );
  };
  again();
  const timer = setInterval(again, LOOK_MS).unref();
  return { seen: () => state.seen, stop: () => clearInterval(timer) };
}
