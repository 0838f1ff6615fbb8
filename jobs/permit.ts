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
import { hasUnreadMessage } from "#store/mailbox.ts";
import type { Effect } from "#store/ledger.ts";
import { mustLookFirst } from "#store/return.ts";
import { readCodes } from "./confirm.ts";
import { foldOwnership } from "./gather.ts";
import { channelOf, LIMITS, type Parts } from "./parts.ts";
import { isPaused } from "./pause.ts";
import { brokenSeal } from "./sealed.ts";

/** Whether an intended effect may begin now. `stillHolds` is asked again inside the transaction that begins it. */
export type Permit =
  | { readonly kind: "yes"; readonly stillHolds: (transaction: Transaction) => Promise<boolean> }
  | { readonly kind: "later" }
  /** It may have happened already: its target is asked before anything else. */
  | { readonly kind: "look" }
  /** What it rests on cannot be read right now. */
  | { readonly kind: "away"; readonly reason: string }
  | { readonly kind: "no"; readonly reason: string };

/**
 * The last look before something happens outside: the pause, the seal, who owns the conversation, what was said
 * meanwhile, and the order facts the proposal rests on, each read afresh where it lives.
 */
export async function mayHappen(parts: Parts, lease: Lease, effect: Effect): Promise<Permit> {
  const first = await parts.store.run(async (transaction) => {
    if (await mustLookFirst(transaction, effect.key)) return "look";
    // While everything stands still nobody is asked either: this is looked at every second.
    return (await isHeld(transaction, effect)) ? "later" : "go";
  });
  if (first !== "go") return { kind: first };
  const outside = await lookOutside(parts, lease, effect);
  if (outside !== null) return outside;
  const standing = await parts.store.run((transaction) => standingOf(transaction, effect));
  if (standing === "paused" || standing === "unread") return { kind: "later" };
  if (standing !== "ok") return { kind: "no", reason: standing };
  return {
    kind: "yes",
    stillHolds: async (transaction) => (await standingOf(transaction, effect)) === "ok",
  };
}

/** Asks the source and the shop once more; null when nothing there stands in the way. */
async function lookOutside(parts: Parts, lease: Lease, effect: Effect): Promise<Permit | null> {
  try {
    if (effect.revision !== null && effect.position === 0) await catchUp(parts, lease, effect);
    const changed = await changedFact(parts, effect.facts);
    return changed === null ? null : { kind: "no", reason: changed };
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    if (error.retry) return { kind: "away", reason: reasonOf(error) };
    // What the source does not show any more is not there to be answered either.
    if (error.code === "channel.refused") return { kind: "no", reason: reasonOf(error) };
    throw error;
  }
}

async function isHeld(transaction: Transaction, effect: Effect): Promise<boolean> {
  if (effect.target === "desk") return false;
  const state = await loadConversation(transaction, effect.conversationId);
  return state !== null && (await isPaused(transaction, state.conversation.channel));
}

/** "ok", "paused", "unread", or the reason it may not happen any more. */
async function standingOf(transaction: Transaction, effect: Effect): Promise<string> {
  const state = await loadConversation(transaction, effect.conversationId);
  if (state === null) return "the conversation is gone";
  if (await isHeld(transaction, effect)) return "paused";
  if (effect.revision === null) return "ok";
  if (state.owner === "human") return `people own this conversation: ${state.reason}`;
  // Once the first action of a bundle is done, its reply reports a fact and goes out although more was said.
  if (effect.position > 0) return (await brokenSeal(transaction, effect)) ?? "ok";
  if (state.revision !== effect.revision) return "more was said after it was decided";
  // What arrived and was not read yet may change everything: it is read first, in the turn that follows.
  if (await hasUnreadMessage(transaction, effect.conversationId)) return "unread";
  return (await brokenSeal(transaction, effect)) ?? "ok";
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
  const read = await readCodes(parts, state.conversation, resolved.messages);
  const now = parts.clock.now();
  await parts.store.run(async (transaction) => {
    await requireLease(transaction, lease);
    const messages = await addMessages(transaction, effect.conversationId, read, now);
    const signals = await addSignals(transaction, effect.conversationId, resolved.signals);
    await followOwner(transaction, effect.conversationId, { messages, signals, now });
    await refreshRevision(transaction, effect.conversationId);
  });
}

/**
 * Folds news onto the owner as it is now, inside the transaction: while the source was asked, a click may have given the
 * conversation to people, which must not be written over.
 */
async function followOwner(
  transaction: Transaction,
  conversationId: string,
  news: {
    readonly messages: Parameters<typeof foldOwnership>[1];
    readonly signals: Parameters<typeof foldOwnership>[2];
    readonly now: Date;
  },
): Promise<void> {
  const state = await loadConversation(transaction, conversationId);
  if (state === null || (news.messages.length === 0 && news.signals.length === 0)) return;
  const before = { owner: state.owner, reason: state.reason };
  const { owner, reason } = foldOwnership(before, news.messages, news.signals);
  if (owner === state.owner && reason === state.reason) return;
  await updateConversation(transaction, conversationId, { owner, ownerReason: reason }, news.now);
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
