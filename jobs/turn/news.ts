/** Finds what there is to do in a conversation and what has to wait. Pure. */
import { type JobContext } from "#jobs/context/job-context.ts";
import { hasCaseNews, isCoveredElsewhere } from "#jobs/cases/covered.ts";
import { hasLinkedTicketNews, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { hasRedraft } from "./redraft.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

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
  const retryDue = isRetryDue(context, snapshot);
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

function isRetryDue(context: JobContext, { state }: ConversationSnapshot): boolean {
  return state.wakeAt !== null && state.wakeAt.getTime() <= context.clock.now().getTime();
}

/** What no hint announces: messages without anything under way, news from the linked ticket, and requested redrafts. */
function hasUnnoticed(snapshot: ConversationSnapshot): boolean {
  return (
    hasForgotten(snapshot) ||
    hasLinkedTicketNews(snapshot) ||
    hasRedraft(snapshot) ||
    hasCaseNews(snapshot)
  );
}

/** Open messages with nothing under way: their card was voided, or their effects were withdrawn. */
export function hasForgotten(snapshot: ConversationSnapshot): boolean {
  return (
    snapshot.state.owner === "bot" &&
    snapshot.state.retrySince === null &&
    snapshot.pending === null &&
    // An alert to the team answers nothing: one that waits for its time is nothing under way.
    snapshot.effects.every(({ operation }) => operation === "alert" || operation === "notice") &&
    snapshot.stored.some(
      ({ message, outcome }) =>
        outcome === null &&
        message.author.kind === "requester" &&
        message.visibility === "public" &&
        !isCoveredElsewhere(snapshot, message),
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
