/** Plans the answer to the open messages, with the model where policy and limits allow, and shows that it is being written. */

import { inWords } from "#core/values/words.ts";
import { withinMs } from "#core/values/deadline.ts";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import {
  type BoundRequester,
  type IdentityEvidence,
  unknownIdentity,
  weakerProof,
} from "#core/values/identity.ts";
import type { DelicateSign } from "#core/contracts/guard.ts";
import type { Message } from "#core/values/message.ts";
import {
  answerAudience,
  openMattersSearch,
  textsOfCase,
  type WholeCase,
  whyWithPeople,
  withWholeCase,
} from "#jobs/cases/whole-case.ts";
import { tellElsewhere, withCase } from "#jobs/cases/place-turn.ts";
import { connectedChannel, type JobContext, LIMITS } from "#jobs/context/job-context.ts";
import { conversationAfter, type ConversationChanges } from "#jobs/conversation/changes.ts";
import { type ConversationSnapshot, questionsAsked } from "#jobs/conversation/snapshot.ts";
import {
  inspectKnowing,
  notSaidHarmless,
  secondOpinionBeside,
  customerText,
  newTurnContext,
  traceRecord,
  type TurnContext,
} from "#jobs/conversation/turn-context.ts";
import { orderLines } from "#jobs/handoff/messages.ts";
import { codesLast } from "#jobs/identity/one-time-codes.ts";
import { planJunk } from "#jobs/junk/set-aside.ts";
import { EMPTY_PLAN, type Plan } from "#jobs/plan/plan.ts";
import { saidHarmlessIn } from "#store/reports/draft-differences.ts";
import type { TurnResult } from "#core/contracts/agent.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import { currentPause } from "#store/effects/pause.ts";
import { exceededAnswerLimit, exceededCap, exceededWriteLimit } from "./limits.ts";
import { planApproval, planBlocked } from "./plan-approval.ts";
import {
  commonEnding,
  planEscalation,
  planHandOver,
  planRetry,
  planToPeople,
  UNKNOWN_REQUESTER,
} from "./plan-escalation.ts";
import { orDraftBefore, redraftInstruction } from "./news.ts";
import { type Bundle, bundleActions, bundleOfTurn } from "./compose-proposal.ts";
import { planDuplicate, planNeedless } from "./plan-unanswered.ts";

/** Decides what the open messages lead to: block, hand over, or ask the agent, which stops when the lease is `lost`. */
export async function planAnswer(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  lost: AbortSignal,
): Promise<Plan> {
  const known = await withSaidHarmless(newTurnContext(context, snapshot, changes));
  const { unread, guard } = known;
  if (guard.verdict === "block") return planBlocked(known, await requesterForPeople(known));
  const delicate = context.guard.delicate(notHandedOverBefore(known));
  // A weak sign is a doubt of the guard's, which the model judges where there is one.
  const isJudged = delicate?.isWeak === true && !context.agent.isRehearsal;
  if (delicate !== null && !isJudged) return planDelicate(known, delicate);
  const looping = unread.some(({ author }) => author.program === "looping")
    ? LOOPING
    : exceededAnswerLimit(snapshot, unread);
  if (looping !== null)
    return planHandOver(commonEnding(known, UNKNOWN_REQUESTER, null, "escalated", looping), {
      reason: looping,
      summary: "Nothing more is answered by itself here.",
      tried: [],
      delicate: null,
      // An operator who listed a program also chose how often it is answered; then the hand-over text may go out too.
      untold: looping !== LOOPING,
    });
  return orDraftBefore(await askAgent(known, lost), known);
}

/** People answer, with who it is and what they ordered; cards that wait elsewhere for the same customer are told of it. */
async function planDelicate(known: TurnContext, { topic, words }: DelicateSign): Promise<Plan> {
  const requester = await requesterForPeople(known);
  const given = { result: null, text: customerText(known.unread) };
  const orders = await orderLines(known.context, requester, given);
  const ending = commonEnding(known, requester, null, "escalated", topic);
  const why = {
    reason: `delicate: ${inWords(topic)} (“${words}”)`,
    summary: "No draft was made: messages like this are answered by people.",
    tried: [],
    delicate: topic,
  };
  return withCase(planHandOver({ ...ending, orders }, why), { known, requester }, null);
}

/**
 * The open messages without those that people have had: who gave them back knew them, and a delicate one among them
 * would take the conversation away from the bot again at once. The newest counts in any case.
 */
function notHandedOverBefore({ snapshot, unread }: TurnContext): readonly Message[] {
  const had = new Set(
    snapshot.stored
      .filter(
        ({ outcome, outcomeReason }) =>
          outcome === "escalated" || (outcome === null && outcomeReason !== null),
      )
      .map(({ message }) => message.key),
  );
  return unread.filter((message, index) => index === unread.length - 1 || !had.has(message.key));
}

/** Who it is, as far as the shop says so soon; else what the messages prove by themselves. */
function requesterForPeople({ context, unread }: TurnContext): Promise<BoundRequester> {
  const evidence = weakest(unread);
  const { level, reason } = evidence;
  return withinMs(PEOPLE_LOOKUP_MS, (signal) => context.bind(evidence, signal)).catch(() => ({
    ...UNKNOWN_REQUESTER,
    level,
    reason,
  }));
}

/** A shop that takes longer is done without. */
const PEOPLE_LOOKUP_MS = 3_000;

const LOOPING = "another program answers again and again, with no person in between";

/** Hands the open messages to people without asking the agent. */
export async function planHandOverWithoutModel(
  context: JobContext,
  snapshot: ConversationSnapshot,
  changes: ConversationChanges,
  reason: string,
): Promise<Plan> {
  return planToPeople(newTurnContext(context, snapshot, changes), UNKNOWN_REQUESTER, null, {
    reason,
    summary: "No draft was made: a person has to look.",
  });
}

/** Looks up what teammates said to be harmless, where the guard holds something back or other conversations are read. */
async function withSaidHarmless(known: TurnContext): Promise<TurnContext> {
  const { context, snapshot, unread, guard } = known;
  const others = snapshot.caseOthers.map(({ state }) => state.conversation.id);
  const isAllowed = guard.verdict === "allow" && context.secondOpinion === null;
  if (isAllowed && others.length === 0) return known;
  const saidHarmless = await context.store.run(saidHarmlessIn, [
    snapshot.state.conversation.id,
    ...others,
  ]);
  return { ...known, saidHarmless, guard: inspectKnowing(context.guard, unread, saidHarmless) };
}

/** The weakest evidence among the messages counts; messages with different identities prove none of them. */
function weakest(unread: readonly Message[]): IdentityEvidence {
  const [first, ...rest] = unread.map((message) => message.identity);
  if (first === undefined) throw new Error("a turn has messages");
  const handle = JSON.stringify(first.handle);
  return rest.reduce(
    (worst, evidence) =>
      JSON.stringify(evidence.handle) === handle
        ? weakerProof(worst, evidence)
        : unknownIdentity("messages of different senders"),
    first,
  );
}

/** Binds the open messages to their customer, and answers them with all that is open in the same case. */
async function askAgent(given: TurnContext, lost: AbortSignal): Promise<Plan> {
  const evidence = weakest(given.unread);
  let requester: BoundRequester;
  try {
    requester = await withinMs(LIMITS.lookupMs, (signal) => given.context.bind(evidence, signal));
  } catch (error) {
    if (!(error instanceof DeskhandError && error.retry)) throw error;
    const stranger = { ...UNKNOWN_REQUESTER, level: evidence.level, reason: evidence.reason };
    return planRetry(
      commonEnding(given, stranger, null, "pending", reasonOf(error)),
      "shop",
      reasonOf(error),
    );
  }
  const junk = await planJunk(given, requester);
  if (junk !== null) return junk;
  const whole = await tellElsewhere(withWholeCase(given, requester));
  const people = await whyToPeople(whole);
  if (people === null) return askForWholeCase(whole, lost);
  const plan = planToPeople(whole.known, whole.requester, null, {
    reason: people,
    summary: "The model was not asked again.",
  });
  return withCase(plan, whole, null);
}

/** Why people answer without the model: they have the case already, or a limit is used up. */
async function whyToPeople(whole: WholeCase) {
  const { known, requester } = whole;
  const { context, snapshot, unread } = known;
  const writer = { id: unread.at(-1)?.author.id ?? "", level: requester.level };
  return (
    whyWithPeople(whole) ??
    (await exceededCap(context, snapshot, writer)) ??
    (await exceededWriteLimit(context, snapshot))
  );
}

async function askForWholeCase(asked: WholeCase, lost: AbortSignal): Promise<Plan> {
  const { known: before, requester } = asked;
  const { context, snapshot, changes, unread, turnId, guard } = before;
  const conversation = conversationAfter(snapshot, changes);
  const asks = { channel: conversation.channel, message: unread.at(-1) };
  const instruction = await redraftInstruction(context, snapshot);
  const isOver = new AbortController();
  const opinion = secondOpinionBeside(
    context,
    { messages: notSaidHarmless(unread, before.saidHarmless), verdict: guard },
    AbortSignal.any([lost, isOver.signal]),
  );
  const result = await whileTyping(context, asks, () =>
    context.agent.run({
      turnId,
      conversation,
      ...textsOfCase(asked),
      olderMessages: snapshot.messageKeys.size - snapshot.stored.length,
      requester,
      audience: answerAudience(unread, requester),
      guard,
      ...(opinion === null ? {} : { opinion }),
      mayAsk: questionsAsked(snapshot) < context.policy.caps.questionsMax,
      keepsSender: connectedChannel(context, conversation.channel).keepsSender,
      voice: context.policy.voiceOf(conversation.channel, conversation.brand),
      language: context.guard.languageOf(unread),
      ...instruction,
      ...openMattersSearch(asked),
      // The agent keeps its own time limit and hands over when it is reached. A second timer here would fire first and
      // turn that into an error, and the same turn would be retried again and again.
      signal: lost,
    }),
  ).finally(() => isOver.abort());
  const known = { ...before, guard: opinion?.now() ?? guard };
  const whole = { ...asked, known };
  const ordered = { ...result, actions: codesLast(result.actions, ({ planned }) => planned) };
  const plan =
    (await planDuplicate(known, requester, result)) ??
    (await planResult(known, requester, ordered, lost));
  return { ...withCase(plan, whole, result), recording: result.recording ?? null };
}

// What the agent's result leads to.

/** What the agent's result leads to: a bundle that policy allows, a card, a hand-over, or another try. */
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
        commonEnding(known, requester, result, "pending", ending.reason),
        ending.part,
        ending.reason,
        ending.refusal,
      );
    case "escalate":
      return (
        (await planNeedless(known, requester, { result, ending })) ??
        planEscalation(known, requester, { result, ending, lost })
      );
    case "reply":
    case "clarify":
      return planFromModel(known, requester, { result, ending, lost });
  }
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
  const bundle = bundleOfTurn(known, requester, result, ending.text);
  const clarified = ending.kind === "clarify";
  if (bundle.replies.length === 0) return planUnanswerable(known, requester, result);
  if (bundle.verdict === "allow") return planAllowed(known, requester, result, bundle, clarified);
  return planApproval(known, requester, { result, bundle, clarified, lost });
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
        actions: bundleActions(bundle),
        approvedBy: "policy",
        forThisRevision: true,
        reservations: bundle.actions.map(({ planned, decision }) => ({
          key: planned.key,
          reservations: decision.reservations,
        })),
      },
    ],
    voids: "Answered by policy: what waited is out of date.",
    trace: traceRecord(known, {
      requester,
      result,
      outcome: "answered",
      reason: bundle.rules.map((rule) => rule.rule).join(", "),
      approvalRequired: false,
      rules: bundle.rules,
    }),
    clarified,
  };
}

/** A message that cannot be answered, such as a note of an author the bot may not reply to, goes to people instead. */
function planUnanswerable(known: TurnContext, requester: BoundRequester, result: TurnResult): Plan {
  const ending = commonEnding(known, requester, result, "escalated", "no answer may be sent here");
  return planHandOver(ending, {
    reason: "there is no address this may be answered to",
    summary: "The message cannot be answered by the channel it came from.",
    tried: [],
    delicate: null,
  });
}

// Shows the customer that an answer is being written.

/** An answer faster than this needs no indicator. */
const AFTER_MS = 400;

/**
 * Runs the work and meanwhile shows the indicator to the author of the message, where the channel supports it and
 * policy writes to customers at all. The work never waits for the indicator and never fails because of it.
 */
async function whileTyping<Result>(
  context: JobContext,
  to: { readonly channel: ChannelName; readonly message: Message | undefined },
  work: () => Promise<Result>,
): Promise<Result> {
  const { message } = to;
  if (message === undefined || context.policy.replyAutonomy(to.channel, "") === "shadow")
    return work();
  const { showWork } = connectedChannel(context, to.channel);
  if (showWork === null) return work();
  const shown: { first: Promise<boolean> | null } = { first: null };
  const show = async (): Promise<boolean> => {
    // To a customer the indicator is as good as a message from us, so a pause stops it.
    const { holds } = await currentPause(context.store);
    // The topic is not known yet, so a pause of a topic does not apply here.
    if (holds.some(({ scope }) => scope === "all" || scope === to.channel)) return false;
    await showWork(message, true);
    return true;
  };
  const failed = (error: unknown): false => {
    context.log.warn("the customer is not shown that work is done", { reason: reasonOf(error) });
    return false;
  };
  const timer = setTimeout(() => {
    shown.first = show().catch(failed);
  }, AFTER_MS);
  timer.unref();
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    // In this order, however long the first call takes.
    void shown.first
      ?.then((isShown) => (isShown ? showWork(message, false) : undefined))
      .catch(failed);
  }
}
