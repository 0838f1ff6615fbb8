/**
 * Finds what was done before a restore, so that it is not done twice, and refunds that the shop made after the backup.
 *
 * After a restore the ledger is older than what was done. So each message from before the return is looked up where it
 * would have been answered, before it is planned for: our replies are found by the key they would have, because ids of
 * conversations and keys of messages come out the same again. Refunds are found in the shop's list under our own keys.
 * Changes in systems of your own are found by the keys on the cards of the backup. What is found is recorded; what is
 * found in part, or cannot be known, goes to people, and is never done a second time.
 */

import type { Transaction } from "#store/db/database.ts";
import type { PastEffects } from "#jobs/conversation/turn-context.ts";
import { type Action, type RefundArguments, refundCountIn, replyKey } from "#core/values/action.ts";
import type { Conversation, Destination, Message } from "#core/values/message.ts";
import { formatMoney } from "#core/values/money.ts";
import type { Order, Refund } from "#core/contracts/shop.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { rememberKeys } from "#store/inbox/accept-hints.ts";
import { type Lease, requireLease } from "#store/conversations/lease.ts";
import {
  adoptEffect,
  conversationsSince,
  type Downtime,
  DOWNTIME,
  type FoundEffect,
  knownKeys,
  REFUNDS_LOOKED,
} from "#store/effects/recovery.ts";
import { alertTeam, replyAction } from "#jobs/plan/own-actions.ts";
import { findResult } from "#jobs/effects/run-effects.ts";
import { readableApprovals } from "#store/approvals/approvals.ts";
import { approval } from "#store/db/schema.ts";
import { having } from "#store/db/statement.ts";
import { connectedChannel, type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { conversationMessages } from "#store/conversations/messages.ts";

/** How many of the newest messages from before the return are looked up under every possible reply. */
const MESSAGES_MAX = 6;

const NOTHING_FOUND: PastEffects = { answered: [], toPeople: null };

/** The open messages from before the restore after which this database is in use; none where it was not restored. */
export function openBeforeRestore(
  { back }: Pick<ConversationSnapshot, "back">,
  { open }: Pick<ConversationChanges, "open">,
): readonly Message[] {
  if (back?.reason !== "restored" || back.beganAt === null) return [];
  const before = Date.parse(back.beganAt);
  return open.filter(({ sentAt }) => Date.parse(sentAt) <= before);
}

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
  const old = openBeforeRestore(snapshot, changes);
  if (old.length === 0) return NOTHING_FOUND;
  const conversation = conversationAfter(snapshot, changes);
  const replies = await findReplies(context, conversation, old.slice(-MESSAGES_MAX));
  const refunds = await findRefunds(context, old);
  const changed = await findChanges(context, conversation.id);
  const booked = refunds.map((one) => refundEffect(conversation.id, one));
  await recordFound(context, lease, replies, [...booked, ...changed.done]);
  const answered = replies.filter(({ isAnswer }) => isAnswer);
  const covered = new Set(answered.flatMap(({ keys }) => keys));
  const rest = old.filter(({ key }) => !covered.has(key));
  return {
    answered: answered.map(({ keys, ref }) => ({ keys, ref })),
    toPeople: rest.length === 0 ? null : inTheWay(rest, replies, refunds, changed),
  };
}

function inTheWay(
  rest: readonly Message[],
  replies: readonly FoundReply[],
  refunds: readonly FoundRefund[],
  changed: FoundChanges,
): string | null {
  const handed = replies.find(({ isAnswer }) => !isAnswer);
  if (handed !== undefined) return "they were handed to people before the database was restored";
  const first = Math.min(...rest.map(({ sentAt }) => Date.parse(sentAt)));
  const since = refunds.filter(({ refund }) => Date.parse(refund.createdAt) >= first);
  const done = [...since.map(refundInWords), ...changed.done.map(({ words }) => words)];
  if (done.length > 0)
    return `Deskhand made ${done.join(", ")} before the database was restored, and no answer was found`;
  const [unknown = null] = changed.unknown;
  return unknown && `it is not known whether this was done before the restore: ${unknown}`;
}

/** An effect with what the team reads of it. */
interface NamedEffect extends FoundEffect {
  readonly words: string;
}

interface FoundReply extends NamedEffect {
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
  const reply = { key, conversationId: conversation.id, action, ref, words: `a reply (${ref})` };
  return { ...reply, keys, conversationKeys, isAnswer };
}

/**
 * The customers of the shop to whom these messages are bound. Each distinct evidence is looked up, since the same address
 * may be proven in one message and only named in another; `limit` gives each look-up's time.
 */
async function boundCustomers(
  context: JobContext,
  messages: readonly Message[],
  limit: () => AbortSignal = () => AbortSignal.timeout(LIMITS.lookupMs),
): Promise<ReadonlySet<string>> {
  const proofs = new Map(messages.map(({ identity }) => [JSON.stringify(identity), identity]));
  const customers = new Set<string>();
  for (const identity of proofs.values()) {
    const { customerId } = await context.bind(identity, limit());
    if (customerId !== null) customers.add(customerId);
  }
  return customers;
}

interface FoundRefund {
  readonly order: Order;
  readonly refund: Refund;
  /** True where it has a key that we would give a refund of this order. */
  readonly isOurs: boolean;
}

async function refundsOf(
  { shop }: JobContext,
  customerId: string,
  signal: AbortSignal,
): Promise<readonly FoundRefund[]> {
  const orders = await shop.orders(customerId, signal);
  return orders.flatMap((order) =>
    order.refunds.map((refund) => {
      return { order, refund, isOurs: refundCountIn(refund.key, order.id) !== null };
    }),
  );
}

/** Refunds on the requesters' orders with a key of ours that the ledger does not know. */
async function findRefunds(
  context: JobContext,
  messages: readonly Message[],
): Promise<readonly FoundRefund[]> {
  if (!context.targets.has("shop")) return [];
  // One limit for all of it, because the conversation is leased meanwhile.
  const signal = AbortSignal.timeout(LIMITS.lookupMs);
  const made: FoundRefund[] = [];
  for (const customerId of await boundCustomers(context, messages, () => signal))
    made.push(...(await refundsOf(context, customerId, signal)));
  const ours = made.filter(({ isOurs }) => isOurs);
  const known = await context.store.run(
    knownKeys,
    ours.map(({ refund }) => refund.key),
  );
  return ours.filter(({ refund }) => !known.has(refund.key));
}

/** The refund as an effect, as far as the shop's list tells. */
function refundEffect(conversationId: string, found: FoundRefund): NamedEffect {
  const { key, id: ref, amount } = found.refund;
  const reason = "found in the shop after a restore";
  const given: RefundArguments = { orderId: found.order.id, amount, reason };
  const action: Action = { target: "shop", operation: "refund", arguments: given };
  return { key, conversationId, action, ref, words: refundInWords(found) };
}

function refundInWords({ order, refund }: FoundRefund): string {
  return `a refund of ${formatMoney(refund.amount)}, order ${order.id} (${refund.id})`;
}

type FoundChanges = Awaited<ReturnType<typeof findChanges>>;

/**
 * What void cards had proposed in systems of your own, and the ledger does not know: a card that waited at the backup may
 * have been approved since, under the key it has. `unknown` has the labels of those whose system cannot tell.
 */
async function findChanges(context: JobContext, conversationId: string) {
  const { store } = context;
  const cards = await store.run(
    readableApprovals,
    having(approval, { conversationId, state: "void" }),
  );
  const planned = cards.flatMap(({ proposal }) => proposal?.actions ?? []);
  const changes = new Map(planned.map((one) => [one.key, one]));
  const known = await store.run(knownKeys, [...changes.keys()]);
  const done: NamedEffect[] = [];
  const unknown: string[] = [];
  for (const { key, action, label } of changes.values()) {
    if (action.target !== "system" || known.has(key)) continue;
    const found = await findResult(context, { ...action, action, key });
    const ref = found.state === "done" ? found.committed.ref : null;
    if (ref !== null) done.push({ key, conversationId, action, ref, words: `${label} (${ref})` });
    else if (found.state !== "absent") unknown.push(label);
  }
  return { done, unknown };
}

/** Records in the ledger what happened, and keeps the keys for the customer's next mail. */
async function recordFound(
  context: JobContext,
  lease: Lease,
  replies: readonly FoundReply[],
  others: readonly NamedEffect[],
): Promise<void> {
  if (replies.length + others.length === 0) return;
  const { conversationId } = lease;
  await context.store.run(async (transaction) => {
    await requireLease(transaction, lease);
    for (const { conversationKeys } of replies)
      await rememberKeys(transaction, conversationId, conversationKeys);
    await bookAndTell(context, transaction, conversationId, [...others, ...replies]);
  });
}

/** Books what the ledger does not have yet, and tells the team of it. */
async function bookAndTell(
  context: JobContext,
  transaction: Transaction,
  conversationId: string,
  found: readonly NamedEffect[],
): Promise<void> {
  const now = context.clock.now();
  const fresh: NamedEffect[] = [];
  for (const one of found) if (await adoptEffect(transaction, one, now)) fresh.push(one);
  if (fresh.length === 0) return;
  const words = fresh.map((one) => one.words).join("; ");
  await tell(context, transaction, conversationId, {
    about: `found:${fresh.map(({ key }) => key).join()}`,
    text: `Found after the restore and booked as done: ${words}. It is not done again.`,
  });
  for (const { key, action, ref } of fresh) {
    const data = { key, operation: action.operation, ref };
    await appendAudit(transaction, { kind: "found", data }, now);
  }
}

// Refunds that the shop made after the backup: not every customer writes again, so every one known from the months before
// it is looked up. Refunds with a key of ours are recorded; the team is told of all others, because it can say what they
// were.

/** Content is kept for about this long; an earlier requester can no longer be identified. */
const KNOWN_MS = 90 * 24 * 60 * 60_000;

/** Conversations per round of the reconciler, which takes a second or the time the shop needs for them. */
const AT_ONCE = 10;

const CLOCKS_DIFFER_MS = 60 * 60_000;

interface KnownCustomer {
  readonly customerId: string;
  readonly conversationId: string;
}

/** The settings that say whether there is a customer left to look up. */
export const PAST_REFUNDS_SETTINGS: readonly string[] = [DOWNTIME.name, REFUNDS_LOOKED.name];

/** Whether a customer may be left to look up, by these settings as they are stored. */
export function isLookingForPastRefunds(stored: Readonly<Record<string, unknown>>): boolean {
  const back = DOWNTIME.from(stored[DOWNTIME.name]);
  if (back?.reason !== "restored" || back.beganAt === null) return false;
  const looked = REFUNDS_LOOKED.from(stored[REFUNDS_LOOKED.name]);
  return looked?.beganAt !== back.beganAt || !looked.done;
}

/** Looks up the next conversations' customers; does nothing unless this is a return from a restore. */
export async function findPastRefunds(context: JobContext): Promise<void> {
  const { store } = context;
  const { back, looked } = await store.run(async (transaction) => ({
    back: await DOWNTIME.read(transaction),
    looked: await REFUNDS_LOOKED.read(transaction),
  }));
  if (back?.reason !== "restored" || back.beganAt === null || !context.targets.has("shop")) return;
  const begun = looked?.beganAt === back.beganAt ? looked : { after: "", done: false };
  if (begun.done) return;
  const touchedSince = new Date(Date.parse(back.since) - KNOWN_MS);
  const ids = await store.run(conversationsSince, {
    after: begun.after,
    touchedSince,
    limit: AT_ONCE,
  });
  for (const known of await provenCustomers(context, ids)) await lookAt(context, back, known);
  await store.run(REFUNDS_LOOKED.write, {
    beganAt: back.beganAt ?? "",
    after: ids.at(-1) ?? begun.after,
    done: ids.length < AT_ONCE,
  });
}

/** Each customer once, with the newest conversation here that proves who they are. */
async function provenCustomers(
  context: JobContext,
  ids: readonly string[],
): Promise<readonly KnownCustomer[]> {
  const customers = new Map<string, KnownCustomer>();
  for (const conversationId of ids) {
    const stored = await context.store.run(conversationMessages, conversationId);
    const asked = stored.flatMap(({ message }) =>
      message.author.kind === "requester" ? [message] : [],
    );
    for (const customerId of await boundCustomers(context, asked))
      customers.set(customerId, { customerId, conversationId });
  }
  return [...customers.values()];
}

async function lookAt(
  context: JobContext,
  back: Downtime,
  { customerId, conversationId }: KnownCustomer,
): Promise<void> {
  const all = await refundsOf(context, customerId, AbortSignal.timeout(LIMITS.lookupMs));
  const since = Date.parse(back.since);
  const made = all.filter(({ refund, isOurs }) => {
    // The ledger identifies our own refunds, so a shop clock that is behind hides none of them.
    const slackMs = isOurs ? CLOCKS_DIFFER_MS : 0;
    return Date.parse(refund.createdAt) >= since - slackMs;
  });
  if (made.length === 0) return;
  await context.store.run(async (transaction) => {
    for (const one of made.filter(({ isOurs }) => !isOurs))
      await tell(context, transaction, conversationId, {
        about: `found:shop:${one.order.id}:${one.refund.id}`,
        text: `The shop has refunded something since the backup that carries no key of Deskhand's: ${refundInWords(one)}. Nothing is booked for it.`,
      });
    const ours = made.filter(({ isOurs }) => isOurs);
    const booked = ours.map((one) => refundEffect(conversationId, one));
    await bookAndTell(context, transaction, conversationId, booked);
  });
}

/** The alerts of one restore are grouped. */
function tell(
  context: JobContext,
  transaction: Transaction,
  conversationId: string,
  { about, text }: { readonly about: string; readonly text: string },
): Promise<void> {
  return alertTeam(context, transaction, {
    conversationId,
    text: `${text} ${context.cardLink(conversationId)}`,
    about,
    kind: "found",
    now: context.clock.now(),
  });
}
