/**
 * Room: hands conversations to people, and keeps a linked ticket in step with its origin.
 * In: a turn that hands over, a click, an expired card, a failed effect; news on either side of a link.
 * Out: hand-over actions, texts for the customer, relayed answers and notes, all as planned effects.
 * May touch: the database; vendors only through the planned effects.
 */

import type { Ownership } from "#core/cases/ownership.ts";
import { type Assignee, ReplyArguments } from "#core/values/action.ts";
import {
  type Conversation,
  isTeamAnswer,
  type Message,
  isOfOneWriter,
  newestAnswerable,
} from "#core/values/message.ts";
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
import { seenText } from "#text/normalize.ts";
import { HELPDESK, isHelpdesk } from "#core/values/vocabulary.ts";
import type { PlanStep } from "#jobs/conversation/turn-context.ts";
import {
  alertAction,
  alertTeam,
  noteAction,
  repeatHandOver,
  replyAction,
} from "#jobs/plan/own-actions.ts";
import { type Plan, unconditional } from "#jobs/plan/plan.ts";
import { tellHandedOver } from "#jobs/webhooks/events.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import {
  cardOrderLines,
  customerNotice,
  handOverPlan,
  handOverSummary,
  maskedMessage,
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
  /** When it may begin, where it can be taken back until then, and the bundle by which an undo finds it. */
  readonly later?: { readonly notBefore: Date; readonly bundle: string };
}

/** Hands a conversation to the team where it works, after a click, an expiry or a failure. */
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
  await intend(transaction, actions, {
    ...later,
    conversationId,
    turnId,
    now: how.at,
  });
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
  const { conversationId, turnId } = approval;
  const line = passesOn.reason;
  await escalate(context, transaction, approval, { line, tell: "nothing", at, answered });
  if (context.targets.has(HELPDESK)) return true;
  await alertTeam(context, transaction, {
    conversationId,
    turnId,
    text: `Needs a person (${approval.card.channel}), the answer to the rest was sent: ${line}. ${context.cardLink(turnId)}`,
    about: `passed-on:${approval.id}`,
    now: at,
  });
  return true;
}

// A linked ticket and its origin are kept in step: what the customer adds at the origin becomes a note there, what a
// teammate answers there is relayed to the origin, and both have one owner. Each direction is planned in the turn of the
// side where something happened and runs as an effect of the other one, under a key of the message it is about: once,
// and not lost in a crash.

type Elsewhere = Plan["elsewhere"][number];

/** A message may be older by its source's clock than our receipt of the first one. */
const CLOCKS_APART_MS = 300_000;

/** Adds what the other side of a hand-over must learn of this turn's news, whether bot or people own it. */
export const addLinkedTicket: PlanStep = (plan, { context, snapshot, changes }) => {
  const { linked, state } = snapshot;
  if (linked === null) return plan;
  if (!isHelpdesk(state.conversation.channel))
    return {
      ...plan,
      elsewhere: [...plan.elsewhere, ...notesForLinked(context, snapshot, changes)],
    };
  const { relays, lost } = relaysToOrigin(context, snapshot, changes);
  return {
    ...plan,
    bundles: [...plan.bundles, ...lost],
    elsewhere: [...plan.elsewhere, ...relays, ...ownerNotes(snapshot, changes)],
  };
};

/** While people own the conversation, its origin passes on what the customer adds. */
function notesForLinked(
  { guard, cardLink }: JobContext,
  { linked, state }: ConversationSnapshot,
  changes: ConversationChanges,
): readonly Elsewhere[] {
  if (linked === null || !isHelpdesk(linked.conversation.channel)) return [];
  if (changes.ownership.owner !== "human") return [];
  const ignored = new Set(changes.ignored.map(({ message }) => message.key));
  const origin = state.conversation;
  return changes.newMessages
    .filter((message) => message.author.kind === "requester" && !ignored.has(message.key))
    .map((message) => ({
      conversationId: origin.id,
      bundle: unconditional([
        repeatHandOver({
          origin,
          linked: linked.conversation,
          message: maskedMessage(guard, message),
          link: cardLink(origin.id),
        }),
      ]),
    }));
}

/** A teammate wrote it for the customer, so it goes out unchanged and without another approval, once. */
function relaysToOrigin(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): { readonly relays: readonly Elsewhere[]; readonly lost: Plan["bundles"] } {
  const { linked } = snapshot;
  const answers = changes.newMessages.filter((message) => isForOrigin(message, snapshot));
  if (linked === null || answers.length === 0) return { relays: [], lost: [] };
  const said = snapshot.linkedMessages.map(({ message }) => message);
  const asked = isOfOneWriter(said) ? newestAnswerable(said) : undefined;
  const to = asked?.answerPrivatelyTo ?? asked?.answerTo ?? null;
  const lost = answers
    .filter((message) => to === null || !fitsReply(message))
    .map((message) => relayFailedAlert(context, snapshot, message, said));
  if (asked === undefined || to === null) return { relays: [], lost };
  const relays = answers.filter(fitsReply).map((message) => ({
    conversationId: linked.conversation.id,
    bundle: unconditional(
      [
        replyAction({
          conversation: linked.conversation,
          to,
          text: message.text,
          answers: [asked.key],
          automatic: false,
          place: `relay:${message.key}`,
        }),
      ],
      "teammate",
    ),
  }));
  return { relays, lost };
}

/** True for a text that a reply can hold. */
function fitsReply({ text }: Message): boolean {
  return ReplyArguments.shape.text.safeParse(seenText(text).trim()).success;
}

/** What was said in the ticket before the customer wrote at the origin was about something else. */
function isForOrigin(message: Message, { linkedMessages }: ConversationSnapshot): boolean {
  if (!isTeamAnswer(message)) return false;
  const [first] = linkedMessages;
  return (
    first === undefined ||
    Date.parse(message.sentAt) >= first.receivedAt.getTime() - CLOCKS_APART_MS
  );
}

function relayFailedAlert(
  context: JobContext,
  { state }: ConversationSnapshot,
  message: Message,
  said: readonly Message[],
): Plan["bundles"][number] {
  const nowhere = isOfOneWriter(said)
    ? "nothing is known of where the customer wrote that may be answered."
    : "several people wrote where the customer did, and it was not sent to any of them. Answer there.";
  const why = fitsReply(message)
    ? nowhere
    : "it has no words or too many. Pictures, files and quotations are not passed on.";
  const text = `${message.author.name}'s answer could not be passed on: ${why} ${context.cardLink(state.conversation.id)}`;
  return unconditional([alertAction(text, [], `relay:${message.key}`)]);
}

/**
 * The owner of the ticket owns the origin too. The origin's next turn reads that itself; the note tells the team, and
 * as an effect of the origin it makes sure that the turn comes, also after a crash.
 */
function ownerNotes(
  { linked, state }: ConversationSnapshot,
  changes: ConversationChanges,
): readonly Elsewhere[] {
  const assigned = changes.newSignals.findLast(({ kind }) => kind === "assigned");
  const { owner, handedBack } = changes.ownership;
  if (linked === null || assigned === undefined) return [];
  if (!handedBack && !(owner === "human" && linked.owner === "bot")) return [];
  const { channel } = linked.conversation;
  const text = handedBack
    ? `Deskhand has it again and goes on answering the customer by ${channel}.`
    : `People have it now: Deskhand sends nothing more by ${channel}, and public comments here are passed on there.`;
  const note = noteAction(state.conversation, text, assigned.key);
  return [{ conversationId: linked.conversation.id, bundle: unconditional([note]) }];
}
