/**
 * Plans that end in a hand-over to people, with the answer that goes with it to what is known, or in a retry while the
 * shop or the model is down.
 */

import { handedToPeople } from "#core/cases/ownership.ts";
import { utcDay } from "#core/values/moment.ts";
import { inWords } from "#core/values/words.ts";
import { HELPDESK } from "#core/values/vocabulary.ts";
import { NO_SUMMARY, type TurnEnding, type TurnResult } from "#core/contracts/agent.ts";
import type { PlannedAction } from "#core/values/action.ts";
import type { DelicateTopic } from "#core/contracts/guard.ts";
import type { BoundRequester } from "#core/values/identity.ts";
import type { Conversation, Message } from "#core/values/message.ts";
import type { TurnTrace } from "#core/values/trace.ts";
import { alertAction, urgentMailAction } from "#jobs/plan/own-actions.ts";
import {
  type Addressee,
  customerNotice,
  type CustomerNotice,
  handOverPlan,
  handOverSummary,
  lookedOrderLines,
  orderLines,
  tellsCustomer,
  unavailableText,
} from "#jobs/handoff/messages.ts";
import { conversationAfter } from "#jobs/conversation/changes.ts";
import {
  customerText,
  messagesHere,
  traceRecord,
  type TurnContext,
} from "#jobs/conversation/turn-context.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import {
  EMPTY_PLAN,
  messageKeyList,
  type Plan,
  type PlannedBundle,
  unconditional,
} from "#jobs/plan/plan.ts";
import { type ConversationSnapshot, statableReason } from "#jobs/conversation/snapshot.ts";
import type { ErrorDescription } from "#core/values/thrown.ts";
import { plainFlag } from "#core/contracts/approval-desk.ts";
import { type Bundle, bundleOfTurn } from "./compose-proposal.ts";
import { planApproval } from "./plan-approval.ts";

/** What all hand-over endings have in common. */
export interface Ending {
  readonly context: JobContext;
  readonly snapshot: ConversationSnapshot;
  readonly conversation: Conversation;
  readonly unread: readonly Message[];
  readonly requester: BoundRequester;
  readonly turnId: string;
  /** What the shop says about the orders of the case, a line each; none where nothing is known or may be shown. */
  readonly orders: readonly string[];
  readonly trace: TurnTrace;
}

/** The requester before any lookup. */
export const UNKNOWN_REQUESTER: BoundRequester = {
  level: 0,
  customerId: null,
  emailOnFile: null,
  name: null,
  reason: "not looked up",
};

/** What every ending of a turn has in common, with its trace. */
export function commonEnding(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult | null,
  outcome: "escalated" | "pending",
  reason: string,
): Ending {
  const { context, snapshot, turnId } = known;
  const own = messagesHere(known);
  return {
    context,
    snapshot,
    conversation: conversationAfter(snapshot, known.changes),
    unread: statableReason({ ...known, unread: own }),
    requester,
    turnId,
    orders: lookedOrderLines(result, context.clock.now()),
    trace: traceRecord(known, {
      requester,
      result,
      outcome,
      reason,
      approvalRequired: false,
      rules: result?.denied.map(({ decision }) => decision) ?? [],
    }),
  };
}

/** Hands the messages to people, with a reason and what was done before. */
export function planToPeople(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult | null,
  { reason, summary }: { readonly reason: string; readonly summary: string },
): Plan {
  const ending = commonEnding(known, requester, result, "escalated", reason);
  return planHandOver(ending, { reason, summary, tried: [], delicate: null });
}

/** Why people take over, and what they should know. */
interface HandOverReason {
  readonly reason: string;
  /** What happened, or the model's own summary; `NO_SUMMARY` for neither. */
  readonly summary: string;
  /** True for a summary that a model wrote; left out for words of ours. */
  readonly isModelsOwn?: boolean;
  readonly tried: readonly string[];
  readonly delicate: DelicateTopic | null;
  /** Questions and wishes that nothing answers; left out for none. */
  readonly unanswered?: readonly string[] | undefined;
  /** What is answered in the same message, which `replies` makes of the whole text; left out for nothing. */
  readonly answered?: {
    readonly text: string;
    readonly rules: TurnTrace["decisions"];
    replies(text: string): readonly PlannedAction[];
  };
  /** True when the writer seems to be a program: any text to it would be one more message for it to answer. */
  readonly untold?: boolean;
}

function endingAddressee({ conversation, unread, requester, trace }: Ending): Addressee {
  const name = requester.name ?? unread.at(-1)?.author.name ?? "Customer";
  return {
    conversation,
    unread,
    requester: { name, greeted: requester.name },
    topic: trace.topic,
  };
}

/**
 * Hands over: a conversation in the right group with reason, summary and what was tried, then the operator's own text
 * to the customer, with the next opening time while the team is closed. On a delicate topic the customer gets only the
 * text written for it, on a shadow channel nothing. A program that may be answering us gets nothing.
 */
export function planHandOver(ending: Ending, given: HandOverReason): Plan {
  // Wherever it is told, a reason stands within a sentence.
  const why = { ...given, reason: given.reason.replace(/\.$/, "") };
  const { context, snapshot, unread } = ending;
  const { answered } = why;
  const { words, closed, told } = noticeFor(ending, why);
  const said = answered === undefined ? told : `${answered.text}\n\n${told}`.trim();
  const actions = handOverPlan(context, {
    ...endingAddressee(ending),
    turnId: ending.turnId,
    group: why.delicate === null ? "tier2" : context.policy.delicate.group,
    reason: why.reason,
    summary: escalationSummary(ending, why, said),
    tried: why.tried,
    words,
    replies: answered === undefined ? null : answered.replies(said),
    closed,
    identity: `identity level ${ending.requester.level}: ${ending.requester.reason}`,
    urgent: why.delicate !== null,
    linked: snapshot.linked?.conversation.externalId ?? null,
  });
  return {
    ...EMPTY_PLAN,
    outcomes: [{ keys: messageKeyList(unread), outcome: "escalated", reason: why.reason }],
    bundles: [
      ...(actions.length === 0
        ? []
        : [{ ...unconditional(actions), byRules: answered !== undefined }]),
      ...alertsFor(ending, why),
    ],
    voids: `Handed to people: ${why.reason}`,
    trace: {
      ...ending.trace,
      ...(why.delicate === null ? {} : { delicate: why.delicate }),
      decisions: [...ending.trace.decisions, ...(answered === undefined ? [] : answered.rules)],
    },
    owner: {
      owner: "human",
      reason: { words: handedToPeople(why.reason), holder: null, delicate: why.delicate },
    },
    closedNoticeUntil: closed !== null && tellsCustomer(actions) ? closed.period : null,
  };
}

function noticeFor(
  { context, snapshot, unread }: Ending,
  { delicate, untold }: HandOverReason,
): CustomerNotice {
  const what = untold === true ? "nothing" : delicate === null ? "handover" : "holding";
  return customerNotice(context, snapshot.state, unread, { what, at: context.clock.now() });
}

function escalationSummary(ending: Ending, why: HandOverReason, told: string): string {
  const { conversation, unread, trace, orders } = ending;
  return handOverSummary({
    name: endingAddressee(ending).requester.name,
    channel: conversation.channel,
    topic: why.delicate === null ? trace.topic : `something delicate (${why.delicate})`,
    subject: conversation.subject,
    messageCount: unread.length,
    words: why.summary === NO_SUMMARY ? "" : why.summary,
    isModelsOwn: why.isModelsOwn === true && why.summary !== NO_SUMMARY,
    orders,
    unanswered: why.unanswered ?? [],
    told,
  });
}

/** Delicate topics page the named people; without a Zendesk, every hand-over is alerted on the desk. */
function alertsFor(
  { context, snapshot, unread, turnId }: Ending,
  { delicate, reason }: HandOverReason,
): Plan["bundles"] {
  const { channel } = snapshot.state.conversation;
  const about = `${turnId}:${messageKeyList(unread).join()}`;
  const link = context.cardLink(turnId);
  if (delicate !== null) {
    const text = `Delicate (${inWords(delicate)}) on ${channel}: no draft was made, a person answers. ${link}`;
    const { policy, urgentMail, targets } = context;
    const alert = unconditional([alertAction(text, policy.delicate.page, about)]);
    const mails = urgentMail !== null && targets.get("email")?.supports.includes("notice") === true;
    return mails ? [alert, unconditional([urgentMailAction(urgentMail, text, about)])] : [alert];
  }
  if (context.targets.has(HELPDESK)) return [];
  return [
    unconditional([alertAction(`Needs a person (${channel}): ${reason}. ${link}`, [], about)]),
  ];
}

/** So long a conversation waits for the operator to mend what the model's provider refuses. */
const REFUSED_WAIT_MS = 24 * 3_600_000;

/**
 * The shop or the model is down: the customer is told once, the turn is retried, and people take over when the policy's
 * retry time is over. Without a part that is down the turn only waits, and the customer is told nothing. What a provider
 * refuses is for the operator to mend: the team is alerted once a day for each cause, and customers' conversations are
 * not handed to people for it.
 */
export function planRetry(
  ending: Ending,
  part: "shop" | "system" | "model" | null,
  reason: string,
  refusal?: string,
): Plan {
  const { context, snapshot } = ending;
  const shopRetryMs = refusal !== undefined ? REFUSED_WAIT_MS : context.policy.caps.shopRetryMs;
  const now = context.clock.now();
  const since = snapshot.state.retrySince ?? now;
  const waitedMs = now.getTime() - since.getTime();
  if (waitedMs >= shopRetryMs)
    return planHandOver(ending, {
      ...(part === null
        ? { reason, summary: NO_SUMMARY, tried: [] }
        : {
            reason: `the ${part} could not be asked for ${Math.round(shopRetryMs / 60_000)} minutes`,
            summary: reason,
            tried: [`asking the ${part} several times`],
          }),
      delicate: null,
    });
  const told =
    part !== null && snapshot.state.retrySince === null
      ? unavailableText(context, endingAddressee(ending))
      : [];
  // Twice as long each time, between five seconds and five minutes, and never past the moment people are asked.
  const waitMs = Math.min(Math.max(5_000, waitedMs), 300_000, shopRetryMs - waitedMs);
  return {
    ...EMPTY_PLAN,
    bundles: [
      ...(told.length === 0 ? [] : [unconditional(told)]),
      ...(refusal === undefined
        ? []
        : [unconditional([refusalAlert(reason, `${utcDay(now)}: ${refusal}`)])]),
    ],
    trace: ending.trace,
    retry: { since, at: new Date(now.getTime() + waitMs) },
  };
}

function refusalAlert(reason: string, cause: string): ReturnType<typeof alertAction> {
  const text = `Nothing is answered: ${reason}. Conversations wait; \`deskhand doctor\` asks the model and says what to do.`;
  return alertAction(text, [], `model refused ${cause}`);
}

/** Logs a bug without any message text and makes its alert: one a day for all messages that trigger the same bug. */
export function mistakeAlert(
  { log, cardLink, clock }: Pick<JobContext, "log" | "cardLink" | "clock">,
  thrown: ErrorDescription,
  turnId: string,
): PlannedBundle {
  log.error("a check threw", { turn: turnId, kind: thrown.kind, frames: thrown.frames });
  const text = `A check of this program failed on a message: ${thrown.kind}. People have the conversation, and every other one this happens with; this is said once a day. ${cardLink(turnId)}`;
  return unconditional([alertAction(text, [], `thrown:${thrown.kind}:${utcDay(clock.now())}`)]);
}

// What the agent hands over, with or without an answer to what is known.

interface HandedOver {
  readonly result: TurnResult;
  readonly ending: Extract<TurnEnding, { kind: "escalate" }>;
  readonly lost: AbortSignal;
}

/** The plan for what the agent hands over: people get it, with or without an answer to what is known. */
export async function planEscalation(
  known: TurnContext,
  requester: BoundRequester,
  handed: HandedOver,
): Promise<Plan> {
  const { result, ending } = handed;
  const { reason, thrown, answer } = ending;
  const orders = await orderLines(known.context, requester, {
    result,
    text: customerText(known.unread),
  });
  const base = { ...commonEnding(known, requester, result, "escalated", reason), orders };
  const why = { ...ending, isModelsOwn: !known.context.agent.isRehearsal };
  const plan =
    answer === undefined
      ? planHandOver(base, why)
      : await planAnsweredHandOver(known, requester, base, { ...handed, answer, why });
  if (thrown === undefined) return plan;
  return { ...plan, bundles: [...plan.bundles, mistakeAlert(known.context, thrown, known.turnId)] };
}

/**
 * Where policy lets such a reply out alone, people take over at once and the message goes with it. Where it asks, a card
 * shows the message, and people take over when it is sent, or when the card ends in any other way. Where nothing may be
 * sent, the team gets the answer as a draft.
 */
async function planAnsweredHandOver(
  known: TurnContext,
  requester: BoundRequester,
  base: Ending,
  given: HandedOver & { readonly answer: string; readonly why: HandOverReason },
): Promise<Plan> {
  const { result, answer, why, lost } = given;
  const { policy, guard } = known.context;
  const { handover } = policy.textsIn(
    guard.languageOf(known.unread),
    known.snapshot.state.conversation,
  );
  const whole = (words: string): Bundle => bundleOfTurn(known, requester, result, words);
  const bundle = whole(`${answer}\n\n${handover}`);
  if (bundle.verdict === "shadow" || bundle.replies.length === 0) {
    const notDone = result.actions.map(({ planned }) => `not done: ${planned.label}`);
    const tried = [...why.tried, ...notDone, `drafted and not sent: ${guard.mask(answer)}`];
    return planHandOver(base, { ...why, tried });
  }
  if (bundle.verdict === "allow")
    return planHandOver(base, {
      ...why,
      answered: { text: answer, rules: [...bundle.rules], replies: (text) => whole(text).replies },
    });
  return withRest(
    await planApproval(known, requester, { result, bundle, clarified: false, lost }),
    why,
  );
}

/** The card says what happens when the draft is sent, and keeps what people need then. */
function withRest(plan: Plan, why: HandOverReason): Plan {
  if (plan.card === null) return plan;
  const { content } = plan.card;
  const unanswered = [...(why.unanswered ?? [])];
  return {
    ...plan,
    card: {
      ...plan.card,
      content: {
        ...content,
        passesOn: { reason: why.reason, summary: why.summary, unanswered, tried: [...why.tried] },
        remarks: [
          ...content.remarks,
          plainFlag(`People take over once this is sent: ${why.reason}`),
          ...unanswered.map((open) => plainFlag(`Not answered: ${open}`)),
        ],
      },
    },
  };
}
