/** Asks a target what became of an effect whose answer was lost. */

import { withinMs } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { EffectLookup } from "#core/contracts/target.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { LIMITS, targetOf, type JobContext } from "#jobs/context/job-context.ts";

/** Asks an effect's target whether it happened; `away` when it cannot be asked right now. */
export async function findResult(
  context: JobContext,
  effect: Effect,
): Promise<EffectLookup | { readonly state: "away"; readonly error: DeskhandError }> {
  try {
    return await withinMs(LIMITS.effectMs, (signal) =>
      targetOf(context, effect).find(effect.action, effect.key, signal),
    );
  } catch (error) {
    if (error instanceof DeskhandError && error.retry) return { state: "away", error };
    return { state: "unknowable", reason: reasonOf(error) };
  }
}
