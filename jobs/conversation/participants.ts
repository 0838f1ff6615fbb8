import { digest } from "#core/values/canonical-json.ts";
import type { Barrier, Reach, Resolved } from "#core/contracts/channel.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import type { ConversationState } from "#store/conversations/conversations.ts";
import { alertAction, noteAction } from "#jobs/plan/own-actions.ts";
import { keysOf, EMPTY_PLAN, unconditional, type Plan } from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "./changes.ts";

/** With whom a conversation is now, and what became of that since it was looked at last. */
export interface Participants {
  /** Author id of whose conversation it is; empty where everybody speaks for themselves. */
  readonly customer: string;
  readonly brand: string;
  /** Digest of customer, brand and readers; empty where nobody tells. */
  readonly terms: string;
  /** Whom an answer reaches, where its source has told in this turn. */
  readonly reach: Reach | null;
  /** True when it passed to another customer or brand, or when others read along who did not before, or the reverse. */
  readonly moved: boolean;
  readonly barred: Barrier | null;
  /** Why it is for people from the start; null where the bot can answer. */
  readonly unserved: string | null;
  /** True when it may be written to again. */
  readonly lifted: boolean;
}

/** Why what was decided before does not happen. */
export const CONVERSATION_PASSED_ON = "it is with another customer, brand or readers now";

/** What a turn that reads nothing new goes by, and what a channel that tells nothing of it leaves as it is. */
function asBefore(state: ConversationState, brand: string): Participants {
  const { customer, terms, barred } = state;
  const barrier = barred === null ? null : { reason: barred, alert: null };
  const known = { customer, brand, terms, barred: barrier };
  return { ...known, reach: null, moved: false, lifted: false, unserved: null };
}

/** Compares what a source says now with what was known. What it does not show any more stays as it was. */
export function participantsAfter(
  state: ConversationState,
  resolved: Pick<Resolved, "brand" | "terms"> | undefined,
): Participants {
  if (resolved?.terms === undefined)
    return asBefore(state, resolved?.brand ?? state.conversation.brand);
  const { customer, readers, reach = null, barred, unserved = null } = resolved.terms;
  const lifted = state.barred !== null && barred === null;
  if (customer === null) return { ...asBefore(state, state.conversation.brand), barred, lifted };
  const terms = digest([customer, resolved.brand, [...readers]]);
  const moved = state.terms !== "" && state.terms !== terms;
  return { customer, brand: resolved.brand, terms, reach, moved, barred, lifted, unserved };
}

/** What of it is stored; nothing where nothing changed. */
export function participantChanges(
  state: ConversationState,
  participants: Participants,
): Partial<Pick<ConversationState, "customer" | "terms" | "moves" | "barred">> {
  const { customer, terms, moved, barred } = participants;
  const reason = barred?.reason ?? null;
  return {
    ...(customer === state.customer ? {} : { customer }),
    ...(terms === state.terms ? {} : { terms }),
    ...(moved ? { moves: state.moves + 1 } : {}),
    ...(reason === state.barred ? {} : { barred: reason }),
  };
}

/**
 * What a turn does where nothing may be written: what waits is withdrawn and what came ends with the reason. It is open
 * again once the reason is gone.
 */
export function planBarred(changes: ConversationChanges, barred: Barrier): Plan {
  const { reason, alert } = barred;
  return {
    ...EMPTY_PLAN,
    outcomes: [{ keys: keysOf(changes.open), outcome: "ignored", reason }],
    // One alert for all conversations it is about: its key is taken once it is intended.
    bundles: alert === null ? [] : [unconditional([alertAction(alert, [], `barred:${alert}`)])],
    voids: `Withdrawn: ${reason}.`,
  };
}

/**
 * What a turn does where the channel leaves nothing to answer: people have it, and a note in it says so, once. Who has it
 * there stays as it is, since people may be at work on it already.
 */
export function planUnserved(
  conversation: Conversation,
  changes: ConversationChanges,
  unserved: string,
): Plan {
  const text = `Deskhand does not answer here: ${unserved}. People have this conversation.`;
  return {
    ...EMPTY_PLAN,
    outcomes: [
      { keys: keysOf(changes.open), outcome: "escalated", reason: `with people: ${unserved}` },
    ],
    bundles: [unconditional([noteAction(conversation, text, "unserved")])],
    voids: `Withdrawn: ${unserved}. People answer this conversation now.`,
    owner: changes.ownership.owner === "human" ? null : { owner: "human", reason: unserved },
  };
}

/**
 * True when the customer wrote the newest of these. Somebody else's words are answered with a person's yes only: the
 * answer would reach the customer and everybody who reads along.
 */
export function isFromCustomer(customer: string, unread: readonly Message[]): boolean {
  return customer === "" || unread.at(-1)?.author.id === customer;
}

/** The messages as far as the operator's own sentences may answer them unasked: not at all when somebody else wrote. */
export function statableReason({
  changes,
  unread,
}: {
  readonly changes: Pick<ConversationChanges, "participants">;
  readonly unread: readonly Message[];
}): readonly Message[] {
  if (isFromCustomer(changes.participants.customer, unread)) return unread;
  return unread.map((message) => ({ ...message, answerTo: null, answerPrivatelyTo: null }));
}
