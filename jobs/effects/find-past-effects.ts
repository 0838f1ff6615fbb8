/**
 * Finds what was done before a restore, so that it is not done twice.
 *
 * After a restore the ledger is older than what was done. So each message from before the return is looked up where it
 * would have been answered, before it is planned for: our replies are found by the key they would have, because ids of
 * conversations and keys of messages come out the same again. Refunds are found in the shop's list under our own keys.
 * What is found is recorded; what is found in part goes to people, and is never done a second time.
 */
import type { PlanStep, PastEffects } from "#jobs/conversation/turn-context.ts";
import { refundCountIn, replyKey, type Action, type RefundArguments } from "#core/values/action.ts";
import type { Conversation, Destination, Message } from "#core/values/message.ts";
import { formatMoney } from "#core/values/money.ts";
import type { Order, Refund } from "#core/contracts/shop.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { rememberKeys } from "#store/inbox/accept-hints.ts";
import { requireLease, type Lease } from "#store/conversations/lease.ts";
import { adoptEffect, knownKeys, type FoundEffect } from "#store/effects/recovery.ts";
import { replyAction } from "#jobs/plan/own-actions.ts";
import { connectedChannel, LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { alertTeam } from "#jobs/plan/alert-team.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/** How many of the newest messages from before the return are looked up under every possible reply. */
const MESSAGES_MAX = 6;

const NOTHING_FOUND: PastEffects = { answered: [], toPeople: null };

/**
 * Looks up the open messages from before a restore and records what it finds. Throws a retryable error when a target is
 * down: then nothing is planned either.
 */
export async function findPastEffects(
  context: JobContext,
  lease: Lease,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): Promise<PastEffects> {
  const { back } = snapshot;
  if (back?.reason !== "restored" || back.beganAt === null) return NOTHING_FOUND;
  const before = Date.parse(back.beganAt);
  const old = changes.open.filter((message) => Date.parse(message.sentAt) <= before);
  if (old.length === 0) return NOTHING_FOUND;
  const conversation = conversationAfter(snapshot, changes);
  const replies: readonly FoundReply[] = await findReplies(
    context,
    conversation,
    old.slice(-MESSAGES_MAX),
  );
  const refunds = await findRefunds(context, conversation.id, old);
  await recordFound(context, lease, replies, refunds);
  const answered = replies.filter(({ isAnswer }) => isAnswer);
  const covered = new Set(answered.flatMap(({ keys }) => keys));
  const rest = old.filter(({ key }) => !covered.has(key));
  return {
    answered: answered.map(({ keys, ref }) => ({ keys, ref })),
    toPeople: rest.length === 0 ? null : inTheWay(rest, replies, refunds),
  };
}

function inTheWay(
  rest: readonly Message[],
  replies: readonly FoundReply[],
  refunds: readonly FoundRefund[],
): string | null {
  const handed = replies.find(({ isAnswer }) => !isAnswer);
  if (handed !== undefined) return "they were handed to people before the database was restored";
  const first = Math.min(...rest.map(({ sentAt }) => Date.parse(sentAt)));
  const since = refunds.filter(({ refund }) => Date.parse(refund.createdAt) >= first);
  if (since.length === 0) return null;
  const words = since.map(
    ({ order, refund }) => `${formatMoney(refund.amount)} of order ${order.id}`,
  );
  return `Deskhand refunded ${words.join(", ")} before the database was restored, and no answer was found`;
}

/** The changes without answered messages, which become history. */
export function withoutAnswered(
  changes: ConversationChanges,
  { answered }: PastEffects,
): ConversationChanges {
  const covered = new Set(answered.flatMap(({ keys }) => keys));
  if (covered.size === 0) return changes;
  return {
    ...changes,
    open: changes.open.filter(({ key }) => !covered.has(key)),
    history: [...changes.history, ...changes.open.filter(({ key }) => covered.has(key))],
  };
}

/** Adds the outcomes of the answered messages to the plan. */
export const adoptPastEffects: PlanStep = (plan, { pastEffects }) => {
  const outcomes = pastEffects.answered.map(({ keys, ref }) => ({
    keys,
    outcome: "answered" as const,
    reason: `answered before the database was restored: ${ref}`,
  }));
  return { ...plan, outcomes: [...outcomes, ...plan.outcomes] };
};

interface FoundReply extends FoundEffect {
  readonly keys: readonly string[];
  readonly conversationKeys: readonly string[];
  /** False for a hand-over text. */
  readonly isAnswer: boolean;
}

/**
 * A reply answers consecutive messages, and all that were open then. Which ones is no longer known, so each such run is
 * looked up, the longest first.
 */
async function findReplies(
  context: JobContext,
  conversation: Conversation,
  messages: readonly Message[],
): Promise<readonly FoundReply[]> {
  const found: FoundReply[] = [];
  const covered = new Set<string>();
  for (const run of consecutiveRuns(messages)) {
    if (run.some(({ key }) => covered.has(key))) continue;
    for (const way of replyVariants(run)) {
      const reply = await findReply(context, conversation, run, way);
      if (reply === null) continue;
      found.push(reply);
      for (const { key } of run) covered.add(key);
      break;
    }
  }
  return found;
}

function consecutiveRuns<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return items.flatMap((_, less) =>
    Array.from({ length: less + 1 }, (_unused, start) =>
      items.slice(start, start + items.length - less),
    ),
  );
}

interface ReplyVariant {
  readonly to: Destination;
  readonly place: string | undefined;
  readonly isAnswer: boolean;
}

function replyVariants(run: readonly Message[]): readonly ReplyVariant[] {
  const newest = run.at(-1);
  const { answerTo = null, answerPrivatelyTo = null } = newest ?? {};
  return [
    ...(answerTo === null ? [] : [{ to: answerTo, place: undefined, isAnswer: true }]),
    ...(answerPrivatelyTo === null
      ? []
      : [{ to: answerPrivatelyTo, place: "private", isAnswer: true }]),
    ...(answerTo === null ? [] : [{ to: answerTo, place: "handover", isAnswer: false }]),
  ];
}

async function findReply(
  context: JobContext,
  conversation: Conversation,
  run: readonly Message[],
  { to, place, isAnswer }: ReplyVariant,
): Promise<FoundReply | null> {
  const keys = run.map(({ key }) => key);
  const { action } = replyAction({
    conversation,
    to,
    // The real text is at the target; the reply is found by its key alone.
    text: "(sent before the restore)",
    answers: keys,
    automatic: false,
  });
  const key = replyKey(conversation.id, keys, place);
  const found = await connectedChannel(context, conversation.channel).find(
    action,
    key,
    AbortSignal.timeout(LIMITS.effectMs),
  );
  if (found.state !== "done") return null;
  const { ref, conversationKeys } = found.committed;
  return { key, conversationId: conversation.id, action, ref, keys, conversationKeys, isAnswer };
}

interface FoundRefund {
  readonly order: Order;
  readonly refund: Refund;
  readonly found: FoundEffect;
}

/** Refunds on the requesters' orders with a key of ours that the ledger does not know. */
async function findRefunds(
  context: JobContext,
  conversationId: string,
  messages: readonly Message[],
): Promise<readonly FoundRefund[]> {
  if (!context.targets.has("shop")) return [];
  const signal = AbortSignal.timeout(LIMITS.lookupMs);
  const customers = new Set<string>();
  for (const { identity } of messages) {
    const { customerId } = await context.bind(identity, signal);
    if (customerId !== null) customers.add(customerId);
  }
  const orders: Order[] = [];
  for (const customerId of customers)
    orders.push(...(await context.shop.orders(customerId, signal)));
  const ours = orders.flatMap((order) =>
    order.refunds.filter(({ key }) => isKeyOfOurs(key, order)).map((refund) => ({ order, refund })),
  );
  const known = await context.store.run((transaction) =>
    knownKeys(
      transaction,
      ours.map(({ refund }) => refund.key),
    ),
  );
  return ours
    .filter(({ refund }) => !known.has(refund.key))
    .map(({ order, refund }) => ({
      order,
      refund,
      found: {
        key: refund.key,
        conversationId,
        action: refundAction(order, refund),
        ref: refund.id,
      },
    }));
}

/** True for a key we would give a refund of this order. */
export function isKeyOfOurs(key: string, { id }: Pick<Order, "id">): boolean {
  return refundCountIn(key, id) !== null;
}

/** The refund as an action, as far as the shop's list tells. */
export function refundAction(order: Order, refund: Refund): Action {
  const given: RefundArguments = {
    orderId: order.id,
    amount: refund.amount,
    reason: "found in the shop after a restore",
  };
  return { target: "shop", operation: "refund", arguments: given };
}

/** Records in the ledger what happened, keeps the keys for the customer's next mail, and alerts the team. */
async function recordFound(
  context: JobContext,
  lease: Lease,
  replies: readonly FoundReply[],
  refunds: readonly FoundRefund[],
): Promise<void> {
  if (replies.length + refunds.length === 0) return;
  const now = context.clock.now();
  const { conversationId } = lease;
  await context.store.run(async (transaction) => {
    await requireLease(transaction, lease);
    const fresh: string[] = [];
    for (const { found, refund, order } of refunds)
      if (await adoptEffect(transaction, found, now))
        fresh.push(`a refund of ${formatMoney(refund.amount)}, order ${order.id} (${refund.id})`);
    for (const reply of replies) {
      if (await adoptEffect(transaction, reply, now)) fresh.push(`a reply (${reply.ref})`);
      await rememberKeys(transaction, conversationId, reply.conversationKeys);
    }
    if (fresh.length === 0) return;
    await alertTeam(context, transaction, {
      conversationId,
      text: `Found after the restore and booked as done: ${fresh.join("; ")}. It is not done again. ${context.cardLink(conversationId)}`,
      about: `found:${conversationId}:${fresh.join()}`,
      kind: "found",
      now,
    });
    for (const { key, action, ref } of [...refunds.map(({ found }) => found), ...replies])
      await appendAudit(
        transaction,
        { kind: "found", data: { key, operation: action.operation, ref } },
        now,
      );
  });
}
