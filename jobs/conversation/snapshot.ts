/**
 * Room: reads a conversation from the database and its channel, and works out what changed.
 * In: a conversation id and the unread hints of its channel.
 * Out: `ConversationSnapshot`, then `ConversationChanges`: open messages, owner, participants, stale bundles.
 * May touch: the database, blobs, the conversation's channel for reading, one-time codes.
 */

import { isHelpdesk } from "#core/values/channel-traits.ts";
import type { Signal } from "#core/values/message.ts";
import {
  loadConversation,
  messageKeysOf,
  messagesOf,
  type ConversationState,
  type StoredMessage,
} from "#store/conversations/conversations.ts";
import { assignmentsOf, signalKeysOf } from "#store/conversations/signals.ts";
import { loadApproval, pendingApproval, type Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { openEffects, type Effect } from "#store/effects/ledger.ts";
import { unreadHints, type UnreadHint } from "#store/inbox/unread-hints.ts";
import { lastDowntime, type Downtime } from "#store/effects/recovery.ts";
import { ReplyArguments } from "#core/values/action.ts";
import { LIMITS } from "#jobs/context/job-context.ts";

/** A conversation as one transaction saw it: the start of a turn. */
export interface ConversationSnapshot {
  readonly state: ConversationState;
  readonly stored: readonly StoredMessage[];
  /** Keys of all stored messages, including old ones that `stored` leaves out because there are too many. */
  readonly messageKeys: ReadonlySet<string>;
  /** Signals already acted on: looking up a conversation brings its whole past again. */
  readonly signalKeys: ReadonlySet<string>;
  readonly hints: readonly UnreadHint[];
  readonly pending: Approval | null;
  readonly effects: readonly Effect[];
  /** The decided card whose effects are not settled yet, such as during the undo time. */
  readonly approved: Approval | null;
  /** The conversation on the other side of a hand-over. */
  readonly linked: ConversationState | null;
  /** The latest messages there, for the address a teammate's answer is relayed to. */
  readonly linkedMessages: readonly StoredMessage[];
  /** Assignments of the linked conversation since the hand-over: the two share one owner. */
  readonly linkedSignals: readonly Signal[];
  /** The newest return from a restore or a downtime; null when there was none. */
  readonly back: Downtime | null;
}

export async function loadSnapshot(
  transaction: Transaction,
  conversationId: string,
): Promise<ConversationSnapshot | null> {
  const state = await loadConversation(transaction, conversationId);
  if (state === null) return null;
  const effects = await openEffects(transaction, conversationId);
  const decided = effects.find((effect) => effect.approvalId !== null)?.approvalId ?? null;
  return {
    state,
    stored: await messagesOf(transaction, conversationId),
    messageKeys: await messageKeysOf(transaction, conversationId),
    signalKeys: await signalKeysOf(transaction, conversationId),
    hints: await unreadHints(transaction, conversationId, LIMITS.hintsPerTurnMax),
    pending: await pendingApproval(transaction, conversationId),
    effects,
    approved: decided === null ? null : await loadApproval(transaction, decided),
    linked: state.linkedId === null ? null : await loadConversation(transaction, state.linkedId),
    linkedMessages:
      state.linkedId === null ? [] : await messagesOf(transaction, state.linkedId, 50),
    linkedSignals: await linkedSignalsOf(transaction, state),
    back: await lastDowntime(transaction),
  };
}

/** Sources keep their times in whole seconds. */
const SECOND_MS = 1_000;

/** Ownership is decided in the linked ticket; from there no signals of the origin are read. */
async function linkedSignalsOf(
  transaction: Transaction,
  { conversation, linkedId, handedOverAt }: ConversationState,
): Promise<readonly Signal[]> {
  if (linkedId === null || isHelpdesk(conversation.channel)) return [];
  const since = new Date((handedOverAt?.getTime() ?? 0) - SECOND_MS);
  const signals = await assignmentsOf(transaction, linkedId, since);
  return signals.map((signal) => ({ ...signal, key: `linked:${signal.key}` }));
}

/** Keys of the messages that an effect answers; empty for everything but replies. */
export function answeredBy(effect: Effect): readonly string[] {
  if (effect.operation !== "reply") return [];
  return ReplyArguments.parse(effect.action.arguments).answers;
}
