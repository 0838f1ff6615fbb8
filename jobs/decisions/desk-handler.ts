import type { DeskAnswer, DeskDecision, DeskHandler } from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { forgetCardAt } from "#store/approvals/card-posting.ts";
import { rememberAnswer, rememberedAnswer } from "#store/approvals/click-answers.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import { refuseClick, voterOf } from "#jobs/approval/votes.ts";
import { checkPress } from "./check-click.ts";
import { approve } from "./approve.ts";
import { claimOrRelease } from "./claim.ts";
import { carryOut } from "./slash-commands.ts";
import { overviewFor } from "./home-overview.ts";
import { editApproval, editFormOf } from "./edit.ts";
import { tellOfOutsider } from "./external-click-alert.ts";
import { findCards } from "./refresh-cards.ts";
import type { Parts } from "#jobs/context/job-context.ts";
import { decidePolicyChange } from "#jobs/policy/vote.ts";
import { settled, type RacedAnswer } from "#jobs/approval/retry-conflict.ts";
import { giveOpinion } from "./rate-draft.ts";
import { redoCard } from "./request-redraft.ts";
import { endByPerson } from "./reject.ts";
import { undo } from "./undo.ts";
import { explainCard } from "./explain-card.ts";

/**
 * The desk's side of every decision. A click is a compare-and-set on approval id, version and state together with the
 * seal; roles are read now, not when the card was posted. The same click delivered twice is one decision.
 * `policyDecided` is called when a click was about the policy itself, so that its effect need not wait for the clock.
 */
export function deskHandler(
  parts: Parts,
  policyDecided: () => Promise<void> = async () => undefined,
): DeskHandler {
  return {
    async decide(decision) {
      const before = await parts.store.run((transaction) =>
        rememberedAnswer(transaction, decision.decisionId),
      );
      if (before !== null) return before;
      const look = (): Promise<RacedAnswer> => answerTo(parts, decision, policyDecided);
      const answer = (await settled(look)) ?? (await refuseClick(parts, decision, TOO_MANY));
      await afterwards(parts, decision, answer);
      if (decision.teammate.outside === true) await tellOfOutsider(parts, decision);
      return answer;
    },
    editForm: (approvalId, version, teammate) => editFormOf(parts, approvalId, version, teammate),
    check: (about, teammate) => checkPress(parts, about, teammate),
    explain: (approvalId, teammate) => explainCard(parts, approvalId, teammate),
    command: (command) => carryOut(parts, command),
    cardGone: (ref) => parts.store.run((transaction) => forgetCardAt(transaction, ref)),
    async overview(teammate) {
      if (voterOf(parts, teammate).role === null) return null;
      await findCards(parts);
      return overviewFor(parts, teammate);
    },
  };
}

const TOO_MANY = {
  code: "raced",
  message: "Others are changing this card right now. Look at it, and try again.",
};

/**
 * What was decided stands, whatever comes of what follows: a database that goes away now must not make it look undone.
 * The clockwork shows the card later, and a click that is not remembered is refused by the state of its card.
 */
async function afterwards(parts: Parts, decision: DeskDecision, answer: DeskAnswer): Promise<void> {
  try {
    // A form that was sent with a mistake in it may be sent again under the same id.
    if (Object.keys(answer.fieldErrors).length === 0)
      await parts.store.run((transaction) =>
        rememberAnswer(transaction, decision, answer, parts.clock.now()),
      );
    await showCardsSoon(parts);
  } catch (error) {
    parts.log.warn("a decision shows later", { reason: reasonOf(error) });
  }
}

async function answerTo(
  parts: Parts,
  decision: DeskDecision,
  policyDecided: () => Promise<void>,
): Promise<RacedAnswer> {
  const approval = await parts.store.run((transaction) =>
    loadApproval(transaction, decision.approvalId),
  );
  if (approval === null) {
    const answer = await decidePolicyChange(parts, decision);
    // The vote stands, whatever comes of the look; the next one makes up for it.
    if (answer.accepted)
      await policyDecided().catch((error: unknown) =>
        parts.log.warn("a decision about the policy shows later", { reason: reasonOf(error) }),
      );
    return answer;
  }
  return ANSWERS[decision.button](parts, decision, approval);
}

/** What each button of a card does. */
const ANSWERS: Readonly<
  Record<
    DeskDecision["button"],
    (parts: Parts, decision: DeskDecision, approval: Approval) => Promise<RacedAnswer>
  >
> = {
  approve,
  edit: editApproval,
  undo,
  claim: claimOrRelease,
  release: claimOrRelease,
  redo: redoCard,
  reject: endByPerson,
  escalate: endByPerson,
  take_over: endByPerson,
  dismiss: endByPerson,
  thumbs_up: giveOpinion,
  thumbs_down: giveOpinion,
};
