/**
 * Room: conversations with a language model, kept so that they can be read, rated and played again without it.
 * In: what a stage asks a model, its answers, graded cases, ratings written by a person.
 * Out: one recording and one page to read for each case, and figures over all of them.
 * May touch: the folder of recordings, one port of 127.0.0.1, the model that is chosen.
 * This file: the form of a recording, and its files.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { actionWords } from "#evals/graders/actions.ts";
import type { Seen } from "#evals/runs/record.ts";
import type { Observed } from "#evals/harness/observation.ts";

/** One answer of a model, and a digest of what it was asked. */
const Answer = z.strictObject({
  asked: z.string(),
  text: z.string().default(""),
  calls: z.array(z.strictObject({ name: z.string(), arguments: z.string() })).default([]),
});
export type Answer = z.output<typeof Answer>;

/** What a conversation led to, so far as a replay has to lead to it again. */
const Result = z.strictObject({
  outcome: z.string(),
  /** Each proposed change with its order, amount and verdict, in the order proposed. */
  actions: z.array(z.string()),
});
export type Result = z.infer<typeof Result>;

/** One conversation as it was played: the answers in order, over all its turns. No prompt is kept. */
export const Recording = z.strictObject({
  case: z.string(),
  /** The name the model went by. */
  model: z.string(),
  result: Result,
  answers: z.array(Answer),
});
export type Recording = z.output<typeof Recording>;

/** What of a play's end a recording keeps. */
export function resultOf(
  end: Pick<Seen, "outcome"> & { readonly actions: readonly EndAction[] },
): Result {
  return {
    outcome: end.outcome,
    actions: end.actions.map((action) => `${actionWords(action)} ${action.verdict}`),
  };
}

type EndAction = Pick<Seen["actions"][number], "operation" | "arguments" | "verdict">;

/** The same of what was observed. */
export function observedResult({
  outcome,
  actions,
}: Pick<Observed, "outcome" | "actions">): Result {
  return resultOf({
    outcome,
    actions: actions.map(({ planned, decision }) => ({
      operation: planned.action.operation,
      arguments: { ...planned.action.arguments },
      verdict: decision.verdict,
    })),
  });
}

/**
 * A digest of what a conversation asks a model. Marks that differ in every turn are left out, and so are the rules at
 * the top: an answer is asked for anew when the conversation changed, not when a rule was written in fewer words.
 */
export function digestOf(messages: readonly unknown[]): string {
  const told = JSON.stringify(messages.filter((one) => Spoken.safeParse(one).data !== undefined))
    .replaceAll(MARKS, "")
    .replaceAll(CALL_IDS, "");
  return createHash("sha256").update(told).digest("hex").slice(0, DIGEST_LENGTH);
}

const Spoken = z.looseObject({ role: z.enum(["user", "assistant", "tool"]) });
const MARKS = /(?:data_)?[0-9a-f]{20,}/g;
const CALL_IDS = /"(?:tool_call_id|id)":"[^"]*"/g;
const DIGEST_LENGTH = 16;

/** The recording of a case in a folder; null when there is none. Throws `input.invalid` for another kind of file. */
export function readRecording(folder: string, caseId: string): Recording | null {
  const file = join(folder, `${fileName(caseId)}.json`);
  return existsSync(file) ? parsed(file) : null;
}

/** Every recording of a folder, by the name of its case. Throws `input.invalid` where there is none. */
export function readRecordings(folder: string): ReadonlyMap<string, Recording> {
  const names = existsSync(folder) ? readdirSync(folder).filter(isRecording).toSorted() : [];
  if (names.length === 0)
    throw new DeskhandError("input.invalid", `${folder}: holds no recordings`);
  return new Map(names.map((name) => parsed(join(folder, name))).map((one) => [one.case, one]));
}

/** Writes a recording, one answer a line, over an earlier one of the same case. */
export function writeRecording(folder: string, recording: Recording): void {
  mkdirSync(folder, { recursive: true });
  const { answers, ...rest } = recording;
  const head = JSON.stringify(rest).slice(0, -1);
  const lines = answers.map((answer) => JSON.stringify(answer)).join(",\n");
  writeFileSync(
    join(folder, `${fileName(recording.case)}.json`),
    `${head},"answers":[\n${lines}\n]}\n`,
  );
}

/** The name of a case without what a file's name cannot hold. */
export function fileName(caseId: string): string {
  return caseId.replaceAll("/", "--");
}

function isRecording(name: string): boolean {
  return name.includes("--") && name.endsWith(".json");
}

function parsed(file: string): Recording {
  try {
    return Recording.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new DeskhandError("input.invalid", `${file}: is no recording`, { cause });
  }
}
