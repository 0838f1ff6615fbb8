/**
 * Room: keeps what a turn was given from outside, and runs it again from that.
 * In: the agent's dependencies and the input of one turn, or a recording.
 * Out: a recording, or what differs when it is run again.
 * May touch: what the agent touches while recording; nothing while replaying, but the model when asked to.
 * This file: records a turn.
 */
import { digest, type Json } from "#core/values/canonical-json.ts";
import type { TurnInput, TurnResult } from "#core/contracts/agent.ts";
import type { GuardVerdict } from "#core/contracts/guard.ts";
import {
  type Model,
  type ModelMessage,
  type ModelRequest,
  type OfferedTool,
  UnusableAnswer,
} from "#core/contracts/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import {
  type RecordedAnswer,
  type RecordedError,
  type RecordedInput,
  RecordedProcedure,
  type TurnRecording,
} from "#core/values/trace.ts";
import { PROCEDURE_TOOL, procedureFor } from "#agent/follow-procedures.ts";
import type { AgentParts } from "#agent/turn-state.ts";

type Noted = Omit<
  TurnRecording,
  "version" | "model" | "verifier" | "input" | "opinions" | keyof ReturnType<typeof comparedResult>
>;

type FirstRequest = Pick<TurnRecording, "rules" | "tools">;

/** The dependencies of one turn that note what they give, and the recording once it is over. Nothing is asked that the turn does not ask. */
export function startRecording(parts: AgentParts, input: TurnInput) {
  const noted: Noted = {
    answers: [],
    calls: [],
    decisions: [],
    freedom: [],
    clock: [],
    ids: [],
    caps: parts.caps(),
    procedures: [],
    rules: "",
    tools: {},
  };
  const { opinion } = input;
  const opinions: GuardVerdict[] = [];
  return {
    parts: notingParts(parts, noted),
    input:
      opinion === undefined
        ? input
        : { ...input, opinion: { ...opinion, now: () => note(opinions, opinion.now()) } },
    recordingOf: (result: TurnResult): TurnRecording => ({
      version: 1,
      model: { name: parts.model.name, isRehearsal: parts.model.isRehearsal },
      verifier:
        parts.verifier === null ? null : { name: parts.verifier.model.name, ms: parts.verifier.ms },
      input: storedInput(input),
      ...noted,
      // An earlier version reads no recording with a part it does not know.
      ...(opinion === undefined ? {} : { opinions }),
      procedures: withOpenedOnly(noted),
      ...comparedResult(result),
    }),
  };
}

function notingParts(parts: AgentParts, noted: Noted): AgentParts {
  const { canary } = parts;
  const { procedures, verifier, clock, ids, freedom } = parts;
  let before = 0;
  return {
    ...parts,
    model: noting(parts.model, "agent", noted, canary),
    verifier:
      verifier === null
        ? null
        : { ...verifier, model: noting(verifier.model, "verifier", noted, canary) },
    caps: () => noted.caps,
    clock: {
      now() {
        const now = clock.now();
        noted.clock.push(now.getTime() - before);
        before = now.getTime();
        return now;
      },
    },
    ids: { next: (prefix) => note(noted.ids, ids.next(prefix)) },
    freedom: {
      replyAutonomy: (...asked) => note(noted.freedom, freedom.replyAutonomy(...asked)),
      verifyOn: (channel) => note(noted.freedom, freedom.verifyOn(channel)),
    },
    async decide(question) {
      const decision = await parts.decide(question);
      noted.decisions.push({ key: question.planned.key, decision });
      return decision;
    },
    ...(procedures === undefined ? {} : { procedures: notingProcedures(procedures, noted) }),
    around: {
      read: (tool, input, call) => notingCall(noted, tool, input, call),
      propose: (tool, input, call) => notingCall(noted, tool, input, call),
    },
  };
}

function notingProcedures(
  procedures: NonNullable<AgentParts["procedures"]>,
  noted: Noted,
): NonNullable<AgentParts["procedures"]> {
  return {
    async held(place, signal) {
      const held = await procedures.held(place, signal);
      noted.procedures = held.map((one) => RecordedProcedure.parse(one));
      return held;
    },
  };
}

/** The text of what was not opened is left out, since it is a long one for every turn. */
function withOpenedOnly({ procedures, answers }: Noted): Noted["procedures"] {
  const opened = answers
    .flatMap(({ answer }) => answer?.toolCalls ?? [])
    .filter(({ name }) => name === PROCEDURE_TOOL)
    .flatMap((call) => procedureFor(call.arguments, procedures)?.name ?? []);
  return procedures.map((one) =>
    opened.includes(one.name) ? one : { ...one, body: "", steps: [] },
  );
}

function note<Item, Value extends Item>(list: Item[], value: Value): Value {
  list.push(value);
  return value;
}

async function notingCall<Result>(
  { calls }: Noted,
  tool: string,
  input: unknown,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    const result = await call();
    calls.push({ tool, input: asKept(input), result: asKept(result), error: null });
    return result;
  } catch (error) {
    calls.push({ tool, input: asKept(input), result: null, error: recordedError(error) });
    throw error;
  }
}

function noting(model: Model, of: RecordedAnswer["of"], noted: Noted, canary: string): Model {
  return {
    name: model.name,
    isRehearsal: model.isRehearsal,
    async complete(request) {
      const asked = requestFingerprint(request, canary);
      if (of === "agent" && noted.rules === "") Object.assign(noted, firstRequestParts(request));
      try {
        const answer = await model.complete(request);
        // What a provider attached is its own, and is not recorded.
        const { kept: _kept, toolCalls, cachedInputTokens = null, ...told } = answer;
        noted.answers.push({
          of,
          asked,
          answer: { ...told, toolCalls: [...toolCalls], cachedInputTokens },
          error: null,
        });
        return answer;
      } catch (error) {
        const used = error instanceof UnusableAnswer ? { used: error.used } : {};
        noted.answers.push({ of, asked, answer: null, error: recordedError(error), ...used });
        throw error;
      }
    },
  };
}

/** The rules of a request, and its tools with a digest of what the model reads about each. */
export function firstRequestParts({ messages, tools }: ModelRequest): FirstRequest {
  const [rules] = messages;
  return {
    rules: rules?.role === "system" ? rules.content : "",
    tools: Object.fromEntries(tools.map((tool) => [tool.name, toolDigest(tool)])),
  };
}

/** The tools offered are the same objects from turn to turn, until a policy or a system changes. */
const TOOL_DIGESTS = new WeakMap<OfferedTool, string>();

function toolDigest(tool: OfferedTool): string {
  const known = TOOL_DIGESTS.get(tool) ?? digest(tool).slice(0, 16);
  TOOL_DIGESTS.set(tool, known);
  return known;
}

/** A digest of everything a model is asked. The canary is left out: it follows from a secret of the installation. */
export function requestFingerprint({ messages, tools }: ModelRequest, canary: string): string {
  const told = JSON.stringify(messages.map(saidIn)).replaceAll(canary, "");
  return digest({ told, tools: tools.map(({ name }) => name) }).slice(0, 32);
}

/** What a provider attached is its own, and is not recorded: a replay asks in the same words on any wire. */
function saidIn(message: ModelMessage): ModelMessage {
  if (message.role !== "assistant" || message.kept === undefined) return message;
  const { kept: _kept, ...said } = message;
  return said;
}

function recordedError(error: unknown): RecordedError {
  return {
    code: error instanceof DeskhandError ? error.code : null,
    message: error instanceof Error ? error.message : String(error),
  };
}

/** As JSON keeps it: without what is undefined. */
function asKept(value: unknown): Json {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

function storedInput(input: TurnInput): RecordedInput {
  const { voice, instruction, olderMessages = 0 } = input;
  const { signal: _signal, openMatters: _openMatters, opinion: _opinion, ...rest } = input;
  return {
    ...rest,
    history: [...input.history],
    unread: [...input.unread],
    olderMessages,
    voice: {
      tone: voice.tone,
      forbidden: [...voice.forbidden],
      address: voice.address ?? null,
    },
    instruction:
      instruction === undefined ? null : { ...instruction, spans: [...(instruction.spans ?? [])] },
  };
}

/** What of a result is compared with a later run, and what people read of it. */
export function comparedResult(
  result: TurnResult,
): Pick<TurnRecording, "result" | "ending" | "actions"> {
  const { ending } = result;
  const { recording: _recording, ...parts } = result;
  const text =
    ending.kind === "reply" || ending.kind === "clarify" ? ending.text : (ending.reason ?? "");
  return {
    result: Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, digest(asKept(part)).slice(0, 32)]),
    ),
    ending: { kind: ending.kind, text },
    actions: result.actions.map(({ planned, decision }) => ({
      key: planned.key,
      label: planned.label,
      verdict: decision.verdict,
      rule: decision.rule,
    })),
  };
}
