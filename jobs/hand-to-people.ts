import { loadConversation, messagesOf, updateConversation } from "#store/conversations.ts";
import type { Approval } from "#store/approvals.ts";
import type { Transaction } from "#store/driver.ts";
import { intend } from "#store/ledger.ts";
import { handOverPlan } from "./hand-over.ts";
import type { Parts } from "./parts.ts";

/** What is handed over outside a turn: a card that ended, or messages whose effect failed. */
export interface HandedOver {
  readonly conversationId: string;
  readonly answers: readonly string[];
  readonly turnId: string;
  /** The card the team had seen; null when there was none. */
  readonly card: Approval["card"] | null;
}

/**
 * The team takes over where it works, by a click, an expiry or a failure. The customer is told only when `tell` says
 * so: not when somebody answers at once.
 */
export async function handToPeople(
  parts: Parts,
  transaction: Transaction,
  { conversationId, answers, turnId, card }: HandedOver,
  how: { readonly line: string; readonly tell: boolean; readonly at: Date },
): Promise<void> {
  const state = await loadConversation(transaction, conversationId);
  if (state === null) return;
  const messages = await messagesOf(transaction, conversationId);
  const unread = messages
    .map(({ message }) => message)
    .filter((message) => answers.includes(message.key));
  const actions = handOverPlan(parts, {
    conversation: state.conversation,
    unread,
    turnId,
    group: "tier2",
    reason: how.line,
    words: how.tell ? parts.policy.texts.handover : "",
    ...knownFrom(card, unread.at(-1)?.author.name ?? "Customer"),
  });
  const human = { owner: "human", ownerReason: how.line } as const;
  await updateConversation(transaction, conversationId, human, how.at);
  // A conversation that was handed over before is with people already; a second place to work would only confuse.
  if (state.linkedId !== null) return;
  await intend(transaction, actions, {
    conversationId,
    approvalId: null,
    turnId,
    bundle: parts.ids.next("b"),
    revision: null,
    approvedBy: "policy",
    notBefore: how.at,
    now: how.at,
  });
}

/** What the card knew; without one, only who wrote. A name is used in a greeting when it came from the shop's records. */
function knownFrom(card: HandedOver["card"], author: string) {
  if (card === null)
    return { requester: { name: author, greeted: null }, summary: "No draft was made.", tried: [] };
  const { name, level } = card.requester;
  return {
    requester: { name, greeted: level >= 2 ? name : null },
    summary: card.draft?.text ?? "No draft was made.",
    tried: card.actions.map(({ label }) => `proposed: ${label}`),
  };
}
