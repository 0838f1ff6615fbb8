import type { OrderFacts } from "#core/action.ts";
import { canonical } from "#core/canonical.ts";
import { DeskhandError, reasonOf } from "#core/errors.ts";
import { formatMoney } from "#core/money.ts";
import { factsOf } from "#core/shop.ts";
import {
  addMessages,
  addSignals,
  loadConversation,
  refreshRevision,
  updateConversation,
} from "#store/conversations.ts";
import type { Transaction } from "#store/driver.ts";
import type { Lease } from "#store/lease.ts";
import { requireLease } from "#store/lease.ts";
import type { Effect } from "#store/ledger.ts";
import { foldOwnership } from "./gather.ts";
import { channelOf, LIMITS, type Parts } from "./parts.ts";
import { isPaused } from "./pause.ts";

/** Whether an intended effect may begin now. `stillHolds` is asked again inside the transaction that begins it. */
export type Permit =
  | { readonly kind: "yes"; readonly stillHolds: (transaction: Transaction) => Promise<boolean> }
  | { readonly kind: "later" }
  | { readonly kind: "no"; readonly reason: string };

/**
 * The last look before something happens outside: the pause, who owns the conversation, what was said meanwhile, and
 * the order facts the proposal rests on, each read afresh where it lives.
 */
export async function mayHappen(parts: Parts, lease: Lease, effect: Effect): Promise<Permit> {
  try {
    if (effect.revision !== null && effect.position === 0) await catchUp(parts, lease, effect);
    const changed = await changedFact(parts, effect.facts);
    if (changed !== null) return { kind: "no", reason: changed };
  } catch (error) {
    if (error instanceof DeskhandError && error.retry) {
      parts.log.warn("effect waits, its facts cannot be read", { reason: reasonOf(error) });
      return { kind: "later" };
    }
    throw error;
  }
  const standing = await parts.store.run((transaction) => standingOf(transaction, effect));
  if (standing !== "ok")
    return standing === "paused" ? { kind: "later" } : { kind: "no", reason: standing };
  return {
    kind: "yes",
    stillHolds: async (transaction) => (await standingOf(transaction, effect)) === "ok",
  };
}

/** "ok", "paused", or the reason it may not happen any more. */
async function standingOf(transaction: Transaction, effect: Effect): Promise<string> {
  const state = await loadConversation(transaction, effect.conversationId);
  if (state === null) return "the conversation is gone";
  if (effect.target !== "desk" && (await isPaused(transaction, state.conversation.channel)))
    return "paused";
  if (effect.revision === null) return "ok";
  if (state.owner === "human") return `people own this conversation: ${state.reason}`;
  // Once the first action of a bundle is done, its reply reports a fact and goes out although more was said.
  if (effect.position > 0) return "ok";
  return state.revision === effect.revision ? "ok" : "more was said after it was decided";
}

/** A channel that keeps its own history is asked what happened there, so that a hint still under way is not missed. */
async function catchUp(parts: Parts, lease: Lease, effect: Effect): Promise<void> {
  const state = await parts.store.run((transaction) =>
    loadConversation(transaction, effect.conversationId),
  );
  if (state === null) return;
  const channel = channelOf(parts, state.conversation.channel);
  if (!channel.keepsHistory) return;
  const resolved = await channel.fetch(state.conversation, AbortSignal.timeout(LIMITS.lookupMs));
  const now = parts.clock.now();
  await parts.store.run(async (transaction) => {
    await requireLease(transaction, lease);
    const messages = await addMessages(transaction, effect.conversationId, resolved.messages, now);
    const signals = await addSignals(transaction, effect.conversationId, resolved.signals);
    const before = { owner: state.owner, reason: state.reason };
    const ownership = foldOwnership(before, messages, signals);
    await updateConversation(
      transaction,
      effect.conversationId,
      { owner: ownership.owner, ownerReason: ownership.reason },
      now,
    );
    await refreshRevision(transaction, effect.conversationId);
  });
}

/** In words what is different from what was approved, or null when everything is as it was. */
export async function changedFact(
  parts: Pick<Parts, "shop">,
  facts: readonly OrderFacts[],
): Promise<string | null> {
  for (const before of facts) {
    const order = await parts.shop.order(before.orderId, AbortSignal.timeout(LIMITS.lookupMs));
    if (order === null) return `order ${before.orderId} is gone`;
    const after = factsOf(order);
    if (canonical(after) !== canonical(before)) return difference(before, after);
  }
  return null;
}

function difference(before: OrderFacts, after: OrderFacts): string {
  const order = `order ${before.orderId}`;
  if (after.refundCount > before.refundCount) {
    const { currency } = after.refunded;
    const amount = formatMoney({ minor: after.refunded.minor - before.refunded.minor, currency });
    return `${amount} of ${order} was refunded meanwhile`;
  }
  if (after.status !== before.status)
    return `${order} is ${after.status} now, not ${before.status}`;
  return `${order} changed meanwhile`;
}
