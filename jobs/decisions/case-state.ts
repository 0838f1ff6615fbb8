/** Presses that snooze a case, close it or open it again. */
import type { DeskAnswer, DeskDecision, Snooze } from "#core/contracts/approval-desk.ts";
import { isHelpdesk } from "#core/values/vocabulary.ts";
import { DAY_MS, dayStart, HOUR_MS, momentParts } from "#core/values/moment.ts";
import type { Signal } from "#core/values/message.ts";
import { conversationsOfCase } from "#store/console/case.ts";
import { pendingApproval } from "#store/approvals/approvals.ts";
import {
  type ConversationChange,
  type ConversationState,
  loadConversation,
  lockConversation,
  updateConversation,
} from "#store/conversations/conversations.ts";
import { addSignals } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { refreshCandidates } from "#store/reports/eval-candidates.ts";
import { markResolution } from "#store/reports/resolutions.ts";
import { pressingVoter } from "#jobs/approval/ballot.ts";
import { acceptedAnswer, refusedAnswer } from "#jobs/approval/refusals.ts";
import { type JobContext, teamMoment } from "#jobs/context/job-context.ts";
import { openAgain } from "#jobs/handoff/escalate.ts";
import { tellHandedOver } from "#jobs/webhooks/events.ts";
import { whyUnread } from "./reply-basis.ts";
import { recordPress } from "./take-over-case.ts";

/** What a press changes, and what the person is told; a sentence alone where nothing may be changed. */
type Changed =
  | string
  | {
      readonly change: ConversationChange;
      readonly told: string;
      /** What the history of the case keeps of it; null where it is nothing. */
      readonly signal: "solved" | "reopened" | null;
    };

/**
 * Snoozes a case, closes it or opens it again: one of these at a time, which the customer's next message ends. Where
 * people work in a helpdesk, a case is closed there.
 */
export async function changeCaseState(
  context: JobContext,
  decision: DeskDecision,
): Promise<DeskAnswer> {
  const { approvalId: id, button, decisionId } = decision;
  const { voter, name: actor } = pressingVoter(context, decision.teammate);
  const now = context.clock.now();
  return context.store.run(async (transaction) => {
    const linkedId = (await loadConversation(transaction, id))?.linkedId ?? null;
    const both = linkedId === null ? [id] : [id, linkedId];
    await lockConversation(transaction, ...both);
    const state = await loadConversation(transaction, id);
    if (state === null) return refusedAnswer("This conversation is not kept any more.");
    const kept = await whyInSight(context, transaction, { decision, both });
    if (kept !== null) return kept;
    const changed =
      button === "snooze"
        ? snoozed(context, state, decision.until ?? "over")
        : endedOrReopened(context, state, decision);
    if (typeof changed === "string") return refusedAnswer(changed);
    const { change, signal, told } = changed;
    for (const one of both) await updateConversation(transaction, one, change, now);
    if (change.owner === "human")
      await tellHandedOver(context, transaction, state, { reason: told, now });
    if (signal !== null) {
      const event: Signal = {
        kind: signal,
        key: `desk:${decisionId}`,
        at: now.toISOString(),
        actor,
      };
      await addSignals(transaction, id, [event]);
      await markResolution(transaction, id, now);
      await refreshCandidates(transaction, [id], now);
    }
    await recordPress(context, transaction, button, { data: { conversation: id }, voter, at: now });
    return acceptedAnswer(told);
  });
}

/**
 * What puts a case out of sight is refused over a message that the page did not show, and while a card waits on either
 * side of its hand-over: the card's time would run out unseen.
 */
async function whyInSight(
  context: JobContext,
  transaction: Transaction,
  { decision, both }: { readonly decision: DeskDecision; readonly both: readonly string[] },
): Promise<DeskAnswer | null> {
  const { approvalId: id, button, until = "over", seen } = decision;
  if (button === "reopen" || (button === "snooze" && until === "over")) return null;
  const members = (await conversationsOfCase(transaction, id)).map((one) => one.id);
  const advice = "Nothing was changed. Press again once you have read it.";
  const unread = await whyUnread(context, transaction, members, { seen, advice });
  if (unread !== null) return unread;
  for (const one of both)
    if ((await pendingApproval(transaction, one)) !== null)
      return refusedAnswer("A card of this case waits. Decide on it first.");
  return null;
}

function snoozed(context: JobContext, state: ConversationState, choice: Snooze): Changed {
  if (state.solvedAt !== null) return "This case is closed. Nothing was changed.";
  const until = snoozeEnd(choice, context.clock.now(), context.policy.digest.zone);
  return until === null
    ? { change: { snoozedUntil: null }, signal: null, told: "Awake again." }
    : {
        change: { snoozedUntil: until },
        signal: null,
        told: `Snoozed until ${teamMoment(context, until)}, or until the customer writes.`,
      };
}

function endedOrReopened(
  context: JobContext,
  state: ConversationState,
  { button, teammate }: Pick<DeskDecision, "button" | "teammate">,
): Changed {
  const { conversation, solvedAt, linkedId } = state;
  const now = context.clock.now();
  if (isHelpdesk(conversation.channel) || linkedId !== null)
    return "This case has a ticket: close it or open it again there.";
  if (button === "reopen")
    return solvedAt === null
      ? "This case is open already."
      : { change: reopened(context, state, teammate), signal: "reopened", told: "Open again." };
  if (solvedAt !== null) return "This case is closed already.";
  const ended = { solvedAt: now, solvedByRule: false };
  const change = { ...ended, snoozedUntil: null, handoverRemindAt: null };
  return { change, signal: "solved", told: "Closed. A new message opens it again." };
}

/** What the bot had ended is the presser's once it is open again: no message waits that the bot could answer. */
function reopened(
  context: JobContext,
  state: ConversationState,
  teammate: DeskDecision["teammate"],
): ConversationChange {
  const now = context.clock.now();
  const open = openAgain(context, state, now);
  if (state.owner === "human") return open;
  const { name, voter } = pressingVoter(context, teammate);
  const ownerReason = {
    ...state.reason,
    words: `Opened again by ${name}`,
    holder: { name, voter },
  };
  return { ...open, owner: "human", ownerReason, handedOverAt: now };
}

/** When a snoozed case is back, in the team's zone; null for now. Late in the day, the afternoon is three hours more. */
export function snoozeEnd(choice: Snooze, now: Date, zone: string): Date | null {
  const today = dayStart(now, zone).getTime();
  // Counted back from the midnight after it, since clocks change in the night before. The middle of a day is surely in it.
  const hourIn = (days: number, hour: number): Date => {
    const midnight = dayStart(new Date(today + (days + 1.5) * DAY_MS), zone);
    return new Date(midnight.getTime() - (24 - hour) * HOUR_MS);
  };
  switch (choice) {
    case "over":
      return null;
    case "day":
      return new Date(now.getTime() + DAY_MS);
    case "afternoon":
      return hourIn(0, 15) > now ? hourIn(0, 15) : new Date(now.getTime() + 3 * HOUR_MS);
    case "tomorrow":
      return hourIn(1, 9);
    case "monday": {
      const days = [1, 2, 3, 4, 5, 6, 7].find(
        (count) => momentParts(hourIn(count, 9), zone).weekday === "Monday",
      );
      return hourIn(days ?? 7, 9);
    }
  }
}
