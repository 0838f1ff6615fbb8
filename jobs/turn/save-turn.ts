/** Writes a decided turn within its transaction. */
import { newsOf } from "#jobs/cases/mark-cards.ts";
import { isHelpdesk } from "#core/values/vocabulary.ts";
import { isFromRequester, type Signal } from "#core/values/message.ts";
import { isSameOwnership, type Ownership } from "#core/cases/ownership.ts";
import { refreshCandidates } from "#store/reports/eval-candidates.ts";
import {
  type ConversationChange,
  loadConversation,
  lockConversation,
  updateConversation,
} from "#store/conversations/conversations.ts";
import {
  reopenMessages,
  rereadMessages,
  setOutcome,
  takeEdits,
  addSignals,
} from "#store/conversations/messages.ts";
import type { MessageOutcome } from "#store/conversations/message-rows.ts";
import { recordTurn } from "#store/conversations/record-turn.ts";
import type { Transaction } from "#store/db/database.ts";
import { requireLease } from "#store/conversations/lease.ts";
import { withdraw } from "#store/effects/ledger.ts";
import { reserve } from "#store/effects/usage.ts";
import { conditionsAtNewRevision } from "#store/effects/start-conditions.ts";
import { ownershipEntries } from "#jobs/conversation/resolve-hints.ts";
import { StaleTurnError, type JobContext } from "#jobs/context/job-context.ts";
import { messageKeyList, type Plan } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import {
  claimProofs,
  CONVERSATION_PASSED_ON,
  type ConversationSnapshot,
  isPassedOn,
  participantColumns,
  questionsAsked,
} from "#jobs/conversation/snapshot.ts";
import { type DecidedTurn, noteGapsOfTurn } from "#jobs/notes/gaps.ts";
import { noteAnswersOfTurn, noteTeammatesAnswer } from "#jobs/notes/differences.ts";
import { openAgain } from "#jobs/handoff/escalate.ts";
import { setAside } from "#jobs/junk/set-aside.ts";
import { placeTurn } from "#jobs/cases/place-turn.ts";
import { saveCard } from "#jobs/approval/save-card.ts";
import { intendPlan, type PlanToIntend, type StartedEffects } from "./intend-plan.ts";
import { endCoveredCards } from "#jobs/approval/end-card.ts";
import { tellHandedOver } from "#jobs/webhooks/events.ts";

interface TurnToSave extends PlanToIntend {
  readonly snapshot: ConversationSnapshot;
  readonly read: readonly number[];
  readonly changes: ConversationChanges;
}

/**
 * The second commit of a turn: everything it read, decided and intends, at once or not at all. Refused when another
 * worker holds the lease. Limits are booked first and the audit is written last, as `advisory-locks.ts` requires.
 *
 * Returns the effect that began in this commit, if one did: its preconditions were checked in the same transaction.
 */
export async function saveTurn(
  context: JobContext,
  transaction: Transaction,
  turn: TurnToSave,
): Promise<StartedEffects | null> {
  const { lease, snapshot, changes, plan } = turn;
  const { conversationId } = lease;
  const now = context.clock.now();
  await claimProofs(transaction, snapshot);
  const { linked } = snapshot;
  // What the customer writes on one side of a hand-over wakes the other side too.
  const woken = linked?.snoozedUntil != null && endsSleep(changes) ? linked.conversation.id : null;
  if (woken !== null) await lockConversation(transaction, conversationId, woken);
  const signals = await writeBefore(transaction, turn, now);
  await record(context, transaction, turn, { signals, now });
  if (woken !== null) await updateConversation(transaction, woken, { snoozedUntil: null }, now);
  if (signals.length > 0 || mayEndAsCase(snapshot, changes))
    await refreshCandidates(transaction, [conversationId], now);
  const sides = { conversationId, linkedId: snapshot.state.linkedId };
  await noteTeammatesAnswer(transaction, sides, changes.newMessages, now);
  await noteGapsOfTurn(transaction, { snapshot, changes, plan, signals, now });
  await noteAnswersOfTurn(context, transaction, { snapshot, changes, plan, now });
  const turnId = plan.trace?.request_id ?? null;
  if (plan.junk !== null)
    await setAside(context, transaction, { conversationId, turnId, junk: plan.junk }, now);
  const conditions = await conditionsAtNewRevision(transaction, conversationId);
  const { revision } = conditions.state;
  for (const bundle of changes.overtaken)
    await withdraw(transaction, { bundle }, overtakenBy(changes), now);
  const { owner, reason } = ownerAfter(changes, plan);
  const cards = await saveCard(context, transaction, {
    snapshot,
    plan,
    revision,
    now,
    overtaken: changes.overtaken.length > 0,
    toPeople: owner === "human",
  });
  const covered = await endCoveredCards(context, transaction, { snapshot, plan, now });
  const handed = { owner, reason: reason.words, now };
  await tellHandedOver(context, transaction, snapshot.state, handed);
  const entries = [...ownershipEntries(conversationId, signals), ...cards, ...covered];
  return intendPlan(context, transaction, turn, { conditions, entries, now });
}

/** What must be there before the messages are written: booked limits, signals, and messages that are open again. */
async function writeBefore(
  transaction: Transaction,
  { lease, changes, plan }: TurnToSave,
  now: Date,
): Promise<readonly Signal[]> {
  const bookings = plan.bundles.flatMap((bundle) => bundle.reservations);
  const count = bookings.length + changes.newSignals.length + changes.reopened.length;
  if (count === 0) return [];
  await requireLease(transaction, lease);
  if (!(await reserve(transaction, bookings, now))) throw new StaleTurnError("a limit is used up");
  await reopenMessages(transaction, messageKeyList(changes.reopened));
  return addSignals(transaction, lease.conversationId, changes.newSignals);
}

/** Writes what the turn read and how it ended for the messages it considered. */
async function record(
  context: JobContext,
  transaction: Transaction,
  turn: TurnToSave,
  { signals, now }: { readonly signals: readonly Signal[]; readonly now: Date },
): Promise<void> {
  const { lease, snapshot, read, changes } = turn;
  const plan = leavingWhenPassedOn(turn);
  const { conversationId } = lease;
  const outcomes = messageOutcomes(changes, plan);
  const recorded = await recordTurn(
    transaction,
    lease,
    {
      owner: snapshot.state.owner,
      hints: read,
      messages: changes.newMessages,
      change: await conversationChange(context, transaction, {
        snapshot,
        changes,
        signals,
        plan,
        now,
      }),
      outcomes,
      holdsPause: turn.atOnce !== null,
      chat: turn.atOnce?.line?.chat ?? null,
      caseEntry: plan.case.entry,
      leavesCase: plan.case.leaves,
    },
    now,
  );
  // A click hands over without a lease. A turn that assumed the bot still owned the conversation is planned again.
  if (recorded === null) throw new StaleTurnError("the conversation changed hands meanwhile");
  const { known, waiting } = recorded;
  const news = newsOf(context, snapshot, changes.open);
  await placeTurn(context, transaction, { conversationId, snapshot, plan, news, waiting, now });
  await takeEdits(transaction, conversationId, { known, edited: changes.edited }, now);
  for (const { key } of known) {
    const ended = outcomes.get(key);
    if (ended !== undefined)
      await setOutcome(transaction, [key], { ...ended, decidedIn: conversationId }, now);
  }
  await rereadMessages(transaction, conversationId, changes.reread);
}

/** A conversation that is another customer's now is part of no case from now on, whoever answers it. */
function leavingWhenPassedOn({ snapshot, changes, plan }: TurnToSave): Plan {
  return isPassedOn(snapshot.state.participants, changes.participants)
    ? { ...plan, case: { ...plan.case, entry: null, facts: null, leaves: true } }
    : plan;
}

/** How messages ended with this turn, by key. The first outcome of a message counts. */
function messageOutcomes(
  { ignored }: ConversationChanges,
  { outcomes, trace }: Plan,
): ReadonlyMap<string, MessageOutcome> {
  const ended = new Map<string, MessageOutcome>();
  for (const { message, reason, passedOver } of ignored)
    ended.set(message.key, { outcome: "ignored", reason, passedOver, turnId: null });
  const turnId = trace?.request_id ?? null;
  for (const { keys, outcome, reason, passedOver = null } of outcomes)
    for (const key of keys)
      if (!ended.has(key)) ended.set(key, { outcome, reason, passedOver, turnId });
  return ended;
}

/**
 * Fields that a click may have changed meanwhile are written only when this turn changes them: a click needs no lease.
 */
async function conversationChange(
  context: JobContext,
  transaction: Transaction,
  turn: DecidedTurn,
): Promise<ConversationChange> {
  const { snapshot, changes, signals, plan, now } = turn;
  const after = ownerAfter(changes, plan);
  const { takenAt } = changes.ownership;
  return {
    subject: changes.subject,
    brand: changes.brand,
    ...participantColumns(snapshot.state.participants, changes.participants),
    ...(changes.externalId === null ? {} : { externalId: changes.externalId }),
    ...(isSameOwnership(snapshot.state, after)
      ? {}
      : { owner: after.owner, ownerReason: after.reason }),
    ...(takenAt !== null && wasOurs(context, snapshot) ? { handedOverAt: takenAt } : {}),
    // Only our own hand-overs get reminders: a teammate who took the conversation already has it.
    ...(plan.owner?.owner === "human"
      ? { handedOverAt: now, handoverRemindAt: context.policy.handoverRemindAt(now) }
      : {}),
    ...(plan.closedNoticeUntil === null ? {} : { closedNoticeUntil: plan.closedNoticeUntil }),
    ...(await backToWork(context, transaction, turn)),
    ...clarifiedAfter(snapshot, plan),
    ...resolutionBy(signals),
    wakeAt: plan.retry?.at ?? null,
    retrySince: plan.retry?.since ?? null,
  };
}

/** What people answer beside drafts that are only shown, or had before the bot saw it, was never the bot's. */
function wasOurs({ policy }: JobContext, { state, stored }: ConversationSnapshot): boolean {
  return stored.length > 0 && policy.replyAutonomy(state.conversation.channel, "") !== "shadow";
}

/**
 * A customer's message wakes a case and opens it again, also one that was closed while the turn was decided; a helpdesk
 * says itself what is solved there.
 */
async function backToWork(
  context: JobContext,
  transaction: Transaction,
  { snapshot, changes, plan, now }: DecidedTurn,
): Promise<ConversationChange> {
  const { channel, id } = snapshot.state.conversation;
  if (!endsSleep(changes)) return {};
  if (isHelpdesk(channel)) return { snoozedUntil: null };
  const { handoverRemindAt, ...opened } = openAgain(context, ownerAfter(changes, plan), now);
  if (handoverRemindAt === undefined) return { snoozedUntil: null, ...opened };
  // Closing alone has ended its reminder.
  await lockConversation(transaction, id);
  const isClosed = (await loadConversation(transaction, id))?.solvedAt != null;
  return { snoozedUntil: null, ...opened, ...(isClosed && { handoverRemindAt }) };
}

/** The customer wrote something that is not ignored. */
function endsSleep({ newMessages, ignored }: ConversationChanges): boolean {
  const unasked = new Set(ignored.map(({ message }) => message.key));
  return newMessages.some((message) => isFromRequester(message) && !unasked.has(message.key));
}

/** The owner once this turn is written. */
function ownerAfter(changes: ConversationChanges, plan: Plan): Ownership {
  return plan.owner ?? changes.ownership;
}

/** An answer closes the topic, so the next unclear request may get a clarifying question again. */
function clarifiedAfter(snapshot: ConversationSnapshot, { trace, retry, clarified }: Plan) {
  const questions = clarified ? questionsAsked(snapshot) + 1 : 0;
  return trace === null || retry !== null ? {} : { clarified, questions };
}

/** Barring a conversation or lifting the bar also decides whether it may become an eval case. */
function mayEndAsCase(
  { state }: ConversationSnapshot,
  { participants }: ConversationChanges,
): boolean {
  return state.solvedAt !== null || participants.barred !== null || participants.isUnbarred;
}

function overtakenBy({ participants, ownership }: ConversationChanges): string {
  if (participants.barred !== null) return participants.barred.reason;
  if (ownership.owner === "human") return ownership.reason.words;
  return participants.hasChanged ? CONVERSATION_PASSED_ON : "more was said in the conversation";
}

/**
 * What new signals say about the end of a conversation. The last one counts: solved, or reopened, which clears solved;
 * a later rating replaces an earlier one. A merged conversation is counted where it went.
 */
function resolutionBy(signals: readonly Signal[]): Partial<ConversationChange> {
  const sorted = signals.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const ended = sorted.findLast(({ kind }) => kind === "solved" || kind === "reopened");
  const rated = sorted.findLast((signal) => signal.kind === "rated");
  const merged = sorted.findLast((signal) => signal.kind === "merged");
  return {
    ...(ended?.kind === "solved"
      ? {
          solvedAt: new Date(ended.at),
          solvedByRule: ended.automatic === true,
          snoozedUntil: null,
        }
      : {}),
    ...(ended?.kind === "reopened" ? { solvedAt: null, solvedByRule: false } : {}),
    ...(rated === undefined
      ? {}
      : {
          rating: rated.score,
          ratingSource: rated.source ?? "rating",
          ratingStars: rated.stars ?? null,
        }),
    ...(merged === undefined ? {} : { keptOut: `merged into ${merged.into}` }),
  };
}
