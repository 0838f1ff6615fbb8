/**
 * Runs a recorded turn again, from what was recorded alone or with one part as it is today, and says what came of it.
 */

import { canonical } from "#core/values/canonical-json.ts";
import { nothingUsed, type TurnInput } from "#core/contracts/agent.ts";
import {
  type Model,
  type ModelRequest,
  type ModelUse,
  UnusableAnswer,
} from "#core/contracts/model.ts";
import { DeskhandError, isErrorCode } from "#core/values/errors.ts";
import {
  type RecordedCall,
  type RecordedError,
  RecordedProposal,
  type TurnRecording,
} from "#core/values/trace.ts";
import { Autonomy, Verify } from "#core/contracts/policy.ts";
import { createAgent } from "#agent/loop.ts";
import type { AgentParts } from "#agent/turn-state.ts";
import { lineDifference } from "#text/diff.ts";
import { counted } from "#core/values/words.ts";
import { comparedResult, firstRequestParts, requestFingerprint } from "./record.ts";

/** Which part is taken as it is today; null for none. */
type ReplayWith = "prompt" | "policy" | "model" | null;

interface Replayed {
  /** The parts of the result that are not as they were, by name; empty when all of it is. */
  readonly differing: readonly string[];
  readonly now: ReturnType<typeof comparedResult>;
  readonly seen: Readonly<Seen>;
}

/**
 * Runs it. `parts` are those of this process: its tools, checks and prices are code and are used as they are; everything
 * else comes from the recording, but for the part that is named. Throws what a model throws, when one is asked.
 */
async function replayTurn(
  recording: TurnRecording,
  parts: AgentParts,
  today: ReplayWith,
): Promise<Replayed> {
  const seen: Seen = { first: { rules: "", tools: {} }, changed: 0, all: 0, unknownCalls: [] };
  const agent = createAgent(playedParts(recording, parts, today, seen));
  const now = comparedResult(await agent.run(replayedInput(recording)));
  const names = new Set([...Object.keys(recording.result), ...Object.keys(now.result)]);
  const differing = [...names].filter((name) => now.result[name] !== recording.result[name]);
  return { differing, now, seen };
}

interface Seen {
  /** What the model is given first today. */
  first: ReturnType<typeof firstRequestParts>;
  /** How many requests to a model are not letter by letter what they were, of how many. */
  changed: number;
  all: number;
  /** Calls that were not recorded, by tool; they were answered as not found. */
  readonly unknownCalls: string[];
}

function playedParts(
  recording: TurnRecording,
  parts: AgentParts,
  today: ReplayWith,
  seen: Seen,
): AgentParts {
  const { procedures: _today, ...kept } = parts;
  const policy = today === "policy";
  const decisions = [...recording.decisions];
  return {
    ...kept,
    ...played(recording, parts, today, seen),
    ...(recording.procedures.length > 0
      ? { procedures: { held: async () => recording.procedures } }
      : {}),
    clock: replayedClock(recording.clock),
    ids: replayedIds(recording.ids),
    caps: policy ? parts.caps : () => recording.caps,
    freedom: policy ? parts.freedom : replayedFreedom(recording.freedom),
    decide: async (question) => {
      const { key } = question.planned;
      // What a reader doubts is decided twice; asked more often than then, the last decision stands.
      const at = decisions.findIndex((one) => one.key === key);
      const known = decisions[at] ?? recording.decisions.findLast((one) => one.key === key);
      if (policy || known === undefined) return parts.decide(question);
      if (at >= 0) decisions.splice(at, 1);
      return known.decision;
    },
    around: replayedCalls(recording.calls, seen, today === "model"),
  };
}

/** The models of both sides: recorded, or the agent's as it is today. */
function played(
  recording: TurnRecording,
  parts: AgentParts,
  today: ReplayWith,
  seen: Seen,
): Pick<AgentParts, "model" | "verifier"> {
  const { canary } = parts;
  const { model, verifier } = recording;
  if (today === "model") return { model: watched(parts.model, seen), verifier: null };
  return {
    model: replayedModel(recording, "agent", model, { canary, seen }),
    verifier:
      verifier === null
        ? null
        : {
            ms: verifier.ms,
            model: replayedModel(
              recording,
              "verifier",
              { ...verifier, isRehearsal: false },
              { canary, seen },
            ),
          },
  };
}

function watched(model: Model, seen: Seen): Model {
  return {
    name: model.name,
    isRehearsal: model.isRehearsal,
    complete(request) {
      noteRequest(seen, request);
      return model.complete(request);
    },
  };
}

function noteRequest(seen: Seen, request: ModelRequest): void {
  if (seen.first.rules === "") seen.first = firstRequestParts(request);
  seen.all += 1;
}

function replayedModel(
  { answers }: TurnRecording,
  of: "agent" | "verifier",
  { name, isRehearsal }: { readonly name: string; readonly isRehearsal: boolean },
  { canary, seen }: { readonly canary: string; readonly seen: Seen },
): Model {
  const left = answers.filter((one) => one.of === of);
  return {
    name,
    isRehearsal,
    async complete(request) {
      if (of === "agent") noteRequest(seen, request);
      else seen.all += 1;
      const recorded = left.shift();
      if (recorded === undefined)
        throw new DeskhandError("model.unavailable", "no further answer was recorded");
      if (recorded.asked !== requestFingerprint(request, canary)) seen.changed += 1;
      if (recorded.answer === null) throw thrownAgain(recorded.error, recorded.used);
      const { cachedInputTokens, ...answer } = recorded.answer;
      return { ...answer, ...(cachedInputTokens === null ? {} : { cachedInputTokens }) };
    },
  };
}

/** The moments in their order; after the last, that one. */
function replayedClock(steps: readonly number[]): AgentParts["clock"] {
  const left = [...steps];
  let at = 0;
  return {
    now() {
      at += left.shift() ?? 0;
      return new Date(at);
    },
  };
}

function replayedIds(ids: readonly string[]): AgentParts["ids"] {
  const left = [...ids];
  return { next: (prefix) => left.shift() ?? `${prefix}_unrecorded` };
}

/** A question that was not asked then is answered with the most careful word. */
function replayedFreedom(words: readonly string[]): AgentParts["freedom"] {
  const left = [...words];
  return {
    replyAutonomy: () => Autonomy.catch("shadow").parse(left.shift()),
    verifyOn: () => Verify.catch("never").parse(left.shift()),
  };
}

/** Recorded calls in their order; with another model, by tool and input, as often as they are made. */
function replayedCalls(
  calls: readonly RecordedCall[],
  { unknownCalls }: Seen,
  inAnyOrder: boolean,
): NonNullable<AgentParts["around"]> {
  const left = [...calls];
  const take = (tool: string, input: unknown): RecordedCall | null => {
    const name = `${tool} ${canonical(input)}`;
    const at = left.findIndex((call) => `${call.tool} ${canonical(call.input)}` === name);
    const found = at < 0 ? undefined : left[at];
    if (found === undefined) {
      unknownCalls.push(tool);
      return null;
    }
    if (!inAnyOrder) left.splice(at, 1);
    if (found.error !== null) throw thrownAgain(found.error);
    return found;
  };
  return {
    async read(tool, input) {
      const found = take(tool, input);
      if (found !== null) return found.result;
      throw new DeskhandError("tool.invalid_output", `what ${tool} gave was not recorded`);
    },
    async propose(tool, input) {
      const found = take(tool, input);
      if (found === null) return { kind: "impossible", reason: "This call was not recorded." };
      return RecordedProposal.parse(found.result);
    },
  };
}

function thrownAgain(error: RecordedError | null, used?: ModelUse): Error {
  const { code = null, message = "" } = error ?? {};
  if (code === null || !isErrorCode(code)) return new Error(message);
  return used === undefined
    ? new DeskhandError(code, message)
    : new UnusableAnswer(code, message, used);
}

function replayedInput({ input: recorded, opinions = [] }: TurnRecording): TurnInput {
  const { voice, instruction, ...input } = recorded;
  const left = [...opinions];
  const { address, ...spoken } = voice;
  return {
    ...input,
    voice: { ...spoken, ...(address === null ? {} : { address }) },
    ...(instruction === null ? {} : { instruction }),
    opinion: {
      // Asked more often than then, the last holds.
      now: () => (left.length > 1 ? left.shift() : left[0]) ?? input.guard,
      used: nothingUsed(),
    },
    signal: new AbortController().signal,
  };
}

/** The lines people read; `same` is false when something is not as it was recorded. */
function describeReplay(
  recording: TurnRecording,
  replayed: Replayed,
  today: ReplayWith,
): { readonly lines: readonly string[]; readonly same: boolean } {
  if (today === "prompt") return promptLines(recording, replayed);
  const changed = [...endingLines(recording, replayed), ...actionLines(recording, replayed)];
  if (today === null) return sameLines(recording, replayed, changed);
  const whose = today === "policy" ? "With today's policy" : "With today's model";
  const unknown =
    replayed.seen.unknownCalls.length === 0
      ? []
      : [
          `Calls that were not recorded and so found nothing: ${replayed.seen.unknownCalls.join(", ")}`,
        ];
  const lines =
    changed.length === 0 ? [`${whose} reply and actions are the same.`] : [`${whose}:`, ...changed];
  return { lines: [...lines, ...unknown], same: changed.length === 0 };
}

function sameLines(
  { answers, calls, decisions, model }: TurnRecording,
  { differing, seen }: Replayed,
  changed: readonly string[],
) {
  const by = model.isRehearsal ? "the rehearsal rules, no AI" : model.name;
  const given = `${counted(answers.length, "answer")} of ${by}, ${counted(calls.length, "call")} of tools, ${counted(decisions.length, "decision")} of the policy`;
  const asked =
    seen.changed === 0
      ? []
      : [
          `${seen.changed} of ${seen.all} requests to the model would not be letter by letter what they were: see --with prompt.`,
        ];
  return differing.length === 0
    ? { lines: [`Run again from ${given}: all of it is as it was.`, ...asked], same: true }
    : {
        lines: [
          `Run again from ${given}: not as it was in ${differing.join(", ")}.`,
          ...changed,
          ...asked,
        ],
        same: false,
      };
}

function promptLines(recording: TurnRecording, { seen: { first, changed, all } }: Replayed) {
  const names = [...new Set([...Object.keys(recording.tools), ...Object.keys(first.tools)])];
  const tools = names.toSorted().flatMap((name) => {
    const [before, now] = [recording.tools[name], first.tools[name]];
    if (before === now) return [];
    if (before === undefined) return [`+ tool ${name}`];
    return now === undefined ? [`- tool ${name}`] : [`~ tool ${name} is described differently`];
  });
  const rules = lineDifference(recording.rules, first.rules).flatMap(({ kind, text }) =>
    kind === "same" ? [] : [`${kind === "in" ? "+" : "-"} ${text}`],
  );
  if (all === 0) return { lines: ["The model was not asked in this turn."], same: true };
  const lines = [...rules, ...tools];
  const asked = `${changed} of ${all} requests to the model differ.`;
  return lines.length === 0
    ? { lines: [`Rules and tools are the same today. ${asked}`], same: changed === 0 }
    : {
        lines: ["Today's rules and tools against the recorded ones:", ...lines, asked],
        same: false,
      };
}

function endingLines({ ending }: TurnRecording, { now }: Replayed): readonly string[] {
  if (ending.kind === now.ending.kind && ending.text === now.ending.text) return [];
  return [
    `ended with ${ending.kind}, would end with ${now.ending.kind}`,
    ...lineDifference(ending.text, now.ending.text).flatMap(({ kind, text }) =>
      kind === "same" ? [] : [`  ${kind === "in" ? "+" : "-"} ${text}`],
    ),
  ];
}

function actionLines({ actions }: TurnRecording, { now }: Replayed): readonly string[] {
  const keys = [...new Set([...actions, ...now.actions].map(({ key }) => key))];
  return keys.flatMap((key) => {
    const was = actions.find((one) => one.key === key);
    const is = now.actions.find((one) => one.key === key);
    const label = was?.label ?? is?.label ?? key;
    const [before, after] = [was, is].map((one) =>
      one === undefined ? "not proposed" : `${one.verdict} by ${one.rule}`,
    );
    return before === after ? [] : [`${label}: was ${before}, would be ${after}`];
  });
}

/** Runs recordings with these parts. */
export function replaying(parts: AgentParts) {
  return async (recording: TurnRecording, today: ReplayWith) => {
    if (today === "model" && parts.model.isRehearsal && !recording.model.isRehearsal)
      throw new DeskhandError(
        "input.invalid",
        "No model is set that could be compared: set OPENAI_API_KEY. The turn was not run.",
      );
    return describeReplay(recording, await replayTurn(recording, parts, today), today);
  };
}
