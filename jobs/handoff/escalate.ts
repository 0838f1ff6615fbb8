/**
 * Room: hands conversations to people, and keeps a linked ticket in step with its origin (`linked-ticket.ts`).
 * In: a turn that hands over, a click, an expired card, a failed effect; news on either side of a link.
 * Out: hand-over actions, texts for the customer, relayed answers and notes, all as planned effects.
 * May touch: the database; vendors only through the planned effects.
 */

import type { Ownership } from "#core/cases/ownership.ts";
import { type Assignee, ReplyArguments } from "#core/values/action.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import {
  type ConversationChange,
  type ConversationState,
  loadConversation,
  updateConversation,
} from "#store/conversations/conversations.ts";
import { conversationMessages } from "#store/conversations/messages.ts";
import type { Approval } from "#store/approvals/approvals.ts";
import type { Transaction } from "#store/db/database.ts";
import { intend } from "#store/effects/intend.ts";
import { findTurns } from "#store/conversations/traces.ts";
import { heldBackText } from "#jobs/approval/card-flags.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { HELPDESK } from "#core/values/vocabulary.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import { tellHandedOver } from "#jobs/webhooks/events.ts";
import {
  cardOrderLines,
  customerNotice,
  handOverPlan,
  handOverSummary,
  tellsCustomer,
  type ToldWhat,
} from "./messages.ts";

/** What is handed over outside a turn: a card that ended, or messages whose effect failed. */
interface Escalation {
  readonly conversationId: string;
  readonly answers: readonly string[];
  readonly turnId: string;
  /** The card the team had seen; null when there was none. */
  readonly card: Approval["card"] | null;
}

/** How a conversation is handed over outside a turn. */
interface HandOverTerms {
  readonly line: string;
  readonly tell: ToldWhat;
  readonly at: Date;
  /** What the customer has just been sent from the card; left out when its draft was not sent. */
  readonly answered?: string;
  /** The teammate who takes it. Left out, it is for the group, and the team is reminded until a teammate takes it. */
  readonly taker?: Assignee;
  /** True where the caller alerts the team in words of its own. */
  readonly isTold?: true;
  /** When it may begin, where it can be taken back until then, and the bundle by which an undo finds it. */
  readonly later?: { readonly notBefore: Date; readonly bundle: string };
}

/**
 * Hands a conversation to the team where it works, after a click, an expiry or a failure. Without a helpdesk that is the
 * desk, which is alerted unless a teammate takes the conversation with this press.
 */
export async function escalate(
  context: JobContext,
  transaction: Transaction,
  { conversationId, answers, turnId, card }: Escalation,
  given: HandOverTerms,
): Promise<void> {
  const state = await loadConversation(transaction, conversationId);
  if (state === null) return;
  const how = { ...takerOf(state), ...given };
  const unread = (await conversationMessages(transaction, conversationId))
    .map(({ message }) => message)
    .filter((message) => answers.includes(message.key));
  // What was to be answered here for other conversations of the case is handed over there, with its own words.
  const later = how.later ?? { bundle: context.ids.next("b"), notBefore: how.at };
  const [turn] = await findTurns(transaction, turnId);
  const notice = { what: how.tell, at: how.at };
  const { words, closed, told } = customerNotice(context, state, unread, notice);
  const topic = turn?.topic ?? "";
  const actions = handOverPlan(context, {
    conversation: state.conversation,
    unread,
    topic,
    turnId,
    group: "tier2",
    reason: how.line,
    words,
    replies: null,
    closed,
    urgent: false,
    linked: await linkedTicketId(transaction, state.linkedId),
    taker: how.taker,
    ...knownFrom(card, {
      unread,
      conversation: state.conversation,
      topic,
      told: how.answered ?? told,
      answered: how.answered ?? "",
      at: how.at,
    }),
  });
  // A conversation that people already own in their ticket needs no second hand-over; one that was handed back does.
  const isFirst = state.linkedId === null || state.owner === "bot";
  await updateConversation(
    transaction,
    conversationId,
    {
      ...ownerColumns(context, state, given),
      ...(closed !== null && isFirst && tellsCustomer(actions)
        ? { closedNoticeUntil: closed.period }
        : {}),
    },
    how.at,
  );
  await tellHandedOver(context, transaction, state, { reason: how.line, now: how.at });
  if (!isFirst) return;
  const intention = { ...later, conversationId, turnId, now: how.at };
  await intend(transaction, actions, intention);
  await alertWithoutHelpdesk(context, transaction, { ...given, ...state.conversation }, intention);
}

/** No teammate is told of what they take with this press, or of what the caller tells. */
async function alertWithoutHelpdesk(
  { targets, cardLink }: JobContext,
  transaction: Transaction,
  { channel, line, answered, taker, isTold }: HandOverTerms & Conversation,
  given: Parameters<typeof intend>[2] & { readonly turnId: string },
): Promise<void> {
  if (targets.has(HELPDESK) || taker !== undefined || isTold === true) return;
  const rest = answered === undefined ? "" : ", the answer to the rest was sent";
  const text = `Needs a person (${channel})${rest}: ${line}. ${cardLink(given.turnId)}`;
  const bundle = alertBundle(given.bundle);
  const about = { conversationId: given.conversationId, kind: null };
  await intend(transaction, [alertAction(text, [], bundle, about)], { ...given, bundle });
}

/** The bundle of the alert that goes with a hand-over: neither waits for the other. */
export function alertBundle(bundle: string): string {
  return `${bundle}_alert`;
}

/** Who has it by name keeps it. */
function takerOf({ reason: { holder } }: ConversationState): Pick<HandOverTerms, "taker"> {
  return holder === null ? {} : { taker: { name: holder.name, email: holder.voter } };
}

/** Who has the conversation then: the team is reminded of it unless a teammate takes it with this press. */
function ownerColumns(
  { policy }: JobContext,
  { reason: { holder, delicate } }: ConversationState,
  { line, taker, at }: HandOverTerms,
) {
  const by =
    taker === undefined ? holder : { name: taker.name, voter: taker.email?.toLowerCase() ?? null };
  return {
    owner: "human" as const,
    ownerReason: { words: line, holder: by, delicate },
    handedOverAt: at,
    handoverRemindAt: taker === undefined ? policy.handoverRemindAt(at) : null,
  };
}

/** What changes where a case is open again: while no teammate has it by name, the team is reminded of it as of a new one. */
export function openAgain(
  { policy }: Pick<JobContext, "policy">,
  { owner, reason: { holder } }: Ownership,
  at: Date,
): ConversationChange {
  const isUntaken = owner === "human" && holder === null;
  const open = { solvedAt: null, solvedByRule: false };
  return isUntaken ? { ...open, handoverRemindAt: policy.handoverRemindAt(at) } : open;
}

function newestAuthorName(unread: readonly Message[]): string {
  return unread.at(-1)?.author.name ?? "Customer";
}

/** The external id of the ticket where people worked on it before. */
async function linkedTicketId(
  transaction: Transaction,
  linkedId: string | null,
): Promise<string | null> {
  if (linkedId === null) return null;
  const linked = await loadConversation(transaction, linkedId);
  return linked?.conversation.externalId ?? null;
}

/** A draft that answers everything leaves nothing to people. */
const NOTHING_LEFT: Omit<NonNullable<Approval["card"]["passesOn"]>, "reason"> = {
  summary: "",
  unanswered: [],
  tried: [],
};

/** What happened instead of an answer. */
function insteadOfAnswer(card: Escalation["card"]): string {
  if (card === null) return "No draft was made.";
  return card.passesOn?.summary ?? heldBackText(card);
}

/**
 * What the card knew; without a card, only the author's name. A greeting uses a name only when the requester is proven.
 */
function knownFrom(
  card: Escalation["card"],
  given: {
    readonly unread: readonly Message[];
    readonly conversation: Conversation;
    readonly topic: string;
    readonly told: string;
    readonly answered: string;
    readonly at: Date;
  },
) {
  const author = newestAuthorName(given.unread);
  const rest = card?.passesOn ?? NOTHING_LEFT;
  const summary = handOverSummary({
    name: card?.requester.name ?? author,
    channel: given.conversation.channel,
    topic: given.topic,
    subject: given.conversation.subject,
    messageCount: given.unread.length,
    words: insteadOfAnswer(card),
    isModelsOwn: rest !== NOTHING_LEFT,
    unanswered: rest.unanswered,
    orders: cardOrderLines(card?.context.orders ?? [], given.at),
    told: given.told,
  });
  if (card === null)
    return {
      requester: { name: author, greeted: null },
      identity: "",
      summary,
      tried: [],
    };
  const { name, level, verification } = card.requester;
  return {
    requester: { name, greeted: level >= 2 ? name : null },
    identity: `identity level ${level}: ${verification}`,
    summary,
    tried: [
      ...rest.tried,
      ...card.actions.map(
        ({ label }) => `${given.answered === "" ? "proposed" : "done"}: ${label}`,
      ),
      ...(card.draft === null || given.answered !== ""
        ? []
        : [`drafted and not sent: ${card.draft.text}`]),
    ],
  };
}

// Hands over what a draft has left open, once that draft is sent.

/**
 * The customer has read that people take the rest, so from this commit on people have the conversation. Called in the
 * transaction that records the last effect of the approved bundle, which happens once. False when nothing was left open.
 */
export async function passOnRest(
  context: JobContext,
  transaction: Transaction,
  approval: Approval,
  at: Date,
): Promise<boolean> {
  const { passesOn } = approval.card;
  if (passesOn === undefined) return false;
  const reply = approval.proposal?.actions.find(({ action }) => action.operation === "reply");
  const answered = reply === undefined ? "" : ReplyArguments.parse(reply.action.arguments).text;
  const line = passesOn.reason;
  await escalate(context, transaction, approval, { line, tell: "nothing", at, answered });
  return true;
}
