/** Finds the bundle whose first effect may begin in the turn's own commit. */

import type { ChatLine, Target } from "#core/contracts/target.ts";
import { storable } from "#store/db/storable-text.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { readOutsideState, type OutsideState } from "./preconditions.ts";
import type { Plan, PlannedBundle } from "#jobs/plan/plan.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { participantsAfter } from "#jobs/conversation/participants.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/** A bundle whose first effect may begin with the commit that intends it. */
export interface BundleAtOnce {
  readonly bundle: PlannedBundle;
  /** The line in our own database which is all there is to it; null where a call has to be made. */
  readonly line: (ChatLine & { readonly key: string }) | null;
}

/**
 * The bundle whose first effect may begin with the commit that intends it, after a last look outside; null when every
 * effect waits for a commit of its own.
 *
 * Only where `find` is reliable: a crash between that commit and the call is then looked up and repaired. Only the
 * bundle that is called first: a later one would count as begun while the first call runs, and a pause could no longer
 * stop it. Where something changed outside, the bundle goes the usual way, which reports what changed.
 */
export async function bundleToStart(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  plan: Plan,
): Promise<BundleAtOnce | null> {
  const [bundle] = plan.bundles;
  const first = bundle?.actions[0];
  if (bundle === undefined || first === undefined || bundle.approvedBy !== "policy") return null;
  const target = context.targets.get(first.action.target);
  const isReliable = target?.findIsReliable === true;
  if (!isReliable || !target.supports.includes(first.action.operation)) return null;
  const outside = await readOutsideState(context, {
    // Any revision will do: the commit creates the one this is bound to.
    revision: bundle.forThisRevision ? snapshot.state.revision : null,
    position: 0,
    facts: first.facts,
    conversation: conversationAfter(snapshot, changes),
  });
  return isAsRead(outside, snapshot, changes) ? { bundle, line: bundleLine(target, bundle) } : null;
}

/** The line of a chat that is all there is to this bundle; null where a call has to be made. */
function bundleLine(target: Target, { actions }: PlannedBundle): BundleAtOnce["line"] {
  const [only] = actions;
  if (only === undefined || actions.length > 1 || target.lineOf === undefined) return null;
  return { ...target.lineOf(only.action, only.key), key: only.key };
}

/** True when the source shows only what this turn considered, and the facts are unchanged. */
function isAsRead(
  outside: OutsideState,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): boolean {
  if (outside.kind !== "same") return false;
  if (outside.news === null) return true;
  const { messages, signals, participants, brand } = outside.news;
  if (
    !isSame(
      changes,
      participantsAfter(snapshot.state, { brand, ...(participants && { participants }) }),
    )
  )
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

/** True when the participants are the same as in this turn, and just as free to be written to. */
function isSame(
  { participants }: ConversationChanges,
  now: ConversationChanges["participants"],
): boolean {
  return now.digest === participants.digest && now.barred?.reason === participants.barred?.reason;
}
