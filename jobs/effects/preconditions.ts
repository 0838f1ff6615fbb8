/** The checks right before an effect begins: pause, owner, new messages, order facts, seal. */
import { isSameOwnership } from "#core/cases/ownership.ts";
import type { OrderFacts } from "#core/values/action.ts";
import { canonical } from "#core/values/canonical-json.ts";
import type { Resolved } from "#core/contracts/channel.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { Conversation, Signal } from "#core/values/message.ts";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import {
  type ConversationState,
  loadConversation,
  refreshRevision,
  updateConversation,
} from "#store/conversations/conversations.ts";
import { addMessages, rereadMessages, addSignals } from "#store/conversations/messages.ts";
import type { Transaction } from "#store/db/database.ts";
import { type Lease, requireLeaseAndPause } from "#store/conversations/lease.ts";
import { beginEffect, markHeld, type Effect } from "#store/effects/ledger.ts";
import { holdPause } from "#store/db/advisory-locks.ts";
import { keepApart } from "#store/cases/changes.ts";
import { hasUnreadMessage } from "#store/conversations/read-snapshot.ts";
import { currentPause, holdOnEffect, type Pause } from "#store/effects/pause.ts";
import { toLookUpFirst } from "#store/effects/recovery.ts";
import { startConditions, type StartConditions } from "#store/effects/start-conditions.ts";
import { verifyCodes } from "#jobs/conversation/verify-code.ts";
import { foldOwnership, ownershipEntries } from "#jobs/conversation/resolve-hints.ts";
import { connectedChannel, LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { sealBreak } from "#jobs/approval/seal.ts";
import { tellHandedOver, type Telling } from "#jobs/webhooks/events.ts";
import type { CancelReason, OrderChange } from "./give-up.ts";
import { isPassedOn, participantColumns, participantsAfter } from "#jobs/conversation/snapshot.ts";

/** The current state of a channel that keeps its own history. */
type News = Pick<Resolved, "messages" | "signals" | "brand" | "participants">;

/** What the source and the shop say right before an effect begins. */
export type OutsideState =
  | { readonly kind: "same"; readonly news: News | null }
  /** A precondition cannot be read right now. */
  | { readonly kind: "away"; readonly error: DeskhandError }
  | { readonly kind: "changed"; readonly reason: CancelReason };

/** The part of an effect that its preconditions depend on. */
export interface UpcomingEffect extends Pick<Effect, "revision" | "position" | "facts"> {
  readonly conversation: Conversation;
  /** Where its turn has just read it. */
  readonly snapshot?: Parameters<typeof verifyCodes>[3];
}

/**
 * The last look outside before an effect begins: new messages where the channel keeps its own history, so that a hint
 * still in transit is not missed, and the order facts, each read again from the shop.
 */
export async function readOutsideState(
  context: JobContext,
  upcoming: UpcomingEffect,
): Promise<OutsideState> {
  const { revision, position, facts } = upcoming;
  try {
    const news =
      revision !== null && position === 0 ? await conversationNews(context, upcoming) : null;
    const changed = await changedFact(context, facts);
    return changed === null
      ? { kind: "same", news }
      : { kind: "changed", reason: { why: "order", change: changed } };
  } catch (error) {
    if (!(error instanceof DeskhandError)) throw error;
    if (error.retry) return { kind: "away", error };
    // A conversation that its source no longer shows cannot be answered either.
    if (error.code === "channel.refused")
      return { kind: "changed", reason: { why: "unreadable", words: reasonOf(error) } };
    throw error;
  }
}

async function conversationNews(
  context: JobContext,
  { conversation, snapshot }: UpcomingEffect,
): Promise<News | null> {
  const channel = connectedChannel(context, conversation.channel);
  if (!channel.keepsHistory) return null;
  const shown = await channel.fetch(conversation, AbortSignal.timeout(LIMITS.lookupMs));
  return { ...shown, messages: await verifyCodes(context, conversation, shown.messages, snapshot) };
}

/** How the commit that was to begin an effect ended. */
export type StartDecision =
  | { readonly kind: "begun"; readonly effect: Effect }
  | { readonly kind: "later" }
  | { readonly kind: "no"; readonly reason: CancelReason };

/**
 * The commit that begins an effect, right before its target is called: fence, pause, owner, new messages and seal are
 * checked in the same transaction. News from the source is stored in any case.
 */
export async function startEffect(
  context: JobContext,
  lease: Lease,
  effect: Effect,
  news: News | null,
): Promise<StartDecision> {
  const now = context.clock.now();
  return context.store.run(async (transaction) => {
    await requireLeaseAndPause(transaction, lease);
    const { conversationId } = effect;
    const signals =
      news === null ? [] : await storeNews(context, transaction, conversationId, { news, now });
    const beginning = await startWithinTurn(transaction, effect, { fence: lease.fence, now });
    for (const entry of ownershipEntries(conversationId, signals))
      await appendAudit(transaction, entry, now);
    return beginning;
  });
}

/**
 * True when a customer wrote again while a policy-approved effect waits for a target that is down: nothing has happened
 * yet, so it is planned again together with the news, which would otherwise be answered first.
 */
export async function isSuperseded(context: JobContext, effect: Effect): Promise<boolean> {
  if (effect.approvedBy !== "policy" || effect.revision === null || effect.position > 0)
    return false;
  return hasUnreadMessage(context.store, effect.conversationId);
}

/** As `startEffect`, inside a transaction that already holds the lease and the pause. */
export async function startWithinTurn(
  transaction: Transaction,
  effect: Effect,
  options: { readonly fence: number; readonly now: Date },
): Promise<StartDecision> {
  const conditions = await startConditions(transaction, effect.conversationId);
  if (conditions === null) return { kind: "no", reason: { why: "conversation_gone" } };
  const permission = await permissionFor(transaction, effect, conditions);
  if (permission.kind === "held") {
    await markHeld(transaction, effect.key, options.now);
    return { kind: "later" };
  }
  if (permission.kind !== "yes") return permission;
  const begun = await beginEffect(transaction, effect.key, options);
  return begun === null ? { kind: "later" } : { kind: "begun", effect: begun };
}

/** What the conversation as it is now says about beginning an effect. */
type Permission =
  | { readonly kind: "yes" }
  /** A pause holds it. */
  | { readonly kind: "held" }
  | { readonly kind: "later" }
  | { readonly kind: "no"; readonly reason: CancelReason };

/** The parts of an effect that decide whether it may begin. */
type EffectToBegin = Parameters<typeof sealBreak>[1] &
  Parameters<typeof isHeld>[3] &
  Pick<Effect, "key">;

async function permissionFor(
  transaction: Transaction,
  effect: EffectToBegin,
  conditions: StartConditions,
): Promise<Permission> {
  const allowed = await allowedBy(transaction, effect, conditions);
  if (allowed.kind !== "yes") return allowed;
  // It may have happened before a restore of the database: `runEffects` asks its target first.
  const { back } = conditions;
  const isDoubtful = (await toLookUpFirst(transaction, back, [effect.key])).size > 0;
  return isDoubtful ? { kind: "later" } : { kind: "yes" };
}

/** Whether an effect that policy approved may begin in the very commit that intends it. The caller holds the pause. */
export async function mayBeginAtOnce(
  transaction: Transaction,
  effect: EffectToBegin,
  conditions: StartConditions,
): Promise<boolean> {
  // What a pause may hold is intended first, and then marked as held.
  if (conditions.pause.holds.length > 0) return false;
  return (await permissionFor(transaction, effect, conditions)).kind === "yes";
}

/** Marks the effect as held when its pause is still on, so that nothing wakes the conversation for it. */
export async function staysHeld(
  { store, clock }: JobContext,
  { channel }: Conversation,
  effect: Effect,
): Promise<void> {
  await store.run(async (transaction) => {
    await holdPause(transaction);
    const pause = await currentPause(transaction);
    if (await isHeld(transaction, pause, channel, effect))
      await markHeld(transaction, effect.key, clock.now());
  });
}

/** What the pause, the conversation and the seal say. */
async function allowedBy(
  transaction: Transaction,
  effect: EffectToBegin,
  { state, linked, hasUnread, pause }: StartConditions,
): Promise<Permission> {
  const { channel } = state.conversation;
  if (await isHeld(transaction, pause, channel, effect)) return { kind: "held" };
  const barrier = barrierFor(effect, state);
  if (barrier !== null) return { kind: "no", reason: { why: "barred", words: barrier } };
  if (effect.revision === null) return { kind: "yes" };
  // What a teammate wrote goes out while people have the case, and after whatever was said meanwhile.
  if (effect.approvedBy === "teammate") return sealedPermission(transaction, effect);
  const people = peopleWhoOwn(state, linked);
  if (people !== null) return { kind: "no", reason: people };
  // Once the first action of a bundle is done, its reply reports a fact and goes out despite new messages.
  if (effect.position === 0) {
    if (state.revision !== effect.revision) return { kind: "no", reason: { why: "news" } };
    // An unread message may change everything: the next turn reads it first. What policy approved is planned again with
    // it; if it waited, it would answer only after it.
    if (hasUnread)
      return effect.approvedBy === "policy"
        ? { kind: "no", reason: { why: "news" } }
        : { kind: "later" };
  }
  return sealedPermission(transaction, effect);
}

async function sealedPermission(
  transaction: Transaction,
  effect: EffectToBegin,
): Promise<Permission> {
  const broken = await sealBreak(transaction, effect);
  return broken === null ? { kind: "yes" } : { kind: "no", reason: { why: "seal", break: broken } };
}

/** Whether this pause holds the effect. No pause stops alerts, notes to the team, or what a teammate wrote. */
export async function isHeld(
  transaction: Transaction,
  pause: Pause,
  channel: Conversation["channel"],
  effect: Pick<
    Effect,
    "target" | "operation" | "approvedBy" | "conversationId" | "turnId" | "bundle"
  >,
): Promise<boolean> {
  const { target, operation, approvedBy } = effect;
  if (target === "desk" || operation === "note" || approvedBy === "teammate") return false;
  return (await holdOnEffect(transaction, pause, channel, effect)) !== null;
}

/** A barred conversation gets no message, and nothing begins for it elsewhere. */
function barrierFor(
  effect: Pick<Effect, "target" | "position">,
  { participants, conversation }: ConversationState,
): string | null {
  const begins = effect.target !== "desk" && effect.position === 0;
  return begins || effect.target === conversation.channel ? participants.barred : null;
}

/** Why the bot may not write; people may own the linked conversation before any turn here has noticed. */
function peopleWhoOwn(
  { owner, reason }: ConversationState,
  linked: ConversationState | null,
): CancelReason | null {
  if (owner === "human") return { why: "people_own", linked: false, reason: reason.words };
  return linked?.owner === "human"
    ? { why: "people_own", linked: true, reason: linked.reason.words }
    : null;
}

async function storeNews(
  telling: Telling,
  transaction: Transaction,
  conversationId: string,
  { news, now }: { readonly news: News; readonly now: Date },
): Promise<readonly Signal[]> {
  const messages = await addMessages(transaction, conversationId, news.messages, now);
  const signals = await addSignals(transaction, conversationId, news.signals);
  await followParticipants(transaction, conversationId, news, now);
  await followOwner(telling, transaction, conversationId, { messages, signals, now });
  await refreshRevision(transaction, conversationId);
  return signals;
}

/** The conversation may have moved to another customer, or may not be answered any more, since it was last read. */
async function followParticipants(
  transaction: Transaction,
  conversationId: string,
  news: News,
  now: Date,
): Promise<void> {
  const state = await loadConversation(transaction, conversationId);
  if (state === null || news.participants === undefined) return;
  const participants = participantsAfter(state, news);
  // Messages that ended meanwhile are reopened by the next turn, not here.
  if (participants.isUnbarred) return;
  const changes = participantColumns(state.participants, participants);
  if (Object.keys(changes).length === 0) return;
  if (isPassedOn(state.participants, participants)) await keepApart(transaction, [conversationId]);
  if (participants.hasChanged) await rereadMessages(transaction, conversationId, news.messages);
  const { brand } = participants;
  await updateConversation(transaction, conversationId, { ...changes, brand }, now);
}

/**
 * Folds the news onto the current owner, inside the transaction: while the source was asked, a click may have given the
 * conversation to people, and that must not be overwritten. The next turn finds this owner already, so that a hand-over
 * is told here.
 */
async function followOwner(
  telling: Telling,
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
  const { owner, reason, takenAt } = foldOwnership(before, news.messages, news.signals);
  if (isSameOwnership(before, { owner, reason })) return;
  const since = takenAt === null ? {} : { handedOverAt: takenAt };
  const change = { owner, ownerReason: reason, ...since };
  await updateConversation(transaction, conversationId, change, news.now);
  await tellHandedOver(telling, transaction, state, { owner, reason: reason.words, now: news.now });
}

/** What differs from what was approved; null when nothing does. */
export async function changedFact(
  context: Pick<JobContext, "shop">,
  facts: readonly OrderFacts[],
): Promise<OrderChange | null> {
  for (const before of facts) {
    const order = await context.shop.order(before.orderId, AbortSignal.timeout(LIMITS.lookupMs));
    if (order === null) return { orderId: before.orderId, what: "gone" };
    const after = sealedOrderFacts(order);
    if (canonical(after) !== canonical(before)) return difference(before, after);
  }
  return null;
}

function difference(before: OrderFacts, after: OrderFacts): OrderChange {
  const { orderId } = before;
  if (after.refundCount > before.refundCount) {
    const minor = after.refunded.minor - before.refunded.minor;
    return { orderId, what: "refunded", amount: { ...after.refunded, minor } };
  }
  return after.status === before.status
    ? { orderId, what: "other" }
    : { orderId, what: "status", from: before.status, to: after.status };
}
