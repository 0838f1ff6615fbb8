/**
 * Room: reads a conversation from the database and its channel, and works out what changed.
 * In: a conversation id and the unread hints of its channel.
 * Out: `ConversationSnapshot`, then `ConversationChanges`: open messages, owner, participants, stale bundles.
 * May touch: the database, blobs, the conversation's channel for reading, one-time codes.
 */

import { ReplyArguments } from "#core/values/action.ts";
import { isHelpdesk } from "#core/values/channel-traits.ts";
import type { Signal } from "#core/values/message.ts";
import { readSnapshot, type StoredSnapshot } from "#store/conversations/read-snapshot.ts";
import type { Reader } from "#store/db/database.ts";
import type { Effect } from "#store/effects/ledger.ts";

/** A conversation as one statement saw it: the start of a turn. */
export interface ConversationSnapshot extends Omit<StoredSnapshot, "linkedAssignments"> {
  /** Assignments of the linked conversation since the hand-over: the two share one owner. */
  readonly linkedSignals: readonly Signal[];
}

/** Null for a conversation that does not exist. */
export async function loadSnapshot(
  reader: Reader,
  conversationId: string,
  now: Date,
): Promise<ConversationSnapshot | null> {
  const stored = await readSnapshot(reader, conversationId, now);
  return stored === null ? null : startingSnapshot(stored);
}

/** The start of a turn from what is stored. */
export function startingSnapshot(stored: StoredSnapshot): ConversationSnapshot {
  const { linkedAssignments, ...snapshot } = stored;
  // Ownership is decided in the linked ticket; from there no signals of the origin are read.
  const linkedSignals = isHelpdesk(stored.state.conversation.channel)
    ? []
    : linkedAssignments.map((signal) => ({ ...signal, key: `linked:${signal.key}` }));
  return { ...snapshot, linkedSignals };
}

/** Keys of the messages that an effect answers; empty for everything but replies. */
export function answeredBy(effect: Effect): readonly string[] {
  if (effect.operation !== "reply") return [];
  return ReplyArguments.parse(effect.action.arguments).answers;
}

/** The questions that have reached the customer since the last answer: one that waits on a card has not. */
export function questionsAsked({
  state,
  pending,
}: Pick<ConversationSnapshot, "state" | "pending">): number {
  return state.clarified && pending !== null ? state.questions - 1 : state.questions;
}
