/** Plans the answer to the open messages, with the model where policy and limits allow. */

import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { BoundRequester, IdentityEvidence } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { planApproval, planBlocked } from "./plan-approval.ts";
import type { TurnContext } from "./turn-context.ts";
import { duplicateOf } from "./duplicate-action.ts";
import { exceededCap } from "./limits.ts";
import { translateForTeam } from "./translate-for-team.ts";
import { exceededAnswerLimit, exceededWriteLimit } from "./loop-limits.ts";
import { codesLast, decidedCodesLast } from "#jobs/identity/one-time-code.ts";
import { planHandOver, planRetry } from "./plan-escalation.ts";
import { channelOf, LIMITS, type JobContext } from "#jobs/context/job-context.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import { composeProposal, type Bundle } from "./compose-proposal.ts";
import { traceRecord } from "./trace-record.ts";
import { whileTyping } from "./typing-indicator.ts";
import { redraftInstruction, orDraftBefore, redraftIn } from "./redraft.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { audienceOf, visibleHistory } from "#jobs/conversation/visible-history.ts";
import { isFromCustomer } from "#jobs/conversation/participants.ts";
import { mistakeAlert } from "./failed-check.ts";
import { endingOf, newestAuthors, UNKNOWN_REQUESTER } from "./turn-ending.ts";
import type { ConversationSnapshot } from "#jobs/conversation/snapshot.ts";

/** Decides what the open messages lead to: block, hand over, or ask the agent, which stops when the lease is `lost`. */
export async function planAnswer(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  lost: AbortSignal,
): Promise<Plan> {
  const known = knownOf(context, snapshot, changes);
  const { unread, guard } = known;
  if (guard.verdict === "block") {
    const { level, reason } = weakest(unread);
    return planBlocked(known, { ...UNKNOWN_REQUESTER, level, reason });
  }
  const delicate = context.guard.delicate(unread);
  if (delicate !== null)
    return planHandOver(endingOf(known, UNKNOWN_REQUESTER, null, "escalated", delicate.topic), {
      reason: `delicate: ${delicate.topic.replaceAll("_", " ")} (“${delicate.words}”)`,
      summary: "No draft was made: messages like this are answered by people.",
      tried: [],
      delicate: delicate.topic,
    });
  const looping = unread.some(({ author }) => author.program === "looping")
    ? LOOPING
    : exceededAnswerLimit(snapshot, unread);
  if (looping !== null)
    return planHandOver(endingOf(known, UNKNOWN_REQUESTER, null, "escalated", looping), {
      reason: looping,
      summary: "Nothing more is answered by itself here.",
      tried: [],
      delicate: null,
      // An operator who listed a program also chose how often it is answered; then the hand-over text may go out too.
      untold: looping !== LOOPING,
    });
  return orDraftBefore(await askAgent(known, lost), known);
}

const LOOPING = "another program answers again and again, with nobody in between";

/** Hands the open messages to people without asking the agent. */
export async function planHandOverWithoutModel(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  reason: string,
): Promise<Plan> {
  return planHandOver(
    endingOf(knownOf(context, snapshot, changes), UNKNOWN_REQUESTER, null, "escalated", reason),
    { reason, summary: "No draft was made: a person has to look.", tried: [], delicate: null },
  );
}

function knownOf(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
): TurnContext {
  const unread = newestAuthors(changes.open);
  return {
    context,
    snapshot,
    changes,
    unread,
    startedAt: context.clock.now(),
    turnId: context.ids.next("t"),
    guard: context.guard.inspect(unread),
  };
}

/** The weakest evidence among the messages counts; messages with different identities prove none of them. */
function weakest(unread: readonly Message[]): IdentityEvidence {
  const [first, ...rest] = unread.map((message) => message.identity);
  if (first === undefined) throw new Error("a turn has messages");
  const handle = JSON.stringify(first.handle);
  return rest.reduce(
    (worst, evidence) =>
      JSON.stringify(evidence.handle) === handle
        ? evidence.level < worst.level
          ? evidence
          : worst
        : {
            level: 0,
            method: "none",
            reason: "messages of different senders",
            handle: { kind: "none" },
          },
    first,
  );
}

async function askAgent(known: TurnContext, lost: AbortSignal): Promise<Plan> {
  const { context, snapshot, changes, unread, turnId, guard } = known;
  const evidence = weakest(unread);
  let requester: BoundRequester;
  try {
    requester = await context.bind(evidence, AbortSignal.timeout(LIMITS.lookupMs));
  } catch (error) {
    if (!(error instanceof DeskhandError && error.retry)) throw error;
    const stranger = { ...UNKNOWN_REQUESTER, level: evidence.level, reason: evidence.reason };
    return planRetry(
      endingOf(known, stranger, null, "pending", reasonOf(error)),
      "shop",
      reasonOf(error),
    );
  }
  const conversation = conversationAfter(snapshot, changes);
  const spent =
    (await exceededCap(context, snapshot)) ?? (await exceededWriteLimit(context, snapshot));
  if (spent !== null)
    return planHandOver(endingOf(known, requester, null, "escalated", spent), {
      reason: spent,
      summary: "The model was not asked again.",
      tried: [],
      delicate: null,
    });
  const asks = { channel: conversation.channel, message: unread.at(-1) };
  const result = await whileTyping(context, asks, () =>
    context.agent.run({
      turnId,
      conversation,
      history: visibleHistory(changes.history, unread),
      olderMessages: snapshot.messageKeys.size - snapshot.stored.length,
      unread,
      requester,
      audience: audienceOf(unread, requester),
      guard,
      // A question that still waits on a card has not reached the customer.
      clarifiedBefore: snapshot.state.clarified && snapshot.pending === null,
      keepsSender: channelOf(context, conversation.channel).keepsSender,
      voice: context.policy.voiceOf(conversation.channel, conversation.brand),
      language: context.guard.languageOf(unread),
      ...redraftInstruction(snapshot),
      // The agent keeps its own time limit and hands over when it is reached. A second timer here would fire first and
      // turn that into an error, and the same turn would be retried again and again.
      signal: lost,
    }),
  );
  const before = await duplicateOf(context, result.actions, changes.overtaken);
  if (before !== null) return planDuplicate(known, requester, result, before);
  const ordered = { ...result, actions: decidedCodesLast(result.actions) };
  return planResult(known, requester, ordered, lost);
}

/** Planning again would lead to the same action under the same key. */
function planDuplicate(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
  { kind, reason }: NonNullable<Awaited<ReturnType<typeof duplicateOf>>>,
): Plan {
  if (kind === "wait")
    return planRetry(endingOf(known, requester, result, "pending", reason), "shop", reason);
  return planHandOver(endingOf(known, requester, result, "escalated", reason), {
    reason,
    summary: "Nothing was proposed for it a second time.",
    tried: [],
    delicate: null,
  });
}

async function planResult(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
  lost: AbortSignal,
): Promise<Plan> {
  const { ending } = result;
  switch (ending.kind) {
    case "unavailable":
      return planRetry(
        endingOf(known, requester, result, "pending", ending.reason),
        ending.part,
        ending.reason,
      );
    case "escalate":
      return planEscalation(known, requester, result, ending);
    case "reply":
    case "clarify":
      return planFromModel(known, requester, { result, ending, lost });
    default:
      throw new Error(`unknown ending ${String(ending satisfies never)}`);
  }
}

function planEscalation(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
  ending: Extract<TurnResult["ending"], { kind: "escalate" }>,
): Plan {
  const { reason, thrown } = ending;
  const plan = planHandOver(endingOf(known, requester, result, "escalated", reason), ending);
  if (thrown === undefined) return plan;
  return { ...plan, bundles: [...plan.bundles, mistakeAlert(known.context, thrown, known.turnId)] };
}

async function planFromModel(
  known: TurnContext,
  requester: BoundRequester,
  answered: {
    readonly result: TurnResult;
    readonly ending: { readonly kind: "reply" | "clarify"; readonly text: string };
    readonly lost: AbortSignal;
  },
): Promise<Plan> {
  const { result, ending, lost } = answered;
  const { context, snapshot, unread } = known;
  const bundle = composeProposal({
    conversation: conversationAfter(snapshot, known.changes),
    unread,
    result,
    text: ending.text,
    name: requester.name,
    policy: context.policy,
    byCustomer: isFromCustomer(known.changes.participants.customer, unread),
    wanted: redraftIn(snapshot) !== null,
  });
  const clarified = ending.kind === "clarify";
  if (bundle.replies.length === 0) return planUnanswerable(known, requester, result);
  if (bundle.verdict === "allow") return planAllowed(known, requester, result, bundle, clarified);
  const told = await translateForTeam(known, { result, bundle, lost });
  return planApproval(known, requester, told.result, bundle, { ...told, clarified });
}

function planAllowed(
  known: TurnContext,
  requester: BoundRequester,
  result: TurnResult,
  bundle: Bundle,
  clarified: boolean,
): Plan {
  return {
    ...EMPTY_PLAN,
    bundles: [
      {
        actions: codesLast([...bundle.actions.map(({ planned }) => planned), ...bundle.replies]),
        approvedBy: "policy",
        forThisRevision: true,
        reservations: bundle.actions.map(({ planned, decision }) => ({
          key: planned.key,
          reservations: decision.reservations,
        })),
      },
    ],
    voids: "Answered by policy: what waited is out of date.",
    trace: traceRecord(known.context, {
      ...known,
      requester,
      result,
      outcome: "answered",
      reason: bundle.rules.map((rule) => rule.rule).join(", "),
      approvalRequired: false,
      escalated: false,
      rules: bundle.rules,
    }),
    clarified,
  };
}

/** A message that cannot be answered, such as a note of an author the bot may not reply to, goes to people instead. */
function planUnanswerable(known: TurnContext, requester: BoundRequester, result: TurnResult): Plan {
  return planHandOver(
    endingOf(known, requester, result, "escalated", "nobody may be answered here"),
    {
      reason: "there is no address this may be answered to",
      summary: "The message cannot be answered by the channel it came from.",
      tried: [],
      delicate: null,
    },
  );
}
