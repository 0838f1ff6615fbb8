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

/** A conversation as one transaction saw it: what a turn starts from. */
export interface ConversationSnapshot {
  readonly state: ConversationState;
  readonly stored: readonly StoredMessage[];
  /** Keys of all messages that are stored, also of those `stored` leaves out because there are so many after them. */
  readonly messageKeys: ReadonlySet<string>;
  /** Signals that were acted on before: looking a conversation up brings its whole past again. */
  readonly signalKeys: ReadonlySet<string>;
  readonly hints: readonly UnreadHint[];
  readonly pending: Approval | null;
  readonly effects: readonly Effect[];
  /** The decided card whose effects are not settled yet, such as during the undo time. */
  readonly approved: Approval | null;
  /** The conversation on the other side of a hand-over. */
  readonly linked: ConversationState | null;
  /** What was said there last, for the address an answer of a teammate is relayed to. */
  readonly linkedMessages: readonly StoredMessage[];
  /** Who the linked conversation was given to since the hand-over: the two share one owner. */
  readonly linkedSignals: readonly Signal[];
  /** The newest return from a restore or from being away; null when there never was one. */
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

/** People decide where they work; what happens at the origin of a hand-over is its own. */
async function linkedSignalsOf(
  transaction: Transaction,
  { conversation, linkedId, handedOverAt }: ConversationState,
): Promise<readonly Signal[]> {
  if (linkedId === null || isHelpdesk(conversation.channel)) return [];
  const since = new Date((handedOverAt?.getTime() ?? 0) - SECOND_MS);
  const signals = await assignmentsOf(transaction, linkedId, since);
  return signals.map((signal) => ({ ...signal, key: `linked:${signal.key}` }));
}

/** Keys of the messages an effect of the ledger answers; empty for everything but replies. */
export function answeredBy(effect: Effect): readonly string[] {
  if (effect.operation !== "reply") return [];
  return ReplyArguments.parse(effect.action.arguments).answers;
}
