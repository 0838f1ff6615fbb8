/**
 * Room: reads a conversation from the database and its channel, and works out what changed.
 * In: a conversation id and the unread hints of its channel.
 * Out: `ConversationSnapshot`, then `ConversationChanges`: open messages, owner, participants, stale bundles.
 * May touch: the database, blobs, the conversation's channel for reading, one-time codes.
 */

import { ReplyArguments } from "#core/values/action.ts";
import { isHelpdesk } from "#core/values/channel-traits.ts";
import type { Message, Signal } from "#core/values/message.ts";
import { readSnapshot, type StoredSnapshot } from "#store/conversations/read-snapshot.ts";
import type { Reader } from "#store/db/database.ts";
import type { Effect } from "#store/effects/ledger.ts";
import { digest as digestOf } from "#core/values/canonical-json.ts";
import type { Barrier, Reach, Resolved } from "#core/contracts/channel.ts";
import type { ConversationState, StoredParticipants } from "#store/conversations/conversations.ts";

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

// Customer, brand and readers of a conversation, and whether they changed.

/** The participants of a conversation now, and what changed since the last look. */
export interface Participants {
  /** Author id of the customer; empty where all authors speak for themselves. */
  readonly customer: string;
  readonly brand: string;
  /** Digest of customer, brand and readers; empty where the channel does not tell. */
  readonly digest: string;
  /** Whom an answer reaches, if its source told in this turn. */
  readonly reach: Reach | null;
  /** True when customer or brand changed, or when readers joined or left. */
  readonly hasChanged: boolean;
  readonly barred: Barrier | null;
  /** Why people own it from the start; null where the bot can answer. */
  readonly unserved: string | null;
  /** True when the bot may write to it again. */
  readonly isUnbarred: boolean;
}

/** Why an earlier decision is not carried out. */
export const CONVERSATION_PASSED_ON = "it is with another customer, brand or readers now";

/** For a turn that reads nothing new, and for a channel that does not tell: everything stays as it was. */
function asBefore(state: ConversationState, brand: string): Participants {
  const { customer, digest, barred } = state.participants;
  const barrier = barred === null ? null : { reason: barred, alert: null };
  const known = { customer, brand, digest, barred: barrier };
  return { ...known, reach: null, hasChanged: false, isUnbarred: false, unserved: null };
}

/** Compares what a source says now with what was known. What it no longer shows stays as it was. */
export function participantsAfter(
  state: ConversationState,
  resolved: Pick<Resolved, "brand" | "participants"> | undefined,
): Participants {
  if (resolved?.participants === undefined)
    return asBefore(state, resolved?.brand ?? state.conversation.brand);
  const { customer, readers, reach = null, barred, unserved = null } = resolved.participants;
  const { participants: before, conversation } = state;
  const isUnbarred = before.barred !== null && barred === null;
  if (customer === null) return { ...asBefore(state, conversation.brand), barred, isUnbarred };
  const { brand } = resolved;
  const digest = digestOf([customer, brand, [...readers]]);
  const hasChanged = before.digest !== "" && before.digest !== digest;
  return { customer, brand, digest, reach, hasChanged, barred, isUnbarred, unserved };
}

/** The columns to store; empty when nothing changed. */
export function participantColumns(
  before: StoredParticipants,
  { customer, digest, hasChanged, barred }: Participants,
) {
  const reason = barred?.reason ?? null;
  return {
    ...(customer === before.customer ? {} : { customer }),
    ...(digest === before.digest ? {} : { participantsDigest: digest }),
    ...(hasChanged ? { participantChanges: before.changes + 1 } : {}),
    ...(reason === before.barred ? {} : { barred: reason }),
  };
}

/**
 * True when the customer wrote the newest message. Another author is answered only after approval: the answer would
 * reach the customer and all readers.
 */
export function isFromCustomer(customer: string, unread: readonly Message[]): boolean {
  return customer === "" || unread.at(-1)?.author.id === customer;
}

/** The messages that the operator's own texts may answer without approval: none when another author wrote. */
export function statableReason({
  changes,
  unread,
}: {
  readonly changes: { readonly participants: Participants };
  readonly unread: readonly Message[];
}): readonly Message[] {
  if (isFromCustomer(changes.participants.customer, unread)) return unread;
  return unread.map((message) => ({ ...message, answerTo: null, answerPrivatelyTo: null }));
}
