/** What all imports have in common with a person: questions, what was written, and what became no tool. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { invalidInput, reasonOf } from "#core/values/errors.ts";
import { readYaml } from "#importing/answers/answer-file.ts";
import {
  type Gap,
  type RawAnswers,
  type RefusedTool,
  withAnswer,
} from "#importing/questions/refusal.ts";

/** A person at a terminal. */
interface Person {
  say(text: string): void;
  /** What the person typed; rejects when they leave. */
  ask(prompt: string, options?: { readonly hidden?: boolean }): Promise<string>;
  close(): void;
}

/** Where an import of tools runs, as the command line tells it. */
export interface ToolImports {
  /** The caller's folder. */
  readonly folder: string;
  /** Opens a terminal with a person at it; null where there is none. */
  readonly terminal: (() => Person) | null;
  /** Why a text of a document must not reach the model; null when it may. */
  readonly inspect: (text: string) => string | null;
  /** A setting by its name; null when it is not set. */
  readonly setting: (name: string) => string | null;
}

/** The same for what has been opened. */
export type ImportPlace = Pick<ToolImports, "folder" | "terminal"> &
  Partial<Pick<ToolImports, "setting">> & { readonly print: (text: string) => void };

/** Throws `input.invalid` for answers that cannot be used; `name` is how its sentences call them. */
type Check = (content: unknown, name: string) => unknown;

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

/** Asks one question until the answer can be used, or the person leaves it open. */
async function askedUntilItFits(
  screen: Person,
  gap: Gap,
  answers: RawAnswers,
  check: Check,
): Promise<RawAnswers> {
  const { question, says, suggestion } = gap;
  screen.say(`\n${question}: ${says}`);
  screen.say(
    suggestion === null
      ? "Return leaves it open."
      : `Return takes ${suggestion}; - leaves it open.`,
  );
  for (;;) {
    const typed = (await screen.ask("> ")).trim();
    const text = typed === "" ? (suggestion ?? "-") : typed;
    if (text === "-") return answers;
    try {
      const next = withAnswer(answers, question, readYaml(text, "The answer"));
      check(next, "The answer");
      return next;
    } catch (error) {
      screen.say(reasonOf(error));
    }
  }
}

/** What plans tools from answers, and names the operations that became none. */
interface PlannedWithGaps {
  readonly refused: readonly RefusedTool[];
}

/** Asks a person until every question is answered or left open; without a person, plans with what is known. */
export async function plannedWithAnswers<Planned extends PlannedWithGaps>(
  plan: (answers: RawAnswers) => Promise<Planned>,
  given: RawAnswers,
  { terminal }: ImportPlace,
  check: Check,
): Promise<Planned> {
  let answers = given;
  let planned = await plan(answers);
  if (terminal === null || planned.refused.length === 0) return planned;
  const screen = terminal();
  const asked = new Set<string>();
  try {
    for (let gap = nextGap(planned, asked); gap !== null; gap = nextGap(planned, asked)) {
      asked.add(gap.question);
      answers = await askedUntilItFits(screen, gap, answers, check);
      planned = await plan(answers);
    }
  } finally {
    screen.close();
  }
  return planned;
}

function nextGap({ refused }: PlannedWithGaps, asked: ReadonlySet<string>): Gap | null {
  const open = refused.flatMap(({ gaps }) => gaps);
  return open.find(({ question }) => question.includes(".") && !asked.has(question)) ?? null;
}

/**
 * Says what became no tool and why, and puts the open questions into a file where there is none yet. Throws
 * `input.invalid` in the end.
 */
export async function refuse(
  {
    refused,
    template,
    name,
    answersFile,
  }: {
    readonly refused: readonly RefusedTool[];
    readonly template: string;
    readonly name: string;
    readonly answersFile: string | null;
  },
  { folder, print }: ImportPlace,
  ended: string,
): Promise<never> {
  for (const { operation, gaps } of refused) {
    print(`${operation} became no tool:`);
    for (const { question, says, suggestion } of gaps)
      print(`  ${question}: ${says}${suggestion === null ? "" : ` (suggested: ${suggestion})`}`);
  }
  const file = `${name}-answers.yaml`;
  const isWritten = answersFile === null && (await wroteTemplate(join(folder, file), template));
  print(
    isWritten
      ? `The questions are in ${file}: answer them there and give it with --answers ${file}.`
      : `Add the answers to ${answersFile ?? file}:\n${template}`,
  );
  throw invalidInput(ended);
}

/** False when a file of that name is there: it may hold answers. */
async function wroteTemplate(path: string, text: string): Promise<boolean> {
  try {
    await mkdir(resolve(path, ".."), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}
