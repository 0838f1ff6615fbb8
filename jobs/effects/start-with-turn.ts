import { storable } from "#store/db/storable-text.ts";
import type { Parts } from "#jobs/context/job-context.ts";
import { lookOutside, type Outside } from "./preconditions.ts";
import type { Plan, PlannedBundle } from "#jobs/plan/plan.ts";
import { conversationIn, type Situation } from "#jobs/conversation/changes.ts";
import { standingAfter } from "#jobs/conversation/participants.ts";
import type { View } from "#jobs/conversation/snapshot.ts";

/**
 * The bundle whose first effect may begin with the very commit that intends it, after a last look outside; null when
 * every effect has to wait for a commit of its own.
 *
 * Only where `find` is reliable: a crash between that commit and the call is then looked up and made good. Only the
 * bundle that is called first: another would stand there as begun for as long as that call takes, and a pause in the
 * meantime could not stop it any more. Where something changed outside, it takes the usual way, which says what.
 */
export async function bundleAtOnce(
  parts: Parts,
  view: View,
  situation: Situation,
  plan: Plan,
): Promise<PlannedBundle | null> {
  const [bundle] = plan.bundles;
  const first = bundle?.actions[0];
  if (bundle === undefined || first === undefined || bundle.approvedBy !== "policy") return null;
  const target = parts.targets.get(first.action.target);
  const isReliable = target?.findIsReliable === true;
  if (!isReliable || !target.supports.includes(first.action.operation)) return null;
  const outside = await lookOutside(parts, {
    // Any revision will do: the one this is bound to is made by the commit.
    revision: bundle.forThisRevision ? view.state.revision : null,
    position: 0,
    facts: first.facts,
    conversation: conversationIn(view, situation),
  });
  return isAsRead(outside, view, situation) ? bundle : null;
}

/** True when the source shows nothing but what this turn was thought about, and the facts are as they were. */
function isAsRead(outside: Outside, view: View, situation: Situation): boolean {
  if (outside.kind !== "same") return false;
  if (outside.news === null) return true;
  const { messages, signals, terms, brand } = outside.news;
  if (!isSame(situation, standingAfter(view.state, { brand, ...(terms && { terms }) })))
    return false;
  const words = new Map(
    [
      ...view.stored.map(({ message }) => message),
      ...situation.newMessages,
      ...situation.edited,
    ].map(({ key, text }) => [key, storable(text)] as const),
  );
  const heard = new Set([...view.signalKeys, ...situation.newSignals.map(({ key }) => key)]);
  return (
    messages.every(({ key, text }) => words.get(key) === storable(text)) &&
    signals.every(({ key }) => heard.has(key))
  );
}

/** With the same people as this turn has it, and as free to be written to. */
function isSame({ standing }: Situation, now: Situation["standing"]): boolean {
  return now.terms === standing.terms && now.barred?.reason === standing.barred?.reason;
}
