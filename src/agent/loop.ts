/**
 * Room: the agent, which turns one conversation's new messages into a reply, a question or a hand-over.
 * In: the turn's input (messages, requester, guard verdict) and the agent's ports.
 * Out: a turn result with ending, decided actions, spans, and token counts and costs.
 * May touch: one model, the read tools and, through `decide`, the policy; never a database or a channel.
 * Start here, then prompt.ts, look-up.ts and finish-turn.ts.
 */
import { z } from "zod";
import {
  type Attributes,
  excerpt,
  askModel,
  visibleTokens,
  spanned,
  argumentsIn,
  withUsed,
} from "./span.ts";
import { lookUp, callsIn } from "./look-up.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { ModelAnswer, ModelMessage, ToolCall } from "#core/contracts/model.ts";
import type { Agent, TurnInput, TurnResult } from "#core/contracts/agent.ts";
import type { AskedEnding, AgentTool } from "#tools/ending-tools.ts";
import { foundNothing } from "#verifier/sources.ts";
import { HEADINGS, RESULT_RULES } from "./prompt.ts";
import {
  isFor,
  QUOTE,
  offeredTools,
  tryMsMax,
  type AgentParts,
  type TurnState,
} from "./turn-state.ts";
import { contextSpans, shorten, startState } from "./context.ts";
import { type Finished, finish, turnResult } from "./finish-turn.ts";
import { unmark, block } from "./data-marking.ts";
import { handOver, endingFor, capReached } from "./escalation.ts";
import { heldProcedures, openedText, PROCEDURE_TOOL, procedureFor } from "./follow-procedures.ts";
import { decided } from "./wishes.ts";
import { translate } from "./translate.ts";
import { verify } from "./verify-draft.ts";
import { startRecording } from "#agent/recording/record.ts";
import { ORDER_NOT_FOUND, RECORD_NOT_FOUND, type WriteTool } from "#core/contracts/tool.ts";
import { canonical } from "#core/values/canonical-json.ts";
import { topicOfOperation } from "#core/values/vocabulary.ts";

/** A model gets one chance to correct a bad call; one that needs more cannot handle this conversation. */
const INVALID_ROUNDS_MAX = 1;
const CALLS_PER_STEP_MAX = 8;

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
    async run(input) {
      const result = await (parts.recorded === true ? runRecorded : runTurn)(parts, input);
      return withUsed(result, input.opinion?.used);
    },
  };
}

async function runRecorded(parts: AgentParts, input: TurnInput): Promise<TurnResult> {
  const recorder = startRecording(parts, input);
  const result = await runTurn(recorder.parts, recorder.input);
  return { ...result, recording: recorder.recordingOf(result) };
}

async function runTurn(parts: AgentParts, input: TurnInput): Promise<TurnResult> {
  const held = await heldProcedures(parts.procedures, input);
  const state = startState(input, parts, held);
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
    const heard = state.input.opinion?.now();
    if (heard?.verdict === "caution" && heard.isOnScore !== true) state.readOnly = true;
    const finished = answer === null ? null : await handleAnswer(answer, state, parts);
    if (finished?.kind === "done") return finished.result;
    if (state.invalidRounds > INVALID_ROUNDS_MAX)
      return turnResult(state, handOver(state, WHY_INVALID[state.invalid]));
  }
}

/** One model call; null when it is to be asked again: its answer could not be used, or it had no room for the whole. */
async function ask(state: TurnState, parts: AgentParts): Promise<ModelAnswer | null> {
  const limitMs = tryMsMax(state);
  const asked = performance.now();
  try {
    const request = {
      name: "chat",
      messages: state.messages,
      tools: offeredTools(state, parts),
      outputTokensMax: state.caps.turn.outputTokensMax - visibleTokens(state),
      tryMsMax: limitMs,
      signal: state.context.signal,
    };
    return await askModel(state, parts, request, (answer, attributes) => {
      attributes["deskhand.tool_calls"] = answer.toolCalls.map(({ name }) => name);
      return answer;
    });
  } catch (error) {
    state.modelIsSilent = performance.now() - asked >= limitMs;
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

/** Stands for an empty answer. Providers refuse one as it came, and Mistral a user's line right behind a result. */
const EMPTY: readonly ModelMessage[] = [
  { role: "assistant", content: "(nothing)", toolCalls: [] },
  { role: "user", content: "Your answer was empty. Call reply or escalate." },
];

/** Runs what one answer of the model asks for; null when the turn continues. */
async function handleAnswer(
  answer: ModelAnswer,
  state: TurnState,
  parts: AgentParts,
): Promise<Finished | null> {
  const { text, toolCalls, kept } = answer;
  if (text.trim() === "" && toolCalls.length === 0) {
    state.invalidRounds += 1;
    state.invalid = "empty";
    state.messages.push(...EMPTY);
    return null;
  }
  state.messages.push({
    role: "assistant",
    content: text,
    toolCalls: [...toolCalls],
    ...(kept === undefined ? {} : { kept }),
  });
  if (toolCalls.length > 0) return takeCalls(toolCalls, state, parts);
  const asked: AskedEnding = { kind: "reply", text, question: false, topic: "other" };
  const finished = await finish(asked, state, parts);
  if (finished.kind === "repair")
    state.messages.push({ role: "user", content: finished.objection });
  return finished;
}

/**
 * Puts what the draft before looked up into the transcript: read, screened, masked and marked like any result, and as
 * the records are now. It stands as text in the opening, since a provider knows which calls its model made, and some take
 * no two messages of a user in a row. The model need not ask again, and when it does it is answered from memory. Only
 * read tools are called: what was proposed is the new draft's to propose or not. A search as older versions made it,
 * with one wording, is left to the model, and so are procedures: a draft whose model opens none again names none on its
 * card.
 */
async function lookAgain(state: TurnState, parts: AgentParts): Promise<void> {
  const wanted = callsIn(state.input.instruction?.spans ?? [])
    .filter((call) => parts.tools.some(({ kind, name }) => kind === "read" && name === call.name))
    .slice(0, CALLS_PER_STEP_MAX);
  const told: string[] = [];
  for (const made of wanted) {
    const outcome = await handleCall({ id: parts.ids.next("call"), ...made }, state, parts);
    if (outcome.kind !== "told" || !outcome.valid) continue;
    const asked = `asked with ${made.arguments}`;
    told.push(block(state.nonce, `tool ${made.name}`, asked), outcome.content);
  }
  const opening = state.messages.pop();
  if (opening !== undefined)
    state.messages.push({ ...opening, content: [opening.content, ...told].join("\n") });
}

async function takeCalls(
  calls: readonly ToolCall[],
  state: TurnState,
  parts: AgentParts,
): Promise<Finished | null> {
  let invalid = 0;
  let finished: Finished | null = null;
  const before = state.actions.size;
  const endings = new Set(parts.tools.map(({ kind, name }) => (kind === "ending" ? name : "")));
  for (const [index, call] of calls.entries()) {
    const outcome =
      index < CALLS_PER_STEP_MAX || endings.has(call.name)
        ? await handleCall(call, state, parts)
        : { kind: "told" as const, content: "Error: too many calls in one step.", valid: false };
    let content = "Call this again, now that you have seen the other results.";
    if (outcome.kind === "told") {
      content = outcome.content;
      if (!outcome.valid) invalid += 1;
    } else if (
      index === calls.length - 1 &&
      state.actions.size - before === index &&
      (index === 0 || tellsOf(outcome.asked))
    ) {
      // What was written before a result was known does not count; only that each proposal holds can be written first.
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

/** Whether it is written for a customer: a hand-over without an answer would drop what was proposed beside it. */
function tellsOf(asked: AskedEnding): boolean {
  return asked.kind === "reply" || (asked.answer ?? "") !== "";
}

// Handles the model's calls: read tools run, write tools propose.

/** A proposal holds ten actions, and the reply is one of them. */
const ACTIONS_MAX = 9;

/** Reasons that tell nothing of an account. */
const NOTHING_OF_THEIRS: ReadonlySet<string> = new Set([ORDER_NOT_FOUND, RECORD_NOT_FOUND]);

/** The outcome of one call: text for the model, or the end of the turn. */
type CallOutcome =
  | { readonly kind: "told"; readonly content: string; readonly valid: boolean }
  | { readonly kind: "ending"; readonly asked: AskedEnding };

/** Handles one call of the model. Throws what the shop or a tool throws; a bad call is answered, not thrown. */
async function handleCall(
  call: ToolCall,
  state: TurnState,
  parts: AgentParts,
): Promise<CallOutcome> {
  return spanned(state.spans, parts.clock, `execute_tool ${call.name}`, async (attributes) => {
    attributes["gen_ai.operation.name"] = "execute_tool";
    attributes["gen_ai.tool.name"] = call.name;
    attributes["gen_ai.tool.call.id"] = call.id;
    attributes["deskhand.arguments"] = argumentsIn(parts.guard, call.arguments);
    const outcome = await route(call, state, parts, attributes);
    attributes["deskhand.valid"] = outcome.kind === "ending" || outcome.valid;
    return outcome;
  });
}

async function route(
  call: ToolCall,
  state: TurnState,
  parts: AgentParts,
  attributes: Attributes,
): Promise<CallOutcome> {
  if (call.name === PROCEDURE_TOOL) return openProcedure(call, state, attributes);
  const tool = parts.tools.find(({ name }) => name === call.name);
  if (tool === undefined || !isFor(tool, state.input.requester.level))
    return invalid(`There is no tool ${call.name} in this turn.`);
  // It may have become so since the tools were offered.
  if (tool.kind === "write" && state.readOnly) return answered(HEADINGS.readOnly);
  const input = parseInput(tool, call.arguments);
  if (!input.ok) return invalid(input.reason);
  if (tool.kind === "ending") return { kind: "ending", asked: tool.end(input.value) };
  const identity = `${tool.name} ${canonical(input.value)}`;
  const before = state.told.get(identity);
  if (before !== undefined) return again(before, identity, state);
  state.toolsCalled.push(tool.name);
  const content =
    tool.kind === "read"
      ? await lookUp(tool, input.value, state, parts, attributes)
      : await propose(tool, input, state, parts);
  attributes["deskhand.result"] ??= excerpt(parts.guard, unmark(content));
  state.told.set(identity, { content, times: 1 });
  return answered(content);
}

function openProcedure(call: ToolCall, state: TurnState, attributes: Attributes): CallOutcome {
  const { procedures, opening, nonce, tried, told } = state;
  const asked = procedureFor(call.arguments, opening.procedures ?? []);
  if (asked === null) return invalid("There is no procedure of this name.");
  const identity = `${call.name} ${asked.name}`;
  const before = told.get(identity);
  if (before !== undefined) return again(before, identity, state);
  procedures.push(asked);
  const said = `procedure ${asked.name}, version ${asked.version}`;
  attributes["deskhand.result"] = said;
  tried.push(`read the ${said}`);
  const content = openedText(asked, nonce);
  told.set(identity, { content, times: 1 });
  return answered(content);
}

/** A repeated call is answered from memory; a third one is invalid, because the model is going in circles. */
function again(
  { content, times }: { readonly content: string; readonly times: number },
  identity: string,
  state: TurnState,
): CallOutcome {
  if (times > 1) return invalid("You have made this very call twice; its result will not change.");
  state.told.set(identity, { content, times: times + 1 });
  return answered(`You made this call already; the result has not changed.\n${content}`);
}

type Parsed =
  /** `quote`: with which words of the customer it is asked for; empty for none. */
  | { readonly ok: true; readonly value: unknown; readonly quote: string }
  | { readonly ok: false; readonly reason: string };

/** Models sometimes copy the data marks into arguments, so they are removed before the schema checks. */
function parseInput(tool: AgentTool, text: string): Parsed {
  let json: unknown;
  try {
    json = JSON.parse(unmark(text === "" ? "{}" : text));
  } catch {
    return { ok: false, reason: "The arguments are not valid JSON." };
  }
  const { [QUOTE]: quote, ...values } = Arguments.safeParse(json).data ?? {};
  const parsed = tool.input.safeParse(tool.kind === "write" && quote !== undefined ? values : json);
  return parsed.success
    ? { ok: true, value: parsed.data, quote: typeof quote === "string" ? quote : "" }
    : { ok: false, reason: `The arguments do not fit: ${z.prettifyError(parsed.error)}` };
}

const Arguments = z.record(z.string(), z.unknown());

async function propose(
  tool: WriteTool,
  { value: input, quote }: Extract<Parsed, { readonly ok: true }>,
  state: TurnState,
  parts: AgentParts,
): Promise<string> {
  const topic = topicOfOperation(tool.operation);
  state.writeTopic = topic;
  const { around } = parts;
  const run = () => tool.propose(input, state.context);
  const proposed = await (around?.propose(tool.name, input, run) ?? run());
  if (proposed.kind === "impossible") {
    if (tool.accountData && !NOTHING_OF_THEIRS.has(proposed.reason)) state.accountData = true;
    return explain(tool, state, { status: "impossible", reason: proposed.reason });
  }
  const { planned } = proposed;
  if (tool.accountData) state.accountData = true;
  const { origin, decision } = await decided(tool, proposed, { quote, topic }, state, parts);
  state.actions.delete(planned.key);
  state.denied.delete(planned.key);
  if (decision.verdict === "deny") {
    state.denied.set(planned.key, { planned, decision, origin });
    const { rule, reason } = decision;
    return explain(tool, state, { status: "denied", label: planned.label, rule, reason });
  }
  if (state.actions.size >= ACTIONS_MAX)
    return explain(tool, state, {
      status: "impossible",
      reason: "That is too much for one reply. Hand the rest over.",
    });
  state.actions.set(planned.key, { planned, decision, origin });
  state.tried.push(`${tool.name}: proposed, ${planned.label}`);
  const result = { status: "proposed", label: planned.label };
  return block(state.nonce, `tool ${tool.name}`, JSON.stringify(result));
}

/** A denial or an impossibility counts as evidence: its reason comes from policy and records, not from the model. */
function explain(
  tool: WriteTool,
  state: TurnState,
  result: { readonly status: "denied" | "impossible"; readonly reason: string } & Attributes,
): string {
  state.toolResults.push({ tool: tool.name, result });
  state.tried.push(`${tool.name}: ${result.status}, ${result.reason}`);
  const rule = foundNothing(result) ? RESULT_RULES.nothingFound : RESULT_RULES[result.status];
  return `${block(state.nonce, `tool ${tool.name}`, JSON.stringify(result))}\n${rule}`;
}

function answered(content: string): CallOutcome {
  return { kind: "told", content, valid: true };
}

function invalid(reason: string): CallOutcome {
  return { kind: "told", content: `Error: ${reason}`, valid: false };
}
