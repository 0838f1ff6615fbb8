/** The type of a plan step, which adds to a plan after it was made. */
import type { ConversationChanges } from "./changes.ts";
import type { ConversationSnapshot } from "./snapshot.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { Plan } from "#jobs/plan/plan.ts";

/** A turn as its steps see it. */
interface PlannedTurn {
  readonly context: JobContext;
  readonly snapshot: ConversationSnapshot;
  readonly changes: ConversationChanges;
  readonly pastEffects: PastEffects;
}

/** One step: pure but for the log, and independent of the others. */
export type PlanStep = (plan: Plan, turn: PlannedTurn) => Plan;

/** What was found for the open messages of one conversation. */
export interface PastEffects {
  /** Messages that were answered, with the reference of the answer. */
  readonly answered: readonly { readonly keys: readonly string[]; readonly ref: string }[];
  /** Why people have to continue with the rest; null when nothing is in the way. */
  readonly toPeople: string | null;
}
