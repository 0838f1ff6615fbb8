/**
 * Room: the agent, which turns one conversation's new messages into a reply, a question or a hand-over.
 * In: the turn's input (messages, requester, guard verdict) and the agent's ports.
 * Out: a turn result with ending, decided actions, spans, and token counts and costs.
 * May touch: one model, the read tools and, through `decide`, the policy; never a database or a channel.
 * Start here, then prompt.ts, tool-calls.ts and finish-turn.ts.
 */
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import type { ModelAnswer, ToolCall } from "#core/contracts/model.ts";
import { describeThrown, isOperating, thrownSpan } from "#core/values/thrown.ts";
import type { FindOpenMatters } from "#core/cases/open-matter.ts";
import type { Span } from "#core/values/trace.ts";
import type { Agent, TurnEnding, TurnInput, TurnResult } from "#core/contracts/agent.ts";
import type { AskedEnding } from "#tools/ending-tools.ts";
import { handleCall, toolOffers } from "./tool-calls.ts";
import { askedText, amountLeftOut, type Opening, shorten, startingMessages } from "./context.ts";
import { type Finished, finish, turnResult } from "./finish-turn.ts";
import { nextNonce } from "./data-marking.ts";
import { handOver } from "./escalation.ts";
import { findProcedures, procedureSpans } from "./follow-procedures.ts";
import type { FollowedProcedure } from "#core/contracts/knowledge.ts";
import { lookAgain } from "./look-again.ts";
import { customerOwnWords, provenanceIn } from "./customer-words.ts";
import { translate } from "./translate.ts";
import { verify } from "./verify-draft.ts";
import { startRecording } from "#agent/recording/record.ts";
import { askModel, nothingUsed, visibleTokens } from "./span.ts";
import { startDeadline } from "#core/values/deadline.ts";
import type { AgentParts, TurnState } from "./turn-state.ts";
import { oneClaimedAddress } from "#guard/identity/bind-requester.ts";

/** A model gets one chance to correct a bad call; one that needs more cannot handle this conversation. */
const INVALID_ROUNDS_MAX = 1;
const CALLS_PER_STEP_MAX = 8;

/** How many tokens of thoughts a turn may take for each of its answers' tokens. */
const THOUGHTS_TIMES = 5;

/** The share of a turn's time one model call may take: a call that hangs leaves time for another and for the rest. */
const TRY_SHARE = 1 / 3;

/**
 * Creates the agent. A turn repeats: ask the model, run the read tools it calls, put the changes it proposes to the
 * policy, until it replies, asks back or escalates, or a cap ends it. It has no effect outside the model and the read
 * tools: jobs carry out what it proposes later, after approval.
 */
export function createAgent(parts: AgentParts): Agent {
  return {
    modelName: parts.model.name,
    isRehearsal: parts.model.isRehearsal,
    verifies: parts.verifier !== null,
    translate: (words, turn) => translate(parts, words, turn),
    verify: (draft, turn) => verify(parts, draft, turn),
    run: (input) => (parts.recorded === true ? runRecorded(parts, input) : runTurn(parts, input)),
  };
}

/** The same turn with a recording of what it was given. */
async function runRecorded(parts: AgentParts, input: TurnInput): Promise<TurnResult> {
  const recorder = startRecording(parts, input);
  const result = await runTurn(recorder.parts, input);
  return { ...result, recording: recorder.recordingOf(result) };
}

async function runTurn(parts: AgentParts, input: TurnInput): Promise<TurnResult> {
  const followed = await findProcedures(parts.procedures, input);
  const state = startState(input, parts, followed);
  try {
    if (input.guard.verdict === "block")
      return turnResult(state, handOver(state, "The message was stopped by the guard."));
    await lookAgain(state, parts);
    return await goRound(state, parts);
  } catch (error) {
    return turnResult(state, endingFor(error, state, parts));
  } finally {
    state.deadline.end();
  }
}

function startState(
  input: TurnInput,
  parts: AgentParts,
  procedures: readonly FollowedProcedure[],
): TurnState {
  const nonce = nextNonce(parts);
  const readOnly = input.guard.verdict !== "allow";
  const startedAt = parts.clock.now();
  const caps = parts.caps();
  const deadline = startDeadline(input.signal, caps.turn.ms);
  const opening = openingFor(parts, { input, nonce, readOnly, procedures, today: startedAt });
  return {
    input,
    nonce,
    startedAt,
    deadline,
    caps,
    context: {
      conversationId: input.conversation.id,
      requester: input.requester,
      audience: input.audience,
      answers: input.unread.map(({ key }) => key),
      asked: askedText(input, parts.guard),
      ownWords: customerOwnWords(input),
      claimedAddress: oneClaimedAddress(input.unread, input.history),
      subject: input.conversation.subject,
      brand: input.conversation.brand,
      openMatters: input.openMatters ?? nothingOpen,
      signal: deadline.signal,
    },
    messages: startingMessages(opening),
    opening,
    isShortened: false,
    procedures,
    followed: "",
    leftOut: "",
    ...nothingUsed(),
    spans: [...contextSpans(input, startedAt), ...procedureSpans(procedures, startedAt)],
    actions: new Map(),
    denied: new Map(),
    passages: new Map(),
    toolsCalled: [],
    provenance: new Set(provenanceIn(input)),
    toolResults: [],
    tried: [],
    told: new Map(),
    writeTopic: null,
    readOnly,
    accountData: false,
    repairs: 0,
    invalidCalls: 0,
    invalidRounds: 0,
    invalid: "call",
    modelIsSilent: false,
  };
}

function openingFor(
  { canary, guard, rules, tools }: AgentParts,
  given: Pick<Opening, "input" | "nonce" | "readOnly" | "procedures" | "today">,
): Opening {
  const { decided } = toolOffers(tools);
  return { ...given, guard, canary: canary(given.input.turnId), decided, rules };
}

const nothingOpen: FindOpenMatters = async () => [];

/** When the model was not shown the whole conversation, the trace says how much was left out. */
function contextSpans(input: TurnInput, startedAt: Date): Span[] {
  const { messages, characters } = amountLeftOut(input);
  if (messages + characters === 0) return [];
  const attributes = {
    "deskhand.messages_left_out": messages,
    "deskhand.characters_left_out": characters,
  };
  const name = "shorten context";
  return [{ name, startedAt: startedAt.toISOString(), durationMs: 0, attributes }];
}

/** Why people take over from a model that does not find back, by what was wrong last. */
const WHY_INVALID: Readonly<Record<TurnState["invalid"], string>> = {
  call: "The model could not make a valid call of a tool.",
  empty: "The model's answers were empty.",
  unusable: "The model's answers were cut off or declined.",
};

async function goRound(state: TurnState, parts: AgentParts): Promise<TurnResult> {
  for (;;) {
    const spent = capReached(state, parts);
    if (spent !== null) return turnResult(state, handOver(state, spent));
    const answer = await ask(state, parts);
    const finished = answer === null ? null : await handleAnswer(answer, state, parts);
    if (finished?.kind === "done") return finished.result;
    if (state.invalidRounds > INVALID_ROUNDS_MAX)
      return turnResult(state, handOver(state, WHY_INVALID[state.invalid]));
  }
}

/** Usage is counted before each model call, so that a cap never cuts an answer in half. */
function capReached(state: TurnState, parts: AgentParts): string | null {
  const { stepsMax, outputTokensMax, usdMax, ms } = state.caps.turn;
  if (state.steps >= stepsMax) return `It took more than ${stepsMax} steps.`;
  if (visibleTokens(state) >= outputTokensMax)
    return `It took more than ${outputTokensMax} tokens.`;
  if (state.reasoningTokens >= outputTokensMax * THOUGHTS_TIMES)
    return `It thought for more than ${outputTokensMax * THOUGHTS_TIMES} tokens.`;
  const usd = state.costUsd ?? 0;
  if (usd > 0 && usd >= usdMax) return `It cost more than ${usdMax.toFixed(2)} USD.`;
  const elapsedMs = parts.clock.now().getTime() - state.startedAt.getTime();
  if (elapsedMs < ms && !state.deadline.isOver()) return null;
  return `It took longer than ${Math.round(ms / 1_000)} seconds.`;
}

/** One model call; null when it is to be asked again: its answer could not be used, or it had no room for the whole. */
async function ask(state: TurnState, parts: AgentParts): Promise<ModelAnswer | null> {
  const tryMsMax = Math.max(1, Math.floor(state.caps.turn.ms * TRY_SHARE));
  const asked = performance.now();
  const offers = toolOffers(parts.tools);
  try {
    const request = {
      name: "chat",
      messages: state.messages,
      tools: state.readOnly ? offers.readOnly : offers.all,
      outputTokensMax: state.caps.turn.outputTokensMax - visibleTokens(state),
      tryMsMax,
      signal: state.context.signal,
    };
    return await askModel(state, parts, request, (answer, attributes) => {
      attributes["deskhand.tool_calls"] = answer.toolCalls.map(({ name }) => name);
      return answer;
    });
  } catch (error) {
    state.modelIsSilent = performance.now() - asked >= tryMsMax;
    if (!(error instanceof DeskhandError)) throw error;
    if (error.code === "model.too_long" && !state.isShortened) {
      state.isShortened = true;
      state.spans.push(...contextSpans(shorten(state.messages, state.opening), parts.clock.now()));
      return null;
    }
    if (error.code !== "model.invalid_answer") throw error;
    state.invalidRounds += 1;
    state.invalid = "unusable";
    state.tried.push(`the model's answer could not be used: ${error.message}`);
    return null;
  }
}

/** Runs what one answer of the model asks for; null when the turn continues. */
async function handleAnswer(
  answer: ModelAnswer,
  state: TurnState,
  parts: AgentParts,
): Promise<Finished | null> {
  const { text, toolCalls, kept } = answer;
  state.messages.push({
    role: "assistant",
    content: text,
    toolCalls: [...toolCalls],
    ...(kept === undefined ? {} : { kept }),
  });
  if (toolCalls.length > 0) return takeCalls(toolCalls, state, parts);
  if (text.trim() === "") {
    state.invalidRounds += 1;
    state.invalid = "empty";
    state.messages.push({
      role: "user",
      content: "Your answer was empty. Call reply or escalate.",
    });
    return null;
  }
  const asked: AskedEnding = { kind: "reply", text, question: false, topic: "other" };
  const finished = await finish(asked, state, parts);
  if (finished.kind === "repair")
    state.messages.push({ role: "user", content: finished.objection });
  return finished;
}

async function takeCalls(
  calls: readonly ToolCall[],
  state: TurnState,
  parts: AgentParts,
): Promise<Finished | null> {
  let invalid = 0;
  let finished: Finished | null = null;
  for (const [index, call] of calls.entries()) {
    const outcome =
      index < CALLS_PER_STEP_MAX
        ? await handleCall(call, state, parts)
        : { kind: "told" as const, content: "Error: too many calls in one step.", valid: false };
    let content = "Call this alone, after you have seen the other results.";
    if (outcome.kind === "told") {
      content = outcome.content;
      if (!outcome.valid) invalid += 1;
    } else if (calls.length === 1) {
      // An ending sent with other calls was written before their results were known, so it does not count.
      finished = await finish(outcome.asked, state, parts);
      if (finished.kind === "repair") content = finished.objection;
    }
    state.messages.push({ role: "tool", toolCallId: call.id, content });
  }
  state.invalidCalls += invalid;
  if (invalid > 0) {
    state.invalidRounds += 1;
    state.invalid = "call";
  }
  return finished;
}

/**
 * What a failure means for the customer. The caller may abort the turn, and errors of our own store are not for the
 * turn to explain: both go on to the job. A bug would fail again on the same text, so the turn is handed over, here
 * rather than in the job because the turn knows what it has read and used up.
 */
function endingFor(error: unknown, state: TurnState, parts: AgentParts): TurnEnding {
  if (state.input.signal.aborted) throw error;
  // A turn that took too long goes to people. One that waited for a silent model is retried later.
  if (state.deadline.isOver() && !state.modelIsSilent)
    return handOver(state, "It took longer than a turn may take; something did not answer.");
  if (!isOperating(error)) return afterThrown(error, state, parts);
  if (!(error instanceof DeskhandError)) throw error;
  const reason = reasonOf(error);
  const away = AWAY.find((part) => error.code === `${part}.unavailable`);
  if (away !== undefined) return { kind: "unavailable", part: away, reason };
  if (error.code === "model.refused")
    return { kind: "unavailable", part: "model", reason: error.message, isRefused: true };
  if (error.code === "model.declined" || error.code === "model.too_long")
    return handOver(state, `No answer was made: ${error.message}.`);
  if (["shop.refused", "system.refused", "tool.invalid_output"].includes(error.code))
    return handOver(state, `A look-up failed: ${reason}`);
  throw error;
}

const AWAY = ["shop", "system", "model"] as const;

function afterThrown(error: unknown, state: TurnState, { guard, clock }: AgentParts): TurnEnding {
  const thrown = describeThrown(error);
  state.spans.push(thrownSpan(thrown, guard, clock.now()));
  return {
    ...handOver(state, `a check of this program failed on it (${thrown.kind})`),
    thrown,
  };
}
