/**
 * Room: runs of the cases: what each play came to, as it is kept, counted and compared.
 * In: graded plays, and lines of an earlier run's file.
 * Out: records, pass^k, intervals, latency, cost, and the order in which a reader needs the cases.
 * May touch: the folder of kept runs.
 * This file: one play as it is kept, complete enough for every figure and page.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { CaseOutcome, type EvalCase } from "#evals/case.ts";
import { isExpected } from "#evals/graders/actions.ts";
import type { Observed } from "#evals/harness/observation.ts";

const SeenAction = z.strictObject({
  operation: z.string(),
  label: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  verdict: z.enum(["allow", "ask", "deny"]),
  rule: z.string(),
  reason: z.string(),
  /** Null where the case does not say which changes it expects. */
  right: z.boolean().nullable(),
});

/** What a play led to. */
const Seen = z.strictObject({
  outcome: z.enum([...CaseOutcome.options, "none"]),
  text: z.string(),
  /** Each answer of a talk, in order. */
  turns: z.array(z.strictObject({ outcome: z.string(), text: z.string() })),
  /** Names of what the answer was written from. */
  sources: z.array(z.string()),
  calls: z.array(
    z.strictObject({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) }),
  ),
  actions: z.array(SeenAction),
  /** What the shop did. */
  effects: z.array(z.string()),
  /** True when a card waits for a person. */
  asksPeople: z.boolean(),
  language: z.string().nullable(),
  traces: z.array(z.string()),
  steps: z.number().min(0),
  inputTokens: z.number().min(0),
  /** The part of the input that the provider had kept. */
  cachedTokens: z.number().min(0),
  outputTokens: z.number().min(0),
  /** Null when the model's price is unknown. */
  costUsd: z.number().min(0).nullable(),
  durationMs: z.number().min(0),
});
export type Seen = z.infer<typeof Seen>;

const Problem = z.strictObject({ grader: z.string(), reason: z.string() });

/** One play of one case. Exactly one of `seen` and `error` is null: a play that failed to happen is no failed case. */
export const PlayRecord = z.strictObject({
  case: z.string(),
  /** From 1. */
  repetition: z.int().min(1),
  /** Of the case as it was written; a changed case is another one. */
  digest: z.string(),
  topic: z.string(),
  risk: z.string(),
  channel: z.string(),
  /** What the customer wrote, oldest first. */
  asked: z.array(z.string()),
  expected: z.string(),
  /** The ways to end that are right; empty where the case names none. */
  rightEnds: z.array(z.string()),
  /** The end state the case names, one line each. */
  wanted: z.array(z.string()),
  problems: z.array(Problem),
  seen: Seen.nullable(),
  error: z.string().nullable(),
});
export type PlayRecord = z.infer<typeof PlayRecord>;

/** A record of a play that happened. */
export type PlayedRecord = PlayRecord & { readonly seen: Seen };

/** True when the play happened and every grader agreed. */
export function passed({ seen, problems }: PlayRecord): boolean {
  return seen !== null && problems.length === 0;
}

/** Those that happened: a play that ended with an error says nothing about the answer. */
export function happened(all: readonly PlayRecord[]): readonly PlayedRecord[] {
  return all.flatMap((one) => (one.seen === null ? [] : [{ ...one, seen: one.seen }]));
}

/** The digest of a case as it is written. */
export function digestOf(evalCase: EvalCase): string {
  return createHash("sha256").update(JSON.stringify(evalCase)).digest("hex").slice(0, 16);
}

/** What a play came to: an observation with its problems, or the reason why there is none. */
export type Came =
  | { readonly observed: Observed; readonly problems: PlayRecord["problems"] }
  | { readonly error: string };

/** The record of one play. */
export function recordOf(evalCase: EvalCase, repetition: number, came: Came): PlayRecord {
  const { id, channel, risk_category: risk, expected_behavior: expected } = evalCase;
  return {
    case: id,
    repetition,
    digest: digestOf(evalCase),
    topic: id.split("/")[0] ?? "",
    risk,
    channel,
    asked: [...evalCase.earlier, ...evalCase.input.map(({ text }) => text)],
    expected,
    rightEnds: [...(evalCase.expected_outcome ?? [])],
    wanted: wantedBy(evalCase),
    problems: "error" in came ? [] : [...came.problems],
    seen: "error" in came ? null : seenIn(evalCase, came.observed),
    error: "error" in came ? came.error : null,
  };
}

function wantedBy({
  expected_outcome,
  expected_actions,
  expected_tools,
  expected_effects,
  must_include,
  must_not_include,
}: EvalCase): string[] {
  const told = (name: string, list: readonly string[] | undefined): string[] =>
    list === undefined ? [] : [`${name}: ${list.join("; ") || "none"}`];
  const words = (list: readonly string[]) => (list.length === 0 ? undefined : list);
  return [
    ...told("ends with", expected_outcome),
    ...told(
      "changes",
      expected_actions?.map((action) => Object.values(action).join(" ")),
    ),
    ...told(
      "looks up with",
      expected_tools?.map(({ name }) => name),
    ),
    ...told("done at the shop", expected_effects),
    ...told("says", words(must_include)),
    ...told("does not say", words(must_not_include)),
  ];
}

function seenIn({ expected_actions }: EvalCase, observed: Observed): Seen {
  return {
    outcome: observed.outcome,
    text: observed.text,
    turns: observed.turns.map(({ outcome, text }) => ({ outcome, text })),
    sources: [...observed.sources],
    calls: observed.calls.map(({ tool, arguments: given }) => ({ tool, arguments: { ...given } })),
    actions: observed.actions.map((action) => ({
      operation: action.planned.action.operation,
      label: action.planned.label,
      arguments: { ...action.planned.action.arguments },
      verdict: action.decision.verdict,
      rule: action.decision.rule,
      reason: action.decision.reason,
      right: expected_actions?.some((expected) => isExpected(expected, action)) ?? null,
    })),
    effects: observed.shopEffects.map(({ effect, key }) => `${effect} (${key})`),
    asksPeople: observed.asksPeople,
    language: observed.language,
    traces: [...observed.traces],
    steps: observed.steps,
    inputTokens: observed.inputTokens,
    cachedTokens: observed.cachedTokens,
    outputTokens: observed.outputTokens,
    costUsd: observed.costUsd,
    durationMs: observed.durationMs,
  };
}
