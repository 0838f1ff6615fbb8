/**
 * Room: what a teammate's click or command on the desk does.
 * In: clicks, forms and commands from the desk, each with a teammate.
 * Out: an answer to the teammate; votes, new versions, intended effects and audit entries.
 * May touch: the database, the desk, and the shop for order facts; the model only through a later turn.
 * This file: the table of what can be pressed on what, and what happens around each press.
 */

import { workingOn } from "#core/contracts/ports.ts";
import {
  Button,
  type DecisionButton,
  decisionSubject,
  type DeskAnswer,
  type DeskDecision,
  type DeskHandler,
  type DeskOverview,
  type DeskTeammate,
} from "#core/contracts/approval-desk.ts";
import { reasonOf } from "#core/values/errors.ts";
import type { Meaning } from "#gate/kernel/ballot.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import {
  acceptedAnswer,
  NO_ROLE,
  OUT_OF_DATE,
  RACED,
  refuse,
  refusedAnswer,
  type RacedAnswer,
} from "#jobs/approval/refusals.ts";
import { showCardsSoon } from "#jobs/approval/sync-cards.ts";
import { type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { voteOnRules } from "#jobs/policy/vote.ts";
import { APPROVAL_CARDS, forgetPost } from "#store/approvals/card-posting.ts";
import { loadApproval, type Approval } from "#store/approvals/approvals.ts";
import {
  clickContent,
  rememberAnswer,
  rememberedAnswer,
  recordAlertSent,
} from "#store/approvals/claims.ts";
import { approve, rejectOrTakeOver } from "./approve.ts";
import { pressOn, type CardPress } from "./card-press.ts";
import { editApproval, filledEditForm } from "./edit.ts";
import { explainCard } from "./explain-card.ts";
import {
  claimOrRelease,
  rateDraft,
  requestRedraft,
  sayHarmless,
  whyNoRedraft,
} from "./claims-and-redrafts.ts";
import { runSlashCommand } from "./slash-commands.ts";
import { changeCaseState } from "./case-state.ts";
import { replyToCustomer } from "./reply.ts";
import { assignCase, putBackToWork, takeOverCase, undoTakeOver } from "./take-over-case.ts";
import { changeCase } from "./join-cases.ts";
import { undo } from "./undo.ts";
import { HOUR_MS } from "#core/values/moment.ts";
import { inboxCounts } from "#store/console/inbox.ts";
import { currentPause, pauseInWords } from "#store/effects/pause.ts";

/** A button of a card that the ballot knows: what a press means for it, and what is done once it counts. */
interface BallotButton {
  readonly meaning: Meaning;
  /** True for what applies to the card whatever its version. */
  readonly anyVersion?: true;
  act(context: JobContext, press: CardPress): Promise<RacedAnswer>;
  /** Why this card does not have it, in one sentence for the person; null when it has. */
  whyNot?(approval: Approval): string | null;
}

type Act = (context: JobContext, decision: DeskDecision) => Promise<RacedAnswer>;

/** A button of a card that looks at the row by itself. */
interface OwnButton {
  act(context: JobContext, decision: DeskDecision, approval: Approval): Promise<RacedAnswer>;
}

const ENDS = { meaning: "rejected", act: rejectOrTakeOver } as const;
const ABOUT_CASE = { meaning: "none", act: changeCase } as const;
const CLAIM = { meaning: "none", anyVersion: true, act: claimOrRelease } as const;

const ON_CARD: Readonly<Record<Button, BallotButton | OwnButton>> = {
  approve: { meaning: "yes", act: approve },
  edit: { meaning: "none", act: editApproval },
  redo: { meaning: "none", act: requestRedraft, whyNot: whyNoRedraft },
  claim: CLAIM,
  release: CLAIM,
  reject: ENDS,
  escalate: ENDS,
  take_over: ENDS,
  dismiss: ENDS,
  harmless: { meaning: "void", act: sayHarmless },
  join: ABOUT_CASE,
  keep_apart: ABOUT_CASE,
  separate: ABOUT_CASE,
  undo: { act: undo },
  thumbs_up: { act: rateDraft },
  thumbs_down: { act: rateDraft },
};

/** On an alert or a list, which name the conversation itself. */
const ON_CONVERSATION: Readonly<Partial<Record<DecisionButton, Act>>> = {
  take_over: takeOverCase,
  undo: undoTakeOver,
  not_junk: putBackToWork,
  assign: assignCase,
  snooze: changeCaseState,
  close: changeCaseState,
  reopen: changeCaseState,
  reply: replyToCustomer,
};

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
    editForm: (approvalId, version, teammate) =>
      filledEditForm(context, approvalId, version, teammate),
    check: (about, teammate) => checkClick(context, about, teammate),
    explain: (approvalId, teammate) => explainCard(context, approvalId, teammate),
    command: (command) => runSlashCommand(context, command),
    cardGone: (ref) => context.store.run(forgetPost, APPROVAL_CARDS, ref),
    overview: (teammate) => overviewFor(context, teammate),
  };
}

/** Each lost race means another teammate's change went through; this is more than a card has approvers. */
const LOOKS_MAX = 8;

async function decideOnce(
  context: JobContext,
  decision: DeskDecision,
  policyDecided: () => Promise<void>,
): Promise<DeskAnswer> {
  const before = await context.store.run(
    rememberedAnswer,
    decision.decisionId,
    clickContent(decision),
  );
  if (before !== null) return before;
  let answer: RacedAnswer = RACED;
  for (let looks = 0; looks < LOOKS_MAX && answer === RACED; looks += 1)
    answer = await answerTo(context, decision, policyDecided);
  if (answer === RACED) answer = await refuse(context, decision, { why: "raced" });
  await afterDecision(context, decision, answer);
  if (decision.teammate.outside === true) await alertExternalClick(context, decision);
  return answer;
}

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
    // What was refused may be sent again under the same id, by a form that keeps what was typed.
    if (answer.accepted)
      await context.store.run(
        rememberAnswer,
        decision,
        { ...answer, content: clickContent(decision) },
        context.clock.now(),
      );
    const shown = showCardsSoon(context);
    // Among many none waits for the desk: the time to take the first one back runs meanwhile.
    if (decision.isPlain !== true) await shown;
  } catch (error) {
    context.log.warn("a decision shows later", { reason: reasonOf(error) });
  }
}

async function answerTo(
  context: JobContext,
  decision: DeskDecision,
  policyDecided: () => Promise<void>,
): Promise<RacedAnswer> {
  const { approvalId, button } = decision;
  const subject = decisionSubject(approvalId);
  if (decision.teammate.assistant === true && subject !== "card") return refusedAnswer(PROPOSES);
  switch (subject) {
    case "card":
      return onCard(context, decision);
    case "conversation": {
      const act = ON_CONVERSATION[button];
      if (act === undefined) return refuse(context, decision, { why: "stale", what: "button" });
      if (pressingVoter(context, decision.teammate).role === null)
        return refuse(context, decision, { why: "forbidden", to: "decide" });
      return act(context, decision);
    }
    case "policy":
    case "procedure": {
      const answer = await voteOnRules(context, decision, subject);
      // The vote stands even when this fails; the next check of the policy makes up for it.
      if (answer.accepted)
        await policyDecided().catch((error: unknown) =>
          context.log.warn("a decision about the policy shows later", { reason: reasonOf(error) }),
        );
      return answer;
    }
  }
}

async function onCard(context: JobContext, decision: DeskDecision): Promise<RacedAnswer> {
  const { approvalId } = decision;
  const approval = await context.store.run(loadApproval, approvalId);
  if (approval === null) return OUT_OF_DATE;
  const button = Button.safeParse(decision.button);
  if (!button.success) return refuse(context, decision, { why: "stale", what: "no_junk" });
  const barred = whyNotByAssistant(context, decision, approval);
  if (barred !== null) return refusedAnswer(barred);
  const pressed = ON_CARD[button.data];
  if (!("meaning" in pressed)) return pressed.act(context, decision, approval);
  const press = await pressOn(context, decision, approval, pressed);
  return "answer" in press ? press.answer : pressed.act(context, press);
}

const PROPOSES = "An assistant only edits, or asks for another draft. Nothing was changed.";

/** What keeps an assistant from a card on which its teammate might press; null for a person's own press. */
function whyNotByAssistant(
  { clock }: JobContext,
  { button, teammate }: DeskDecision,
  { kind, claim }: Approval,
): string | null {
  if (teammate.assistant !== true) return null;
  if (button !== "edit" && button !== "redo") return PROPOSES;
  if (kind === "blocked")
    return "The guard holds this message back, so only a person looks at the card. Nothing was changed.";
  const isTheirs = claim === null || claim.voter === teammate.email || claim.until <= clock.now();
  return isTheirs ? null : `${claim.name} is at this card. Nothing was changed; ask them first.`;
}

/**
 * Whether the teammate may press this button now. Checked when a form opens, so a refusal comes before they type
 * anything and is in the audit. It changes nothing, and the submitted form is checked again.
 */
async function checkClick(
  context: JobContext,
  { approvalId, version, button }: Pick<DeskDecision, "approvalId" | "version" | "button">,
  teammate: DeskTeammate,
): Promise<DeskAnswer> {
  const subject = decisionSubject(approvalId);
  const hasRole = pressingVoter(context, teammate).role !== null;
  // A vote on the team's rules checks its roles when it is written; a teammate without a role needs no form.
  if (subject === "policy" || subject === "procedure")
    return hasRole ? acceptedAnswer("") : refusedAnswer(NO_ROLE);
  const approval = await context.store.run(loadApproval, approvalId);
  // What is about a case is on no card, so no form of a card leads to it.
  const onCard = Button.safeParse(button);
  if (approval === null || !onCard.success) return OUT_OF_DATE;
  const asked = { approvalId, version, teammate };
  const pressed = ON_CARD[onCard.data];
  if (!("meaning" in pressed))
    return hasRole
      ? acceptedAnswer("")
      : refuse(context, asked, { why: "forbidden", to: "decide" });
  const press = await pressOn(context, asked, approval, pressed);
  if ("answer" in press) return press.answer;
  const impossible = pressed.whyNot?.(approval) ?? null;
  return impossible === null ? acceptedAnswer("") : refusedAnswer(impossible);
}

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
    if ((await context.store.run(rememberedAnswer, about)) !== null) return;
    await context.desk.notify(text, [], about, AbortSignal.timeout(LIMITS.effectMs));
    await context.store.run(recordAlertSent, about, text, now);
  } catch (error) {
    context.log.warn("the team was not told of a person from outside", { reason: reasonOf(error) });
  }
}

// The figures on the desk's home page.

/** What waits now, for a teammate with a role; null for others. */
async function overviewFor(
  context: Pick<JobContext, "store" | "clock" | "policy" | "cardLink">,
  teammate: DeskTeammate,
): Promise<DeskOverview | null> {
  const { role, voter } = pressingVoter(context, teammate);
  if (role === null) return null;
  const at = context.clock.now();
  return context.store.run(async (transaction) => {
    const { waiting, untaken } = await inboxCounts(transaction, voter, at);
    const paused = pauseInWords(await currentPause(transaction));
    const { zone } = context.policy.digest;
    // The address of no card is that of the list.
    return { at, zone, paused, waiting, untaken, link: context.cardLink("") };
  });
}
