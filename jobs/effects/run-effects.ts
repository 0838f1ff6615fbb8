/**
 * Room: runs the ledger: intended effects begin, are called, and end as done, failed, unknown or withdrawn.
 * In: a leased conversation with intended effects, from turns and from approvals.
 * Out: calls to targets, their results in the ledger, dead letters, alerts to the team.
 * May touch: the database, and every target (channels, shop, desk, identity); never the model.
 */

import type { Conversation } from "#core/values/message.ts";
import type { Transaction } from "#store/db/database.ts";
import type { Lease, Released } from "#store/conversations/lease.ts";
import { bundleEffects, openEffects, type Effect } from "#store/effects/ledger.ts";
import { startConditions, type StartConditions } from "#store/effects/start-conditions.ts";
import { toLookUpFirst } from "#store/effects/recovery.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { isHeld } from "./preconditions.ts";
import { advanceEffect, type EffectContext } from "./advance-effect.ts";

/**
 * Runs what is intended for a conversation, bundle by bundle and in order within each. Runs under the lease and at the
 * start of every wake, so a reply that a crash left behind goes out without a new message. Returns whether the lease was
 * released with the last of them, because nothing is left to do.
 *
 * Each effect goes from `intended` to `executing` and ends as `done`, `failed`, `unknown` or `withdrawn`. One found
 * `executing` was interrupted: its target is asked whether it happened, and an effect that moves money is never simply
 * retried. A target that stays down is tried less and less often, and the other bundles go on meanwhile.
 */
export async function runEffects(context: JobContext, lease: Lease): Promise<Released | null> {
  const { conversationId } = lease;
  const found = await context.store.run(async (transaction) => {
    const open = await openEffects(transaction, conversationId);
    const bundles = [...new Set(open.map((effect) => effect.bundle))];
    const [first] = bundles;
    if (first === undefined) return null;
    const conditions = await startConditions(transaction, conversationId);
    if (conditions === null) return null;
    return {
      bundles,
      conversation: conditions.state.conversation,
      held: await heldEffectKeys(transaction, conditions, open),
      lookFirst: await toLookUpFirst(
        transaction,
        conditions.back,
        open.map(({ key }) => key),
      ),
      first: await bundleEffects(transaction, first),
    };
  });
  if (found === null) return null;
  const { conversation, held, lookFirst } = found;
  const at: EffectContext = { context, lease, conversation, held, lookFirst };
  for (const [index, bundle] of found.bundles.entries()) {
    // The earlier bundles took time, in which a click may have undone this one.
    const effects = index === 0 ? found.first : await bundleEffects(context.store, bundle);
    const released = await drainBundle(at, effects, null);
    if (released !== null) return released;
  }
  return null;
}

/** Read once for all of them; the commit that begins an effect checks the pause again. */
async function heldEffectKeys(
  transaction: Transaction,
  { state, pause }: StartConditions,
  effects: readonly Effect[],
): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  const { channel } = state.conversation;
  for (const effect of effects)
    if (await isHeld(transaction, pause, channel, effect)) held.add(effect.key);
  return held;
}

/**
 * Runs what the commit of a turn has already begun, with the rest of its bundle. Nothing is read again in between: that
 * commit checked everything.
 */
export async function finishStarted(
  context: JobContext,
  lease: Lease,
  given: {
    readonly conversation: Conversation;
    readonly bundle: readonly Effect[];
    readonly begun: Effect;
  },
): Promise<Released | null> {
  const { conversation, bundle, begun } = given;
  context.crashPoint(`effect:executing:${begun.operation}`);
  const at: EffectContext = { context, lease, conversation, held: new Set(), lookFirst: new Set() };
  return drainBundle(at, bundle, begun);
}

/** Returns whether the lease was released with the last of them. */
async function drainBundle(
  at: EffectContext,
  bundle: readonly Effect[],
  first: Effect | null,
): Promise<Released | null> {
  let begun = first;
  for (const [index, effect] of bundle.entries()) {
    if (effect.state === "done") continue;
    if (effect.state !== "intended" && effect.state !== "executing") return null;
    const next = bundle[index + 1] ?? null;
    const settled = await advanceEffect(at, { effect, begun, bundle, next });
    if (settled.kind !== "done") return null;
    if (settled.released !== null) return settled.released;
    begun = settled.next;
  }
  return null;
}
