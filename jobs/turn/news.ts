/** Finds what there is to do in a conversation, redrafts included, reads it at its source, and says what has to wait. */

import { connectedChannel, type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { hasCaseNews, isCoveredElsewhere } from "#jobs/cases/facts.ts";
import { type ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import {
  lookAtSource,
  type ResolvedHints,
  resolveHints,
} from "#jobs/conversation/resolve-hints.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { updateConversation } from "#store/conversations/conversations.ts";
import { type Lease, requireLease } from "#store/conversations/lease.ts";
import { hintFailed } from "#store/conversations/read-snapshot.ts";
import { deadLetterMail } from "#jobs/effects/dead-letters.ts";
import { isFromRequester, type Message } from "#core/values/message.ts";
import type { PlanStep, TurnContext } from "#jobs/conversation/turn-context.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import { findTurns } from "#store/conversations/traces.ts";

/** What there is to do now, or how the turn ends without work. */
type Work =
  | {
      readonly kind: "work";
      readonly hints: ConversationSnapshot["hints"];
      readonly retryDue: boolean;
    }
  | { readonly kind: "idle" }
  | { readonly kind: "wait"; readonly delayMs: number };

/** Finds work: hints to read, a retry that is due, or something no hint announces. */
export function findWork(context: JobContext, snapshot: ConversationSnapshot): Work {
  const restMs = restOfWait(context, snapshot);
  if (restMs > 0) return { kind: "wait", delayMs: restMs };
  const { ready, waitMs } = readyHints(context, snapshot);
  const { wakeAt } = snapshot.state;
  const retryDue = wakeAt !== null && wakeAt.getTime() <= context.clock.now().getTime();
  if (ready.length > 0 || retryDue || hasUnnoticed(snapshot))
    return { kind: "work", hints: ready, retryDue };
  return waitMs > 0 ? { kind: "wait", delayMs: waitMs } : { kind: "idle" };
}

/** Signals are read at once; messages once the quiet time of their burst is over. */
function readyHints(
  context: JobContext,
  snapshot: ConversationSnapshot,
): { readonly ready: ConversationSnapshot["hints"]; readonly waitMs: number } {
  const first = snapshot.hints.find(({ hint }) => hint.kind === "message");
  if (first === undefined) return { ready: snapshot.hints, waitMs: 0 };
  const due = first.receivedAt.getTime() + context.policy.quietMs(first.hint.channel);
  const waitMs = due - context.clock.now().getTime();
  if (waitMs <= 0) return { ready: snapshot.hints, waitMs: 0 };
  return { ready: snapshot.hints.filter(({ hint }) => hint.kind === "signal"), waitMs };
}

/** What no hint announces: messages without anything under way, news from the linked ticket, and requested redrafts. */
function hasUnnoticed(snapshot: ConversationSnapshot): boolean {
  return (
    hasForgotten(snapshot) ||
    // The owner of the linked conversation changed, and no turn has acted on it.
    snapshot.linkedSignals.some(({ key }) => !snapshot.signalKeys.has(key)) ||
    hasRedraft(snapshot) ||
    hasCaseNews(snapshot)
  );
}

/** Open messages with nothing under way: their card was voided, or their effects were withdrawn. */
function hasForgotten(snapshot: ConversationSnapshot): boolean {
  return (
    snapshot.state.owner === "bot" &&
    snapshot.state.retrySince === null &&
    snapshot.pending === null &&
    // An alert to the team answers nothing: one that waits for its time is nothing under way.
    snapshot.effects.every(({ operation }) => operation === "alert" || operation === "notice") &&
    snapshot.stored.some(
      ({ message, outcome }) =>
        outcome === null && isFromRequester(message) && !isCoveredElsewhere(snapshot, message),
    )
  );
}

/** True when there is something to plan for that no earlier turn has considered. */
export function isNews(
  snapshot: ConversationSnapshot,
  { participants, ownership, newSignals, newMessages, edited, open }: ConversationChanges,
): boolean {
  return (
    participants.hasChanged ||
    participants.isUnbarred ||
    ownership.handedBack ||
    newSignals.some(({ kind }) => kind === "absorbed") ||
    hasForgotten(snapshot) ||
    hasRedraft(snapshot) ||
    hasCaseNews(snapshot) ||
    [...newMessages, ...edited].some(({ key }) => open.some((message) => message.key === key))
  );
}

/**
 * Why people have to look at a conversation where nothing is open: another one was merged into it, and what was asked
 * there is no message of its customer's here.
 */
export function mergedIn({ open, newSignals }: ConversationChanges): string | null {
  const merge = newSignals.findLast((signal) => signal.kind === "absorbed");
  return merge === undefined || open.length > 0
    ? null
    : `${merge.actor} merged ${merge.from} into it, and what was asked there is not answered`;
}

/** Answers keep the order of messages. A change at the source counts at once all the same. */
export function hasToWait({
  isAnswering,
  open,
  newSignals,
  ownership,
  participants,
}: ConversationChanges): boolean {
  if (participants.barred !== null) return false;
  return isAnswering && open.length > 0 && newSignals.length === 0 && ownership.owner === "bot";
}

/** A wake during a wait for the source changes nothing. */
function restOfWait(context: JobContext, { state }: ConversationSnapshot): number {
  if (state.wakeAt === null || state.retrySince !== null) return 0;
  return state.wakeAt.getTime() - context.clock.now().getTime();
}

// Reads at the source what the hints announce.

/**
 * Reads at the source what the hints announce. A decision that was withdrawn is planned again only after another look
 * at a source that keeps its history: the change that made it stale may not have sent a hint yet.
 */
export async function readSource(
  context: JobContext,
  snapshot: ConversationSnapshot,
  hints: ConversationSnapshot["hints"],
  lost: AbortSignal,
): Promise<ResolvedHints> {
  const { conversation } = snapshot.state;
  const resolved = await resolveHints(context, snapshot, hints, lost);
  const isRead = resolved.read.length > 0 || resolved.failed.length > 0;
  if (
    isRead ||
    !hasForgotten(snapshot) ||
    !connectedChannel(context, conversation.channel).keepsHistory
  )
    return resolved;
  try {
    return { ...resolved, resolved: [await lookAtSource(context, conversation)] };
  } catch (error) {
    if (!(error instanceof DeskhandError) || error.retry) throw error;
    // A conversation its source no longer shows brings no news.
    return resolved;
  }
}

// How long a turn waits for a source or a target; the time is stored, so no wake comes earlier.

const SOURCE_WAIT_MAX_MS = 60_000;

/** However long a source asks us to wait, it is looked at again after this. */
const SOURCE_ASKED_MAX_MS = 15 * 60_000;

/** Waits longer each time for a source that is down; returns the wait in milliseconds. */
export async function waitForSource(
  context: JobContext,
  lease: Lease,
  gathered: ResolvedHints,
): Promise<number> {
  const tries = Math.max(...gathered.failed.map(({ hint }) => hint.attempts));
  const asked = Math.max(...gathered.failed.map(({ retryAfterMs }) => retryAfterMs));
  const growing = Math.min(1_000 * 2 ** tries, SOURCE_WAIT_MAX_MS);
  return waitFor(context, lease, Math.max(growing, Math.min(asked, SOURCE_ASKED_MAX_MS)));
}

/** Stores that the conversation is not woken before `delayMs` is over, and returns it. */
export async function waitFor(context: JobContext, lease: Lease, delayMs: number): Promise<number> {
  const now = context.clock.now();
  const wakeAt = new Date(now.getTime() + delayMs);
  await context.store.run(updateConversation, lease.conversationId, { wakeAt }, now);
  return delayMs;
}

// Hints whose source could not be read: tried again, or set aside as dead letters.

/**
 * Retries an unreadable hint, then makes it a dead letter; at once when reading it hit a bug, which would happen again.
 * A source that is down is retried until it is back. True when a message was set aside: people own the conversation
 * then.
 */
export async function setUnreadableAside(
  context: JobContext,
  lease: Lease,
  gathered: ResolvedHints,
): Promise<boolean> {
  const setAside: boolean[] = [];
  for (const { hint, error, retry, isMistake } of gathered.failed)
    setAside.push(
      await context.store.run(async (transaction) => {
        await requireLease(transaction, lease);
        const { givenUp } = await hintFailed(transaction, {
          id: hint.id,
          error,
          attemptsMax: retry ? null : isMistake ? 1 : LIMITS.hintAttemptsMax,
        });
        if (!givenUp) return false;
        const toPeople = hint.hint.kind === "message";
        await deadLetterMail(context, transaction, {
          conversationId: lease.conversationId,
          kind: "unreadable",
          hints: [hint.id],
          messages: [],
          reason: `${hint.hint.channel}: ${error}`,
          toPeople,
        });
        return toPeople;
      }),
    );
  return setAside.includes(true);
}

// Redrafts that a teammate requests on a waiting card.

/** True when a draft is to be made again and no retry is waiting. */
function hasRedraft(snapshot: ConversationSnapshot): boolean {
  return snapshot.pending?.redraft.request != null && snapshot.state.retrySince === null;
}

/** What the agent gets: the teammate's instruction, the draft on the card, and the steps of its turn. */
export async function redraftInstruction(
  { store }: Pick<JobContext, "store">,
  { pending }: ConversationSnapshot,
): Promise<Pick<TurnInput, "instruction">> {
  const redo = pending?.redraft.request ?? null;
  if (redo === null || pending === null) return {};
  const [turn] = await store.run(findTurns, pending.turnId);
  const draft = pending.card.draft?.text ?? "";
  return { instruction: { hint: redo.hint, draft, spans: turn?.spans ?? [] } };
}

/**
 * A turn taken only for an instruction either makes a new draft or keeps the old one: a teammate is looking at it, and
 * their request must not take it away. A turn with news is planned like any other.
 */
export function orDraftBefore(plan: Plan, known: TurnContext): Plan {
  if (plan.card !== null || !isOnlyRedraft(known, known.unread)) return plan;
  const why = plan.trace?.outcome_reason ?? plan.owner?.reason.words ?? "nothing came of it";
  return {
    ...EMPTY_PLAN,
    notRedone: why,
    recording: plan.recording,
    clarified: known.snapshot.state.clarified,
    trace:
      plan.trace === null
        ? null
        : {
            ...plan.trace,
            outcome: "ignored",
            outcome_reason: `no new draft: ${why}`,
            escalated_to_human: false,
          },
  };
}

function isOnlyRedraft({ snapshot, changes }: TurnContext, unread: readonly Message[]): boolean {
  const { pending } = snapshot;
  if (pending === null || !hasRedraft(snapshot)) return false;
  const { edited, participants, newSignals, ownership } = changes;
  const isQuiet = edited.length + newSignals.length === 0 && !participants.hasChanged;
  const known = new Set(pending.answers);
  return isQuiet && !ownership.handedBack && unread.every(({ key }) => known.has(key));
}

/** The request ends with this turn whatever the outcome, so it is not planned for again and again. */
export const clearRedraft: PlanStep = (plan, { snapshot }) => {
  const isHeard = plan.card !== null || plan.voids !== null || plan.retry !== null;
  if (!hasRedraft(snapshot) || isHeard || plan.notRedone !== null) return plan;
  return { ...plan, notRedone: "there is nothing to answer now" };
};
