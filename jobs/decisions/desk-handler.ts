/**
 * Room: what a teammate's click or command on the desk does.
 * In: clicks, forms and commands from the desk, each with a teammate.
 * Out: an answer to the teammate; votes, new versions, intended effects and audit entries.
 * May touch: the database, the desk, and the shop for order facts; the model only through a later turn.
 */

import {
  isProcedureCard,
  type DeskAnswer,
  type DeskDecision,
  type DeskHandler,
  type DeskTeammate,
} from "#core/contracts/approval-desk.ts";
import { workingOn } from "#core/contracts/ports.ts";
import { NO_ROLE, applyClick } from "#core/values/approval.ts";
import { reasonOf } from "#core/values/errors.ts";
import { retryConflict, type RacedAnswer } from "#jobs/approval/retry-conflict.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import {
  refuseClick,
  voterOf,
  acceptedAnswer,
  refusedAnswer,
  approvalStandingOf,
} from "#jobs/approval/votes.ts";
import { type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { noteRating } from "#jobs/lessons/note-differences.ts";
import { decidePolicyChange } from "#jobs/policy/vote.ts";
import { decideProcedure } from "#jobs/procedures/vote.ts";
import { APPROVAL_CARDS } from "#store/approvals/approval-cards.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import { forgetPost } from "#store/approvals/card-posting.ts";
import {
  rememberAnswer,
  rememberedAnswer,
  recordAlertSent,
  wasAlertSent,
} from "#store/approvals/click-answers.ts";
import { saveDraftRating } from "#store/approvals/claims.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { restoreJunk } from "#store/conversations/junk.ts";
import { loadPolicyChange } from "#store/policy/policy-changes.ts";
import { approve } from "./approve.ts";
import { changeCase } from "./case-clicks.ts";
import { claimOrRelease } from "./claim.ts";
import { editApproval, editFormOf } from "./edit.ts";
import { explainCard } from "./explain-card.ts";
import { overviewFor } from "./home-overview.ts";
import { findLostCards } from "./refresh-cards.ts";
import { rejectOrTakeOver } from "./reject.ts";
import { requestRedraft, whyNoRedraft } from "./request-redraft.ts";
import { sayHarmless } from "./say-harmless.ts";
import { runSlashCommand } from "./slash-commands.ts";
import { isAboutCase, takeOverCase, undoTakeOver } from "./take-over-case.ts";
import { undo } from "./undo.ts";

// Ratings of shadow drafts.

/**
 * Stores a teammate's rating of a shadow draft; the latest one counts. It changes neither state nor proposal of the
 * card, so it can never send anything.
 */
async function rateDraft(
  context: JobContext,
  decision: DeskDecision,
  approval: Approval,
): Promise<DeskAnswer> {
  const { teammate, button } = decision;
  const { voter, name, role } = voterOf(context, teammate);
  if (role === null) return refuseClick(context, decision, { code: "forbidden", message: NO_ROLE });
  const at = context.clock.now();
  const wouldSend = button === "thumbs_up";
  const opinion = {
    voter,
    deskId: teammate.id,
    name,
    wouldSend,
    ownAnswer: wouldSend ? "" : (decision.ownAnswer ?? "").trim(),
    at: at.toISOString(),
  };
  const kept = await context.store.run(async (transaction) => {
    if (!(await saveDraftRating(transaction, approval.id, opinion))) return false;
    const user = await context.pseudonym(transaction, voter);
    const { ownAnswer: own } = opinion;
    const rating = { approval, who: teammate, pseudonym: user, wouldSend, own, at };
    await noteRating(context, transaction, rating);
    const data = { approval: approval.id, version: approval.version, user, wouldSend };
    await appendAudit(transaction, { kind: "opinion", data }, at);
    return true;
  });
  return kept
    ? acceptedAnswer("")
    : refusedAnswer("This card takes no opinion. Nothing was changed.");
}

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

// Alerts the team to clicks from another company.

const HOUR_MS = 3_600_000;

/**
 * Alerts the team, once per person and hour, that a person from another company tried to decide. It is only a notice:
 * nothing was changed, and if the desk is down, the next try is reported.
 */
async function alertExternalClick(
  context: Pick<JobContext, "store" | "clock" | "desk" | "log">,
  { teammate, button }: Pick<DeskDecision, "teammate" | "button">,
): Promise<void> {
  const now = context.clock.now();
  const about = `outsider:${teammate.id}:${Math.floor(now.getTime() / HOUR_MS)}`;
  const text = `A person from outside (${teammate.id}) tried to decide on a card, by “${button}”. They were refused, and nothing was changed. Who else is in the channel with the cards?`;
  try {
    if (await context.store.run((transaction) => wasAlertSent(transaction, about))) return;
    await context.desk.notify(text, [], about, AbortSignal.timeout(LIMITS.effectMs));
    await context.store.run((transaction) => recordAlertSent(transaction, about, text, now));
  } catch (error) {
    context.log.warn("the team was not told of a person from outside", { reason: reasonOf(error) });
  }
}

// Puts a conversation that was set aside as junk back to work.

/** Any teammate with a role may do it; from then on this writer's mail is never set aside again. */
async function putBackToWork(context: JobContext, decision: DeskDecision): Promise<DeskAnswer> {
  const { role, voter, name } = voterOf(context, decision.teammate);
  if (role === null) return refuseClick(context, decision, { code: "forbidden", message: NO_ROLE });
  const { approvalId: id } = decision;
  const now = context.clock.now();
  const isBack = await context.store.run(async (transaction) => {
    if (!(await restoreJunk(transaction, id, now))) return false;
    const data = { conversation: id, voter: await context.pseudonym(transaction, voter) };
    await appendAudit(transaction, { kind: "no junk", data }, now);
    return true;
  });
  if (!isBack)
    return refuseClick(context, decision, {
      code: "stale",
      message: "This is at work already, or was not set aside.",
    });
  await context.wake(id).catch(() => undefined);
  return acceptedAnswer(`Back to work, by ${name}`);
}

// Checks a click before its form opens.

/**
 * Whether the teammate may press this button now. Checked when a form opens, so a refusal comes before they type
 * anything and is in the audit. It changes nothing, and the submitted form is checked again.
 */
async function checkClick(
  context: JobContext,
  about: Pick<DeskDecision, "approvalId" | "version" | "button">,
  teammate: DeskTeammate,
): Promise<DeskAnswer> {
  const { approvalId, version, button } = about;
  const [approval, change] = await context.store.run(async (transaction) => [
    await loadApproval(transaction, approvalId),
    await loadPolicyChange(transaction, approvalId),
  ]);
  if (approval === null && change === null)
    return refusedAnswer("This card is out of date. Nothing was changed.");
  const voter = voterOf(context, teammate);
  // A vote on the policy checks its roles when it is written; a teammate without a role needs no form.
  if (approval === null) return voter.role === null ? refusedAnswer(NO_ROLE) : acceptedAnswer("");
  // On no card, so no form of a card leads to it.
  if (button === "not_junk") return refusedAnswer("This card is out of date. Nothing was changed.");
  if (isOpinion(button)) return checkOpinion(context, { approvalId, version, teammate });
  const click = {
    // A claim applies to any version of a card; a button that opens a form is none of these.
    button: decidesNothing(button) ? "edit" : button,
    version,
    at: context.clock.now(),
    ...voter,
  } as const;
  const result = applyClick(approvalStandingOf(context, approval), click);
  if (result.kind === "refused")
    return refuseClick(context, { approvalId, version, teammate }, result);
  const impossible = button === "redo" ? whyNoRedraft(approval) : null;
  return impossible === null ? acceptedAnswer("") : refusedAnswer(impossible);
}

function decidesNothing(
  button: DeskDecision["button"],
): button is "claim" | "release" | "join" | "keep_apart" | "separate" {
  return ["claim", "release", "join", "keep_apart", "separate"].includes(button);
}

function isOpinion(button: DeskDecision["button"]): button is "thumbs_up" | "thumbs_down" {
  return button === "thumbs_up" || button === "thumbs_down";
}

/** Any teammate with a role may rate a shadow draft. */
async function checkOpinion(
  context: JobContext,
  about: Pick<DeskDecision, "approvalId" | "version" | "teammate">,
): Promise<DeskAnswer> {
  if (voterOf(context, about.teammate).role !== null) return acceptedAnswer("");
  return refuseClick(context, about, { code: "forbidden", message: NO_ROLE });
}
