import { storable } from "#store/db/storable-text.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { readOutsideState, type OutsideState } from "./preconditions.ts";
import type { Plan, PlannedBundle } from "#jobs/plan/plan.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { participantsAfter } from "#jobs/conversation/participants.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/**
 * The bundle whose first effect may begin with the very commit that intends it, after a last look outside; null when
 * every effect has to wait for a commit of its own.
 *
 * Only where `find` is reliable: a crash between that commit and the call is then looked up and made good. Only the
 * bundle that is called first: another would stand there as begun for as long as that call takes, and a pause in the
 * meantime could not stop it any more. Where something changed outside, it takes the usual way, which says what.
 */
export async function bundleToStart(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  plan: Plan,
): Promise<PlannedBundle | null> {
  const [bundle] = plan.bundles;
  const first = bundle?.actions[0];
  if (bundle === undefined || first === undefined || bundle.approvedBy !== "policy") return null;
  const target = context.targets.get(first.action.target);
  const isReliable = target?.findIsReliable === true;
  if (!isReliable || !target.supports.includes(first.action.operation)) return null;
  const outside = await readOutsideState(context, {
    // Any revision will do: the one this is bound to is made by the commit.
    revision: bundle.forThisRevision ? snapshot.state.revision : null,
    position: 0,
    facts: first.facts,
    conversation: conversationAfter(snapshot, changes),
  });
  return isAsRead(outside, snapshot, changes) ? bundle : null;
}

/** True when the source shows nothing but what this turn was thought about, and the facts are as they were. */
function isAsRead(
  outside: OutsideState,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): boolean {
  if (outside.kind !== "same") return false;
  if (outside.news === null) return true;
  const { messages, signals, terms, brand } = outside.news;
  if (!isSame(changes, participantsAfter(snapshot.state, { brand, ...(terms && { terms }) })))
    return false;
  const words = new Map(
    [
      ...snapshot.stored.map(({ message }) => message),
      ...changes.newMessages,
      ...changes.edited,
    ].map(({ key, text }) => [key, storable(text)] as const),
  );
  const heard = new Set([...snapshot.signalKeys, ...changes.newSignals.map(({ key }) => key)]);
  return (
    messages.every(({ key, text }) => words.get(key) === storable(text)) &&
    signals.every(({ key }) => heard.has(key))
  );
}

/** With the same people as this turn has it, and as free to be written to. */
function isSame(
  { participants }: ConversationChanges,
  now: ConversationChanges["participants"],
): boolean {
  return now.terms === participants.terms && now.barred?.reason === participants.barred?.reason;
}
