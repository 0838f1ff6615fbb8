/** Reads answers of a file or a terminal, and checks them by the questions. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { type DeskhandError, invalidInput, reasonOf } from "#core/values/errors.ts";
import {
  DatabaseAnswers,
  LookUpAnswers,
  OperationAnswers,
  SystemAnswers,
  ToolName,
} from "./questions.ts";
import { commentText } from "#importing/command/write-system.ts";
import { openFile } from "#systems/declaration-files.ts";

/** A part of which only comments stand in the file is null. */
function part<Form extends z.ZodType>(form: Form) {
  return z.preprocess((given) => given ?? {}, form);
}

const Whole = z.record(
  z.string(),
  z.unknown(),
  "holds no answers: names, and the answers below each",
);
const SystemFile = z.object({ system: part(SystemAnswers) }).catchall(part(OperationAnswers));
const DatabaseFile = z.object({ database: part(DatabaseAnswers) }).catchall(part(LookUpAnswers));
/** The file of a database names the tools. */
const ToolNames = z.record(ToolName, z.unknown());

/** Answers by operation, and about the system. */
export type Answers = ReturnType<typeof answersFrom>;

/** Checks answers about a system. Throws `input.invalid` with one line for each mistake: the field and the reason. */
export function answersFrom(content: unknown, name: string) {
  const { system, ...operations } = checked(content, name, SystemFile);
  return { system, operations: new Map(Object.entries(operations)) };
}

/** The same for answers about a database, by the names of tools. */
export function sqlAnswersFrom(content: unknown, name: string) {
  const { database, ...lookUps } = checked(content, name, DatabaseFile, ToolNames);
  return { database, lookUps: new Map(Object.entries(lookUps)) };
}

function checked<Form extends z.ZodType>(
  content: unknown,
  name: string,
  form: Form,
  keys: z.ZodType = Whole,
): z.output<Form> {
  const whole = Whole.safeParse(content);
  const read = form.safeParse(content);
  const errors = whole.success ? [keys.safeParse(content).error, read.error] : [whole.error];
  const problems = errors.flatMap((error) => (error?.issues ?? []).flatMap(issueLines));
  if (!read.success || problems.length > 0) throw invalid(name, problems);
  return read.data;
}

/** What is wrong, a line each, beginning with where it stands. */
function issueLines(issue: z.core.$ZodIssue): readonly string[] {
  const at = issue.path.join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `${at}.${key}: there is no such question`);
  const { message } = issue.code === "invalid_key" ? (issue.issues[0] ?? issue) : issue;
  return [at === "" ? message : `${at}: ${message}`];
}

/**
 * The content of a file of answers, not checked yet. Throws `input.invalid` for a mistake in its form, with its line.
 */
export function readYaml(text: string, name: string): unknown {
  const { content, broken } = openFile(name, text);
  if (broken.length > 0) throw invalid(name, broken);
  return content ?? {};
}

function invalid(name: string, problems: readonly string[]): DeskhandError {
  return invalidInput(
    `${name} cannot be used, and nothing was written:\n${problems.map((line) => `  ${line}`).join("\n")}`,
  );
}

/** Throws `input.invalid` for answers that cannot be used; `name` is how its sentences call them. */
export type Check = (content: unknown, name: string) => unknown;

/**
 * The content of a file of answers, and how sentences call it; none without a file. Throws `input.invalid` for one that
 * cannot be read or used.
 */
export async function givenAnswers(
  folder: string,
  file: string | null,
  check: Check,
): Promise<{ readonly given: RawAnswers; readonly source: string }> {
  if (file === null) return { given: {}, source: "the answers" };
  const text = await readFile(resolve(folder, file), "utf8").catch((error: unknown) => {
    throw invalidInput(`--answers ${file} cannot be read: ${reasonOf(error)}`);
  });
  const content = readYaml(text, file);
  check(content, file);
  return { given: z.record(z.string(), z.unknown()).parse(content), source: file };
}

/** What was answered, as the file would hold it. */
export type RawAnswers = Readonly<Record<string, unknown>>;

/** The same answers with one more. */
export function withAnswer(answers: RawAnswers, question: string, value: unknown): RawAnswers {
  const { part, topic } = named(question);
  const before = z.record(z.string(), z.unknown()).catch({}).parse(answers[part]);
  return { ...answers, [part]: { ...before, [topic]: value } };
}

/** One thing to answer or to change. */
export interface Gap {
  /** The id of the question, such as `get_invoices.belongs`. */
  readonly question: string;
  /** What is missing or wrong, and what to do. */
  readonly says: string;
  /** An answer that the document suggests, as it would stand in the file; null where there is none. */
  readonly suggestion: string | null;
}

/** A wanted operation or look-up that does not become a tool, and what to do about it. */
export interface RefusedTool {
  readonly operation: string;
  readonly gaps: readonly Gap[];
}

/** Notes what is missing, by the question it is about; the same is noted once. */
export type AddGap = (topic: string, says: string, suggestion?: string | null) => void;

/** Collects gaps, so that all of them are told at once. */
export function gapsAbout(operation: string) {
  const gaps: Gap[] = [];
  const add: AddGap = (topic, says, suggestion = null) => {
    if (gaps.every((gap) => gap.says !== says))
      gaps.push({ question: `${operation}.${topic}`, says, suggestion });
  };
  return { gaps, add };
}

/**
 * A file of answers: what was said beyond those `given` in a file, and every open question. A suggestion stands in a
 * comment: taking it over is a decision. Text of a document is cut to one line each, so that it cannot become an answer.
 */
export function answersTemplate(
  refused: readonly RefusedTool[],
  all: RawAnswers,
  given: RawAnswers,
): string {
  const said = Object.fromEntries(
    Object.entries(all).filter(([part, answer]) => answer !== given[part]),
  );
  const open = new Map<string, Gap>();
  for (const gap of refused.flatMap(({ gaps }) => gaps))
    if (gap.question.includes(".") && !open.has(gap.question)) open.set(gap.question, gap);
  const asked = Map.groupBy(open.values(), ({ question }) => named(question).part);
  const parts = new Set([...Object.keys(said), ...asked.keys()]);
  return [
    "# Answers for `deskhand tools import`. Take the # away in front of what you answer.",
    ...[...parts].flatMap((part) => [
      answered(part, said[part]),
      ...(asked.get(part) ?? []).flatMap(({ question, says, suggestion }) => [
        `  # ${commentText(says)}`,
        `  # ${named(question).topic}: ${commentText(suggestion ?? "")}`.trimEnd(),
      ]),
    ]),
    "",
  ].join("\n");
}

/** What was said of a part, with room for more below it. */
function answered(part: string, said: unknown): string {
  const isEmpty = said === undefined || said === null || Object.keys(Object(said)).length === 0;
  return isEmpty ? `${part}:` : stringify({ [part]: said }).trimEnd();
}

function named(question: string): { readonly part: string; readonly topic: string } {
  const [part = "", topic = ""] = question.split(".");
  return { part, topic };
}
