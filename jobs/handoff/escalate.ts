/**
 * Room: hands conversations to people, and keeps a linked ticket in step with its origin.
 * In: a turn that hands over, a click, an expired card, a failed effect; news on either side of a link.
 * Out: hand-over actions, texts for the customer, relayed answers and notes, all as planned effects.
 * May touch: the database; vendors only through the planned effects.
 */

import type { Assignee } from "#core/values/action.ts";
import type { Message } from "#core/values/message.ts";
import {
  loadConversation,
  messagesOf,
  updateConversation,
} from "#store/conversations/conversations.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { intend } from "#store/effects/ledger.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { closedNotice } from "#jobs/plan/closed-notice.ts";
import { handOverPlan, tellsCustomer } from "./messages.ts";
import type { JobContext } from "#jobs/context/job-context.ts";

/** What is handed over outside a turn: a card that ended, or messages whose effect failed. */
export interface Escalation {
  readonly conversationId: string;
  readonly answers: readonly string[];
  readonly turnId: string;
  /** The card the team had seen; null when there was none. */
  readonly card: Approval["card"] | null;
}

/**
 * Whether the customer is told: `true` sends the hand-over text; `false` sends nothing because a teammate answers at
 * once; `when-closed` sends only the closed notice, and nothing during opening hours.
 */
type CustomerNotice = boolean | "when-closed";

/** Hands a conversation to the team where it works, after a click, an expiry or a failure. */
export async function escalate(
  context: JobContext,
  transaction: Transaction,
  { conversationId, answers, turnId, card }: Escalation,
  how: {
    readonly line: string;
    readonly tell: CustomerNotice;
    readonly at: Date;
    /** The teammate who takes it. Left out, it is for the group, and the team is reminded until a teammate takes it. */
    readonly taker?: Assignee;
  },
): Promise<void> {
  const state = await loadConversation(transaction, conversationId);
  if (state === null) return;
  const messages = await messagesOf(transaction, conversationId);
  const unread = messages
    .map(({ message }) => message)
    .filter((message) => answers.includes(message.key));
  const [turn] = await findTurns(transaction, turnId);
  const { policy } = context;
  const closed = how.tell === false ? null : closedNotice(policy, state.closedNoticeUntil, how.at);
  const actions = handOverPlan(context, {
    conversation: state.conversation,
    unread,
    topic: turn?.topic ?? "",
    turnId,
    group: "tier2",
    reason: how.line,
    words: how.tell === true ? policy.texts.handover : "",
    closed,
    urgent: false,
    linked: await linkedOf(transaction, state.linkedId),
    taker: how.taker,
    ...knownFrom(card, authorOf(unread)),
  });
  // A conversation that people already own in their ticket needs no second hand-over; one that was handed back does.
  const isFirst = state.linkedId === null || state.owner === "bot";
  await updateConversation(
    transaction,
    conversationId,
    {
      owner: "human",
      ownerReason: how.line,
      ...reminderTimes(context, how),
      ...(closed !== null && isFirst && tellsCustomer(actions)
        ? { closedNoticeUntil: closed.period }
        : {}),
    },
    how.at,
  );
  if (!isFirst) return;
  await intend(transaction, actions, {
    conversationId,
    approvalId: null,
    turnId,
    bundle: context.ids.next("b"),
    revision: null,
    approvedBy: "policy",
    notBefore: how.at,
    now: how.at,
  });
}

/** When the reminders start; there are none for a teammate who took the conversation. */
function reminderTimes(
  { policy }: JobContext,
  { taker, at }: { readonly taker?: Assignee; readonly at: Date },
) {
  return taker === undefined
    ? { handedOverAt: at, handoverRemindAt: policy.handoverRemindAt(at) }
    : {};
}

function authorOf(unread: readonly Message[]): string {
  return unread.at(-1)?.author.name ?? "Customer";
}

/** The external id of the ticket where people worked on it before. */
async function linkedOf(transaction: Transaction, linkedId: string | null): Promise<string | null> {
  if (linkedId === null) return null;
  const linked = await loadConversation(transaction, linkedId);
  return linked?.conversation.externalId ?? null;
}

/**
 * What the card knew; without a card, only the author's name. A greeting uses a name only when the requester is proven.
 */
function knownFrom(card: Escalation["card"], author: string) {
  if (card === null)
    return {
      requester: { name: author, greeted: null },
      identity: "",
      summary: "No draft was made.",
      tried: [],
    };
  const { name, level, verification } = card.requester;
  return {
    requester: { name, greeted: level >= 2 ? name : null },
    identity: `identity level ${level}: ${verification}`,
    summary: card.draft?.text ?? "No draft was made.",
    tried: card.actions.map(({ label }) => `proposed: ${label}`),
  };
}
