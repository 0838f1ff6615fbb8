/** Decides what a turn does: makes the plan, adds the fixed steps, and hands over to people when a check throws. */
import { openAttachments } from "#jobs/conversation/attachments.ts";
import {
  adoptPastEffects,
  withoutAnswered,
  type PastEffects,
} from "#jobs/recovery/find-past-effects.ts";
import { releaseOthers } from "#jobs/cases/plan-case.ts";
import { addLinkedTicket } from "#jobs/handoff/linked-ticket.ts";
import { type JobContext } from "#jobs/context/job-context.ts";
import { planHumanOwned } from "./plan-human-owned.ts";
import { setUnprovenAside } from "#jobs/conversation/unproven-messages.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { clearRedraft } from "./redraft.ts";
import { planHandOverWithoutModel, planAnswer } from "./plan-answer.ts";
import { planBarred, planUnserved } from "#jobs/conversation/participants.ts";
import { recordingResults, orThrown, planFailedCheck, catchMistakes } from "./failed-check.ts";
import { addSignalAlerts } from "./signal-alerts.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import type { PlanStep } from "#jobs/plan/plan-step.ts";
import { isNews } from "./news.ts";
import { commitTurn, type DecidedTurn, type SavedTurn } from "./commit-turn.ts";

/** What a decision rests on besides the snapshot. */
export interface DecisionInput {
  readonly changes: ConversationChanges;
  readonly pastEffects: PastEffects;
  /** True when a wait for the model or the shop is over: the plan is made again without news. */
  readonly retriesPlan: boolean;
  readonly lost: AbortSignal;
}

/** The steps added to every plan, in this order. */
const STEPS: readonly PlanStep[] = [
  adoptPastEffects,
  addSignalAlerts,
  setUnprovenAside,
  addLinkedTicket,
  clearRedraft,
  releaseOthers,
];

/**
 * Decides the turn and saves it. If a check throws on the way, even while cards are rendered within the commit, people
 * take over instead: an unfinished commit leaves nothing behind.
 */
export function decideAndSave(
  given: JobContext,
  start: Pick<DecidedTurn, "lease" | "snapshot" | "read">,
  input: DecisionInput,
): Promise<SavedTurn> {
  const { lost, pastEffects } = input;
  const { snapshot } = start;
  const { context, spent } = recordingResults(given);
  const answerable = withoutAnswered(input.changes, pastEffects);
  const save = (changes: ConversationChanges, plan: Plan): Promise<SavedTurn> => {
    const turn = { context, snapshot, changes, pastEffects };
    const whole = STEPS.reduce((planned, step) => step(planned, turn), plan);
    return commitTurn(context, { ...start, changes, plan: whole });
  };
  return orThrown(
    () =>
      catchMistakes(lost, async () => {
        const conversation = conversationAfter(snapshot, answerable);
        const changes = await openAttachments(context, conversation, answerable, lost);
        return save(changes, await planFor(context, snapshot, changes, input));
      }),
    (thrown) =>
      catchMistakes(lost, () =>
        save(answerable, planFailedCheck(context, snapshot, answerable, { thrown, spent })),
      ),
  );
}

/** The first that applies: barred, not served, with people, nothing open, handed over before a restore, news. */
async function planFor(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  { retriesPlan, lost, pastEffects: { toPeople, answered } }: DecisionInput,
): Promise<Plan> {
  const { participants } = changes;
  if (participants.barred !== null) return planBarred(changes, participants.barred);
  if (participants.unserved !== null)
    return planUnserved(conversationAfter(snapshot, changes), changes, participants.unserved);
  if (changes.ownership.owner === "human") return planHumanOwned(context, snapshot, changes);
  if (changes.open.length === 0)
    return answered.length === 0
      ? EMPTY_PLAN
      : { ...EMPTY_PLAN, voids: "It was answered already." };
  if (toPeople !== null) return planHandOverWithoutModel(context, snapshot, changes, toPeople);
  return retriesPlan || isNews(snapshot, changes)
    ? planAnswer(context, snapshot, changes, lost)
    : keepRetry(snapshot);
}
/** A signal that changes nothing leaves a running retry as it is. */
function keepRetry(snapshot: ConversationSnapshot): Plan {
  const { retrySince, wakeAt } = snapshot.state;
  return retrySince === null || wakeAt === null
    ? EMPTY_PLAN
    : { ...EMPTY_PLAN, retry: { since: retrySince, at: wakeAt } };
}
