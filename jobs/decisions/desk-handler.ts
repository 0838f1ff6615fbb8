/**
 * Room: what a teammate's click or command on the desk does.
 * In: clicks, forms and commands from the desk, each with a teammate.
 * Out: an answer to the teammate; votes, new versions, intended effects and audit entries.
 * May touch: the database, the desk, and the shop for order facts; the model only through a later turn.
 */

import { workingOn } from "#core/contracts/work-context.ts";
import {
  isProcedureCard,
  type DeskAnswer,
  type DeskDecision,
  type DeskHandler,
} from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { APPROVAL_CARDS } from "#store/approvals/approval-cards.ts";
import { forgetPost } from "#store/approvals/card-posting.ts";
import { rememberAnswer, rememberedAnswer } from "#store/approvals/click-answers.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import { refuseClick, voterOf } from "#jobs/approval/votes.ts";
import { checkClick } from "./check-click.ts";
import { approve } from "./approve.ts";
import { changeCase } from "./case-clicks.ts";
import { claimOrRelease } from "./claim.ts";
import { runSlashCommand } from "./slash-commands.ts";
import { overviewFor } from "./home-overview.ts";
import { editApproval, editFormOf } from "./edit.ts";
import { alertExternalClick } from "./external-click-alert.ts";
import { findLostCards } from "./refresh-cards.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { decidePolicyChange } from "#jobs/policy/vote.ts";
import { decideProcedure } from "#jobs/procedures/vote.ts";
import { retryConflict, type RacedAnswer } from "#jobs/approval/retry-conflict.ts";
import { rateDraft } from "./rate-draft.ts";
import { requestRedraft } from "./request-redraft.ts";
import { rejectOrTakeOver } from "./reject.ts";
import { undo } from "./undo.ts";
import { isAboutCase, takeOverCase, undoTakeOver } from "./take-over-case.ts";
import { sayHarmless } from "./say-harmless.ts";
import { putBackToWork } from "./put-back-to-work.ts";
import { explainCard } from "./explain-card.ts";

/**
 * Handles every decision from the desk. A click is a compare-and-set on approval id, version and state, together with
 * the seal; roles are read at the click, not when the card was posted. The same click delivered twice is one decision.
 * `policyDecided` is called after a click on a policy change, so that it takes effect at once.
 */
export function deskHandler(
  context: JobContext,
  policyDecided: () => Promise<void> = async () => undefined,
): DeskHandler {
  return {
    decide: (decision) =>
      workingOn({ card: decision.approvalId }, () => decideOnce(context, decision, policyDecided)),
    editForm: (approvalId, version, teammate) => editFormOf(context, approvalId, version, teammate),
    check: (about, teammate) => checkClick(context, about, teammate),
    explain: (approvalId, teammate) => explainCard(context, approvalId, teammate),
    command: (command) => runSlashCommand(context, command),
    cardGone: (ref) =>
      context.store.run((transaction) => forgetPost(transaction, APPROVAL_CARDS, ref)),
    async overview(teammate) {
      if (voterOf(context, teammate).role === null) return null;
      await findLostCards(context);
      return overviewFor(context, teammate);
    },
  };
}

async function decideOnce(
  context: JobContext,
  decision: DeskDecision,
  policyDecided: () => Promise<void>,
): Promise<DeskAnswer> {
  const before = await context.store.run((transaction) =>
    rememberedAnswer(transaction, decision.decisionId),
  );
  if (before !== null) return before;
  const look = (): Promise<RacedAnswer> => answerTo(context, decision, policyDecided);
  const answer = (await retryConflict(look)) ?? (await refuseClick(context, decision, TOO_MANY));
  await afterDecision(context, decision, answer);
  if (decision.teammate.outside === true) await alertExternalClick(context, decision);
  return answer;
}

const TOO_MANY = {
  code: "raced",
  message: "Others are changing this card right now. Look at it, and try again.",
};

/**
 * The decision stands whatever fails here: a database that goes down now must not make it look undone. The reconciler
 * shows the card later, and a repeated click whose answer was not stored is refused by the state of its card.
 */
async function afterDecision(
  context: JobContext,
  decision: DeskDecision,
  answer: DeskAnswer,
): Promise<void> {
  try {
    // A form with an input error may be sent again under the same id.
    if (Object.keys(answer.fieldErrors).length === 0)
      await context.store.run((transaction) =>
        rememberAnswer(transaction, decision, answer, context.clock.now()),
      );
    await showCardsSoon(context);
  } catch (error) {
    context.log.warn("a decision shows later", { reason: reasonOf(error) });
  }
}

async function answerTo(
  context: JobContext,
  decision: DeskDecision,
  policyDecided: () => Promise<void>,
): Promise<RacedAnswer> {
  if (isAboutCase(decision)) return aboutCase(context, decision);
  const approval = await context.store.run((transaction) =>
    loadApproval(transaction, decision.approvalId),
  );
  if (approval === null) {
    const answer = await (isProcedureCard(decision.approvalId)
      ? decideProcedure(context, decision)
      : decidePolicyChange(context, decision));
    // The vote stands even when this fails; the next check of the policy makes up for it.
    if (answer.accepted)
      await policyDecided().catch((error: unknown) =>
        context.log.warn("a decision about the policy shows later", { reason: reasonOf(error) }),
      );
    return answer;
  }
  return ANSWERS[decision.button](context, decision, approval);
}

/** A click on an alert or a list, which name the case itself. */
function aboutCase(context: JobContext, decision: DeskDecision): Promise<RacedAnswer> {
  if (decision.button === "take_over") return takeOverCase(context, decision);
  if (decision.button === "undo") return undoTakeOver(context, decision);
  if (decision.button === "not_junk") return putBackToWork(context, decision);
  return refuseClick(context, decision, {
    code: "stale",
    message: "This button is out of date. Nothing was changed.",
  });
}

const ANSWERS: Readonly<
  Record<
    DeskDecision["button"],
    (context: JobContext, decision: DeskDecision, approval: Approval) => Promise<RacedAnswer>
  >
> = {
  approve,
  edit: editApproval,
  undo,
  claim: claimOrRelease,
  release: claimOrRelease,
  redo: requestRedraft,
  reject: rejectOrTakeOver,
  escalate: rejectOrTakeOver,
  take_over: rejectOrTakeOver,
  dismiss: rejectOrTakeOver,
  join: changeCase,
  keep_apart: changeCase,
  separate: changeCase,
  thumbs_up: rateDraft,
  thumbs_down: rateDraft,
  harmless: sayHarmless,
  not_junk: async (context, decision) =>
    refuseClick(context, decision, { code: "stale", message: "A card is no junk list." }),
};
