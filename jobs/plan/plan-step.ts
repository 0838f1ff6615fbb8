/** The type of a plan step, which adds to a plan after it was made. */
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { PastEffects } from "#jobs/recovery/find-past-effects.ts";
import type { Plan } from "./plan.ts";

/** A turn as its steps see it. */
interface PlannedTurn {
  readonly context: JobContext;
  readonly snapshot: ConversationSnapshot;
  readonly changes: ConversationChanges;
  readonly pastEffects: PastEffects;
}

/** One step: pure but for the log, and independent of the others. */
export type PlanStep = (plan: Plan, turn: PlannedTurn) => Plan;
