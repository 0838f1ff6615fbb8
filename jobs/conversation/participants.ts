/** Customer, brand and readers of a conversation, and whether they changed. */

import { digest as digestOf } from "#core/values/canonical-json.ts";
import type { Barrier, Reach, Resolved } from "#core/contracts/channel.ts";
import type { Message } from "#core/values/message.ts";
import type { ConversationState, StoredParticipants } from "#store/conversations/conversations.ts";

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
