/**
 * What a turn plans where the bot may not write, where nothing is to be answered, for what was put aside, while people
 * own the conversation, for what a source reports, and for an action that another request has.
 */

import { z } from "zod";
import { inWords } from "#core/values/words.ts";
import { toldReason } from "#core/cases/ownership.ts";
import type { Barrier } from "#core/contracts/channel.ts";
import {
  type Conversation,
  isTeamAnswer,
  type Message,
  type Signal,
} from "#core/values/message.ts";
import { alertAction, noteAction } from "#jobs/plan/own-actions.ts";
import {
  EMPTY_PLAN,
  messageKeyList,
  type Plan,
  type SentByHand,
  unconditional,
} from "#jobs/plan/plan.ts";
import type { ConversationChanges } from "#jobs/conversation/changes.ts";
import type { PlanStep, TurnContext } from "#jobs/conversation/turn-context.ts";
import { ignoredPlan, planJunk } from "#jobs/junk/set-aside.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { backWith } from "#jobs/approval/save-card.ts";
import { digest } from "#core/values/canonical-json.ts";
import { findManualReply, undoneBundles } from "#jobs/approval/end-card.ts";
import { passedOnText, WITHHELD } from "#jobs/handoff/messages.ts";
import { CHANNEL_TRAITS, HELPDESK, isHelpdesk } from "#core/values/vocabulary.ts";
import { quotedExcerpt } from "#core/values/card-text.ts";
import { maskOr } from "#core/values/thrown.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { TurnEnding, TurnResult } from "#core/contracts/agent.ts";
import { isAngryText } from "#guard/input/delicate.ts";
import { effectsUnder } from "#store/effects/ledger.ts";
import { openBeforeRestore } from "#jobs/effects/find-past-effects.ts";
import { actionOrder, BUILT_IN_TOOLS } from "#core/values/action.ts";
import { formatMoney } from "#core/values/money.ts";
import { commonEnding, planRetry, planToPeople } from "./plan-escalation.ts";

/**
 * The plan where the bot may not write: what waits is withdrawn, and what came in ends with the reason. It opens again
 * once the reason is gone.
 */
export function planBarred(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  barred: Barrier,
): Plan {
  const { reason } = barred;
  const alert = barred.alert ?? lostAnswersAlert(context, snapshot, reason);
  return {
    ...EMPTY_PLAN,
    outcomes: [
      { keys: messageKeyList(changes.open), outcome: "ignored", reason, passedOver: "barred" },
    ],
    // One alert for all conversations it concerns: its key exists once it is intended.
    bundles: alert === null ? [] : [unconditional([alertAction(alert, [], `barred:${alert}`)])],
    voids: `Withdrawn: ${reason}.`,
  };
}

/** For a ticket whose customer waits elsewhere. */
function lostAnswersAlert(
  { cardLink }: JobContext,
  { linked, state: { conversation } }: ConversationSnapshot,
  reason: string,
): string | null {
  if (linked === null || !isHelpdesk(conversation.channel)) return null;
  const { id, channel } = linked.conversation;
  return `What teammates answer in ticket ${conversation.externalId} does not reach the customer, who wrote by ${channel}: ${reason}. ${cardLink(id)}`;
}

/**
 * The plan where the channel leaves nothing to answer: people own it, and one note says so. Its assignee at the source
 * stays, because people may already be at work.
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
      {
        keys: messageKeyList(changes.open),
        outcome: "escalated",
        reason: `with people: ${unserved}`,
      },
    ],
    bundles: [unconditional([noteAction(conversation, text, "unserved")])],
    voids: `Withdrawn: ${unserved}. People answer this conversation now.`,
    owner:
      changes.ownership.owner === "human" ? null : { owner: "human", reason: toldReason(unserved) },
  };
}

/**
 * The plan where a teammate solved at its source what a card waits for, with no word to the customer: it needs no answer
 * any more. Null where nothing waits, and where the customer wrote after that.
 */
export function planSolved(
  { pending }: ConversationSnapshot,
  { open, newSignals }: ConversationChanges,
): Plan | null {
  const end = newSignals.findLast(({ kind }) => kind === "solved" || kind === "reopened");
  if (pending === null || end?.kind !== "solved" || end.automatic === true) return null;
  if (open.some(({ sentAt }) => Date.parse(sentAt) > Date.parse(end.at))) return null;
  const reason = `${end.actor} solved it`;
  return {
    ...EMPTY_PLAN,
    outcomes: [{ keys: messageKeyList(open), outcome: "escalated", reason }],
    voids: `Withdrawn: ${reason}.`,
  };
}

/** The part of a message that an alert quotes; the full text is with the conversation. */
const WORDS_MAX = 1_500;

/** Alerts the team about what was put aside: the customer may have written it, with a broken signature. */
export const setUnprovenAside: PlanStep = (plan, { context, snapshot, changes }) => {
  const { putAside } = changes;
  if (putAside.length === 0) return plan;
  const told = putAside.map((message) =>
    unconditional([putAsideAlert(context, snapshot, message)]),
  );
  return { ...plan, bundles: [...plan.bundles, ...told] };
};

function putAsideAlert(
  context: JobContext,
  { state, pending, approved }: ConversationSnapshot,
  message: Message,
) {
  const { id, channel, subject } = state.conversation;
  const where = subject === "" ? channel : `${channel}, “${subject}”`;
  const words = maskOr(context.guard, message.text, WITHHELD);
  const shown = words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX)} …` : words;
  const text = [
    `Put aside (${where}): a message in the name of ${message.author.name} proves nothing (${message.identity.reason}), and what waits in this conversation rests on proof.`,
    "It changed nothing there and is not answered by itself; if it is the customer's, a person has to answer.",
    `It says: “${shown}”`,
    context.cardLink(pending?.id ?? approved?.id ?? id),
  ].join(" ");
  return alertAction(text, [], `put-aside:${message.key}`, {
    conversationId: id,
    kind: "put-aside",
  });
}

// The plan of a turn while people own the conversation.

/**
 * Writes no answer to the customer. What waits is withdrawn, or ends as sent when a teammate published it by hand. Who
 * waits in a window and asks something else there is told that people have this too.
 */
export function planHumanOwned(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): Plan {
  const { words: reason } = changes.ownership.reason;
  const sent = findManualReply(context, snapshot, changes);
  return {
    ...EMPTY_PLAN,
    outcomes: outcomesFor(messageKeyList(changes.open), sent, reason),
    bundles: [
      ...undoneBundles(context, snapshot, sent),
      ...(waitsInSilence(snapshot, changes)
        ? [unconditional(passedOnText(context, snapshot.state.conversation, changes.open))]
        : []),
      ...toldHolder(context, snapshot, changes),
    ],
    voids: `Withdrawn: ${reason}. People answer this conversation now.`,
    sentByHand: sent,
  };
}

/** True where the customer sees nothing of people's work, and no teammate has written to them since the hand-over. */
function waitsInSilence(
  {
    state: { conversation, owner, reason, handedOverAt },
    stored,
    linkedMessages,
  }: ConversationSnapshot,
  { open, newMessages }: ConversationChanges,
): boolean {
  if (!CHANNEL_TRAITS[conversation.channel].isOneWindow || open.length === 0) return false;
  // Who has it by name is told to them beside the conversation.
  if (owner !== "human" || handedOverAt === null || reason.holder !== null) return false;
  const messages = [...stored, ...linkedMessages].map(({ message }) => message);
  return ![...messages, ...newMessages].some(
    (message) => isTeamAnswer(message) && Date.parse(message.sentAt) >= handedOverAt.getTime(),
  );
}

/**
 * Who has a case by name hears that its customer wrote, once until a teammate answers. A helpdesk tells the agent who has the
 * ticket.
 */
function toldHolder(
  context: JobContext,
  { state: { conversation, reason, handedOverAt }, linked, stored }: ConversationSnapshot,
  { open, newMessages, ownership }: ConversationChanges,
): Plan["bundles"] {
  const { id, channel } = conversation;
  const { holder } = ownership.reason;
  const isNew = open.some(({ key }) => newMessages.some((message) => message.key === key));
  if (!isNew || holder === null || reason.holder === null) return [];
  if (linked !== null || isHelpdesk(channel)) return [];
  const answered = stored.findLast(({ message }) => isTeamAnswer(message))?.message.key ?? "";
  const about = `wrote:${digest([holder.voter, handedOverAt?.toISOString() ?? "", answered])}`;
  const text = `The customer wrote again (${channel}) in a case of ${holder.name}. ${context.cardLink(id)}`;
  const people = backWith(context, holder.voter, context.clock.now());
  return [unconditional([alertAction(text, people, about, { conversationId: id, kind: null })])];
}

function outcomesFor(
  open: readonly string[],
  sent: SentByHand | null,
  reason: string,
): Plan["outcomes"] {
  const left = open.filter((key) => sent?.answers.includes(key) !== true);
  return [
    ...(sent === null
      ? []
      : [
          {
            keys: [...sent.answers],
            outcome: "answered" as const,
            reason: `sent by ${sent.by} in ${sent.place}`,
          },
        ]),
    ...(left.length === 0
      ? []
      : [{ keys: left, outcome: "escalated" as const, reason: `with people: ${reason}` }]),
  ];
}

// The plan step for what a source reports and a person has to read: replies that bounced, bad ratings with words.

const COMMENT_MAX = 400;

/** Stands for a comment that is not shown. */
const COMMENT_WITHHELD = "Its words are not shown here.";

/** Tells the team once about each reply that did not arrive, and about each bad rating that says why. */
export const addSignalAlerts: PlanStep = (plan, { context, snapshot, changes }) => {
  const { state, linked } = snapshot;
  const { channel, id } = state.conversation;
  const alerts = changes.newSignals.flatMap((signal) => {
    const words = signalWords(context, signal, { where: `${channel}, conversation ${id}`, id });
    if (words === null) return [];
    const about = `${signal.kind}:${signal.key}`;
    const alert = unconditional([alertAction(words, [], about)]);
    // Who answered in the ticket looks there.
    const isForTicket = signal.kind === "bounced" && linked !== null && channel !== HELPDESK;
    const note = isForTicket
      ? [unconditional([noteAction(linked.conversation, words, about)])]
      : [];
    return [alert, ...note];
  });
  return alerts.length === 0 ? plan : { ...plan, bundles: [...plan.bundles, ...alerts] };
};

function signalWords(
  context: JobContext,
  signal: Signal,
  { where, id }: { readonly where: string; readonly id: string },
): string | null {
  if (signal.kind === "bounced") {
    const outlook =
      signal.permanent === true
        ? "Nothing more is written there by itself: a teammate has to reach the customer another way."
        : "It may arrive if it is sent again.";
    return `Not delivered (${where}): ${signal.reason}. ${outlook}`;
  }
  if (signal.kind !== "rated" || signal.score !== "bad" || signal.comment.trim() === "")
    return null;
  const comment = context.policy.alertsShowWords
    ? quotedExcerpt(maskOr(context.guard, signal.comment, COMMENT_WITHHELD), COMMENT_MAX)
    : COMMENT_WITHHELD;
  return `Rated bad (${where}): ${comment} ${context.cardLink(id)}`;
}

/**
 * The plan for a message that needs neither an answer nor people, though the agent found nothing to say: a stranger's offer
 * is set aside as junk; what the customer took back ends as thanks do, where we had it before. Null where people have to.
 */
export async function planNeedless(
  known: TurnContext,
  requester: BoundRequester,
  {
    result,
    ending,
  }: {
    readonly result: TurnResult;
    readonly ending: Extract<TurnEnding, { kind: "escalate" }>;
  },
): Promise<Plan | null> {
  const { needless, delicate, wantsPerson, answer, unanswered, thrown } = ending;
  const isForPeople = delicate !== null || wantsPerson === true || thrown !== undefined;
  const holds = result.denied.length + known.covers.length + (unanswered?.length ?? 0);
  if (isForPeople || answer !== undefined || holds > 0) return null;
  if (needless === "offer" && !result.accountData) return planJunk(known, requester, result);
  if (needless !== "settled" || !isTakenBack(known)) return null;
  const reason = "taken back by the customer, nothing to answer";
  const plan = ignoredPlan(known, requester, result, { reason, passedOver: "thanks" });
  return { ...plan, voids: "Withdrawn: the customer took it back." };
}

/**
 * Who asks in a message that is on no card yet, or is angry, wants people after all. What was approved is not taken back
 * unseen.
 */
function isTakenBack({ context, snapshot, changes, unread }: TurnContext): boolean {
  const carded = new Set(snapshot.pending?.answers);
  const wantsMore = unread
    .filter(({ key }) => !carded.has(key))
    .some(({ text }) => /[?？؟]/.test(text) || isAngryText(text));
  return (
    changes.history.length + unread.length > 1 &&
    !wantsMore &&
    changes.overtaken.length === 0 &&
    context.policy.cards.thanksNeedNone &&
    snapshot.linked === null
  );
}

// Keeps a turn from proposing an action that another request already has.

/** A request younger than this is likely to finish soon: the turn does not step aside for it but is planned again. */
const SOON_MS = 10_000;

/**
 * The plan of a turn whose action another request, on any channel, already has under its key: tried again while that one
 * is under way, with people when it ended and there is nothing to wait for, or when it may have been done before a
 * restore. Null when nothing is in the way, or only for a moment: what the turn itself is about to withdraw is not.
 */
export async function planDuplicate(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
): Promise<Plan | null> {
  const { context, changes } = known;
  const keys = result.actions.map(({ planned }) => planned.key);
  const toPeople = (reason: string): Plan => {
    const summary = "Nothing was proposed for it a second time.";
    return planToPeople(known, requester, result, { reason, summary });
  };
  const doubt = doneBeforeRestore(known, result);
  if (doubt !== null) return toPeople(doubt);
  if (keys.length === 0) return null;
  const now = context.clock.now().getTime();
  const others = await effectsUnder(context.store, keys);
  for (const { state, operation, bundle, createdAt } of others) {
    const what = `the same ${inWords(operation)}`;
    if (state === "unknown")
      return toPeople(`${what} was begun before, and it is not known whether it happened`);
    if (state === "done") return toPeople(`${what} was done before`);
    const isOpen = state === "intended" || state === "executing";
    const isOld = now - createdAt.getTime() > SOON_MS;
    if (isOpen && isOld && !changes.overtaken.includes(bundle)) {
      const reason = `${what} is under way for another request`;
      return planRetry(commonEnding(known, requester, result, "pending", reason), null, reason);
    }
  }
  return null;
}

const Impossible = z.looseObject({ status: z.literal("impossible"), reason: z.string() });

/**
 * Why a change in a connected system may have been made for these messages before a restore. It cannot be looked up
 * without a card that names its key: money that went back counts in the key of the next, and what is all done is not
 * proposed again.
 */
function doneBeforeRestore(
  { snapshot, changes }: TurnContext,
  { actions, toolResults }: TurnResult,
): string | null {
  if (openBeforeRestore(snapshot, changes).length === 0) return null;
  for (const { planned } of actions) {
    const order = planned.action.target === "system" ? actionOrder(planned) : null;
    if (order !== null && order.refunded.minor > 0)
      return `${formatMoney(order.refunded)} of order ${order.orderId} went back already, perhaps for these messages before the database was restored`;
  }
  if (actions.length > 0) return null;
  for (const { tool, result } of toolResults) {
    const impossible = BUILT_IN_TOOLS.includes(tool) ? null : Impossible.safeParse(result).data;
    if (impossible != null)
      return `${inWords(tool)} is not possible (${impossible.reason}), perhaps because it was done for these messages before the database was restored`;
  }
  return null;
}
