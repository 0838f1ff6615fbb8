import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { BoundRequester, IdentityEvidence } from "#core/values/identity.ts";
import type { Message } from "#core/values/message.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import { planAsk, planBlocked, type Known } from "./plan-approval.ts";
import { askedBefore } from "./duplicate-action.ts";
import { overCap } from "./limits.ts";
import { loopReason } from "./answer-limit.ts";
import { forTheTeam } from "./translate-for-team.ts";
import { overWrites } from "./write-limit.ts";
import { codesLast, decidedCodesLast } from "#jobs/identity/one-time-code.ts";
import { planHandOver, planRetry } from "./plan-escalation.ts";
import { channelOf, LIMITS, type Parts } from "#jobs/context/job-context.ts";
import { NOTHING, type Plan } from "#jobs/plan/plan.ts";
import { composeBundle, type Bundle } from "./compose-proposal.ts";
import { recordOf } from "./trace-record.ts";
import { whileShown } from "./typing-indicator.ts";
import { instructionIn, orDraftBefore, redoIn } from "./redraft.ts";
import { conversationIn, type Situation } from "#jobs/conversation/changes.ts";
import { audienceOf, historyFor } from "#jobs/conversation/visible-history.ts";
import { isFromCustomer } from "#jobs/conversation/participants.ts";
import { alertOf } from "./failed-check.ts";
import { endingOf, newestAuthors, STRANGER } from "./turn-ending.ts";
import type { View } from "#jobs/conversation/snapshot.ts";

/** Decides what the open messages of a conversation lead to: stop, hand over, or ask the agent, until the lease is `lost`. */
export async function think(
  parts: Parts,
  view: View,
  situation: Situation,
  lost: AbortSignal,
): Promise<Plan> {
  const known = knownOf(parts, view, situation);
  const { unread, guard } = known;
  if (guard.verdict === "block") {
    const { level, reason } = weakest(unread);
    return planBlocked(known, { ...STRANGER, level, reason });
  }
  const delicate = parts.guard.delicate(unread);
  if (delicate !== null)
    return planHandOver(endingOf(known, STRANGER, null, "escalated", delicate.topic), {
      reason: `delicate: ${delicate.topic.replaceAll("_", " ")} (“${delicate.words}”)`,
      summary: "No draft was made: messages like this are answered by people.",
      tried: [],
      delicate: delicate.topic,
    });
  const looping = unread.some(({ author }) => author.program === "looping")
    ? LOOPING
    : await loopReason(parts, view, unread);
  if (looping !== null)
    return planHandOver(endingOf(known, STRANGER, null, "escalated", looping), {
      reason: looping,
      summary: "Nothing more is answered by itself here.",
      tried: [],
      delicate: null,
      // An operator who named a program also chose how often it is answered; the word that people take over goes with that.
      untold: looping !== LOOPING,
    });
  return orDraftBefore(await askAgent(known, lost), known);
}

const LOOPING = "another program answers again and again, with nobody in between";

/** People take the open messages over, and nobody asks the agent about them. */
export async function handOverUnthought(
  parts: Parts,
  view: View,
  situation: Situation,
  reason: string,
): Promise<Plan> {
  return planHandOver(
    endingOf(knownOf(parts, view, situation), STRANGER, null, "escalated", reason),
    { reason, summary: "No draft was made: a person has to look.", tried: [], delicate: null },
  );
}

function knownOf(parts: Parts, view: View, situation: Situation): Known {
  const unread = newestAuthors(situation.open);
  return {
    parts,
    view,
    situation,
    unread,
    startedAt: parts.clock.now(),
    turnId: parts.ids.next("t"),
    guard: parts.guard.inspect(unread),
  };
}

/** The weakest evidence among the messages counts, and messages that point at different people prove nobody. */
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

async function askAgent(known: Known, lost: AbortSignal): Promise<Plan> {
  const { parts, view, situation, unread, turnId, guard } = known;
  const evidence = weakest(unread);
  let requester: BoundRequester;
  try {
    requester = await parts.bind(evidence, AbortSignal.timeout(LIMITS.lookupMs));
  } catch (error) {
    if (!(error instanceof DeskhandError && error.retry)) throw error;
    const stranger = { ...STRANGER, level: evidence.level, reason: evidence.reason };
    return planRetry(
      endingOf(known, stranger, null, "pending", reasonOf(error)),
      "shop",
      reasonOf(error),
    );
  }
  const conversation = conversationIn(view, situation);
  const spent = (await overCap(parts, conversation.id)) ?? (await overWrites(parts, conversation));
  if (spent !== null)
    return planHandOver(endingOf(known, requester, null, "escalated", spent), {
      reason: spent,
      summary: "The model was not asked again.",
      tried: [],
      delicate: null,
    });
  const asks = { channel: conversation.channel, message: unread.at(-1) };
  const result = await whileShown(parts, asks, () =>
    parts.agent.run({
      turnId,
      conversation,
      history: historyFor(situation.history, unread),
      olderMessages: view.messageKeys.size - view.stored.length,
      unread,
      requester,
      audience: audienceOf(unread, requester),
      guard,
      // A question that still waits on a card was never asked.
      clarifiedBefore: view.state.clarified && view.pending === null,
      keepsSender: channelOf(parts, conversation.channel).keepsSender,
      voice: parts.policy.voiceOf(conversation.channel, conversation.brand),
      language: parts.guard.languageOf(unread),
      ...instructionIn(view),
      // How long a turn may take the agent minds itself, and hands over when it is over. A second clock here would ring
      // first and turn that into an error, after which the same turn is taken again and again.
      signal: lost,
    }),
  );
  const before = await askedBefore(parts, result.actions, situation.overtaken);
  if (before !== null) return planAskedBefore(known, requester, result, before);
  const ordered = { ...result, actions: decidedCodesLast(result.actions) };
  return planResult(known, requester, ordered, lost);
}

/** Thinking again and again would come to the same action under the same key. */
function planAskedBefore(
  known: Known,
  requester: BoundRequester,
  result: TurnResult,
  { kind, reason }: NonNullable<Awaited<ReturnType<typeof askedBefore>>>,
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
  known: Known,
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
      return planAnswer(known, requester, { result, ending, lost });
    default:
      throw new Error(`unknown ending ${String(ending satisfies never)}`);
  }
}

function planEscalation(
  known: Known,
  requester: BoundRequester,
  result: TurnResult,
  ending: Extract<TurnResult["ending"], { kind: "escalate" }>,
): Plan {
  const { reason, thrown } = ending;
  const plan = planHandOver(endingOf(known, requester, result, "escalated", reason), ending);
  if (thrown === undefined) return plan;
  return { ...plan, bundles: [...plan.bundles, alertOf(known.parts, thrown, known.turnId)] };
}

async function planAnswer(
  known: Known,
  requester: BoundRequester,
  answered: {
    readonly result: TurnResult;
    readonly ending: { readonly kind: "reply" | "clarify"; readonly text: string };
    readonly lost: AbortSignal;
  },
): Promise<Plan> {
  const { result, ending, lost } = answered;
  const { parts, view, unread } = known;
  const bundle = composeBundle({
    conversation: conversationIn(view, known.situation),
    unread,
    result,
    text: ending.text,
    name: requester.name,
    policy: parts.policy,
    byCustomer: isFromCustomer(known.situation.standing.customer, unread),
    wanted: redoIn(view) !== null,
  });
  const clarified = ending.kind === "clarify";
  if (bundle.replies.length === 0) return nobodyToAnswer(known, requester, result);
  if (bundle.verdict === "allow") return planAllowed(known, requester, result, bundle, clarified);
  const told = await forTheTeam(known, { result, bundle, lost });
  return planAsk(known, requester, told.result, bundle, { ...told, clarified });
}

function planAllowed(
  known: Known,
  requester: BoundRequester,
  result: TurnResult,
  bundle: Bundle,
  clarified: boolean,
): Plan {
  return {
    ...NOTHING,
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
    trace: recordOf(known.parts, {
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

/** A message with no way back, such as a note of somebody who may not be answered: people are told instead. */
function nobodyToAnswer(known: Known, requester: BoundRequester, result: TurnResult): Plan {
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
