/** Decides what a turn does: makes the plan, adds the fixed steps, and hands over to people when a check throws. */

import { quotedExcerpt } from "#core/values/card-text.ts";
import { CHANNEL_TRAITS } from "#core/values/channel-traits.ts";
import type { Signal } from "#core/values/message.ts";
import { maskOr } from "#core/values/thrown.ts";
import { findManualReply, undoneBundles } from "#jobs/approval/manual-reply.ts";
import type { JobContext } from "#jobs/context/job-context.ts";
import { openAttachments } from "#jobs/conversation/attachments.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";
import { addLinkedTicket } from "#jobs/handoff/linked-ticket.ts";
import { passedOnText } from "#jobs/handoff/messages.ts";
import { alertAction } from "#jobs/plan/own-actions.ts";
import type { PlanStep, PastEffects } from "#jobs/conversation/plan-step.ts";
import {
  EMPTY_PLAN,
  type Plan,
  messageKeyList,
  type SentByHand,
  unconditional,
} from "#jobs/plan/plan.ts";
import { adoptPastEffects, withoutAnswered } from "#jobs/effects/find-past-effects.ts";
import { commitTurn, type DecidedTurn, type SavedTurn } from "./commit-turn.ts";
import { recordingResults, orThrown, planFailedCheck, catchMistakes } from "./failed-check.ts";
import { isNews } from "./news.ts";
import { planHandOverWithoutModel, planAnswer } from "./plan-answer.ts";
import { clearRedraft } from "./redraft.ts";
import { planBarred, planUnserved, setUnprovenAside } from "./plan-barred.ts";

// The plan step for what a source reports and a person has to read: replies that bounced, bad ratings with words.

const COMMENT_MAX = 400;

/** Stands for a comment that is not shown. */
const WITHHELD = "Its words are not shown here.";

/** Tells the team once about each reply that did not arrive, and about each bad rating that says why. */
const addSignalAlerts: PlanStep = (plan, { context, snapshot, changes }) => {
  const { channel, id } = snapshot.state.conversation;
  const alerts = changes.newSignals.flatMap((signal) => {
    const words = wordsFor(context, signal, { where: `${channel}, conversation ${id}`, id });
    return words === null
      ? []
      : [unconditional([alertAction(words, [], `${signal.kind}:${signal.key}`)])];
  });
  return alerts.length === 0 ? plan : { ...plan, bundles: [...plan.bundles, ...alerts] };
};

function wordsFor(
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
    ? quotedExcerpt(maskOr(context.guard, signal.comment, WITHHELD), COMMENT_MAX)
    : WITHHELD;
  return `Rated bad (${where}): ${comment} ${context.cardLink(id)}`;
}

/** What a decision rests on besides the snapshot. */
export interface DecisionInput {
  readonly changes: ConversationChanges;
  readonly pastEffects: PastEffects;
  /** True when a wait for the model or the shop is over: the plan is made again without news. */
  readonly retriesPlan: boolean;
  readonly lost: AbortSignal;
}

/** The steps added to every plan, in this order. */
const STEPS: readonly PlanStep[] = [
  adoptPastEffects,
  addSignalAlerts,
  setUnprovenAside,
  addLinkedTicket,
  clearRedraft,
];

/**
 * Decides the turn and saves it. If a check throws on the way, even while cards are rendered within the commit, people
 * take over instead: an unfinished commit leaves nothing behind.
 */
export function decideAndSave(
  given: JobContext,
  start: Pick<DecidedTurn, "lease" | "snapshot" | "read">,
  input: DecisionInput,
): Promise<SavedTurn> {
  const { lost, pastEffects } = input;
  const { snapshot } = start;
  const { context, spent } = recordingResults(given);
  const answerable = withoutAnswered(input.changes, pastEffects);
  const save = (changes: ConversationChanges, plan: Plan): Promise<SavedTurn> => {
    const turn = { context, snapshot, changes, pastEffects };
    const whole = STEPS.reduce((planned, step) => step(planned, turn), plan);
    return commitTurn(context, { ...start, changes, plan: whole });
  };
  return orThrown(
    () =>
      catchMistakes(lost, async () => {
        const conversation = conversationAfter(snapshot, answerable);
        const changes = await openAttachments(context, conversation, answerable, lost);
        return save(changes, await planFor(context, snapshot, changes, input));
      }),
    (thrown) =>
      catchMistakes(lost, () =>
        save(answerable, planFailedCheck(context, snapshot, answerable, { thrown, spent })),
      ),
  );
}

/** The first that applies: barred, not served, with people, nothing open, handed over before a restore, news. */
async function planFor(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  { retriesPlan, lost, pastEffects: { toPeople, answered } }: DecisionInput,
): Promise<Plan> {
  const { participants } = changes;
  if (participants.barred !== null) return planBarred(changes, participants.barred);
  if (participants.unserved !== null)
    return planUnserved(conversationAfter(snapshot, changes), changes, participants.unserved);
  if (changes.ownership.owner === "human") return planHumanOwned(context, snapshot, changes);
  if (changes.open.length === 0)
    return answered.length === 0
      ? EMPTY_PLAN
      : { ...EMPTY_PLAN, voids: "It was answered already." };
  if (toPeople !== null) return planHandOverWithoutModel(context, snapshot, changes, toPeople);
  return retriesPlan || isNews(snapshot, changes)
    ? planAnswer(context, snapshot, changes, lost)
    : keepRetry(snapshot);
}
/** A signal that changes nothing leaves a running retry as it is. */
function keepRetry(snapshot: ConversationSnapshot): Plan {
  const { retrySince, wakeAt } = snapshot.state;
  return retrySince === null || wakeAt === null
    ? EMPTY_PLAN
    : { ...EMPTY_PLAN, retry: { since: retrySince, at: wakeAt } };
}

// The plan of a turn while people own the conversation.

/**
 * Writes no answer to the customer. What waits is withdrawn, or ends as sent when a teammate published it by hand. Who
 * waits in a window and asks something else there is told that people have this too.
 */
function planHumanOwned(
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
    ],
    voids: `Withdrawn: ${reason}. People answer this conversation now.`,
    sentByHand: sent,
  };
}

/** True where the customer sees nothing of people's work, and no teammate has written to them since the hand-over. */
function waitsInSilence(
  { state: { conversation, owner, handedOverAt }, stored, linkedMessages }: ConversationSnapshot,
  { open, newMessages }: ConversationChanges,
): boolean {
  if (!CHANNEL_TRAITS[conversation.channel].isOneWindow || open.length === 0) return false;
  if (owner !== "human" || handedOverAt === null) return false;
  const messages = [...stored, ...linkedMessages].map(({ message }) => message);
  return ![...messages, ...newMessages].some(
    ({ author, visibility, sentAt }) =>
      author.kind === "teammate" &&
      visibility === "public" &&
      Date.parse(sentAt) >= handedOverAt.getTime(),
  );
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
