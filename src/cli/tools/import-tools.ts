/** `deskhand tools import`: from a described system to a folder of tools, with questions where only the lead can know. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";
import { answersFrom, readYaml } from "#importing/answers/answer-file.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { type WrittenFile, writeFolder } from "#importing/generate/folder.ts";
import { nameProblems } from "#importing/generate/names.ts";
import { listed, systemFiles } from "#importing/generate/system-files.ts";
import { type PlannedTools, planTools } from "#importing/questions/plan-tools.ts";
import type { Gap } from "#importing/questions/refusal.ts";
import { answersTemplate, type RawAnswers, withAnswer } from "#importing/questions/template.ts";
import type { Terminal } from "#cli/init/terminal.ts";
import { formatted } from "./format.ts";

/** What was typed behind the command. */
export interface ImportOptions {
  /** Operations by name; empty for those the answers name. */
  readonly only: readonly string[];
  /** The folder of all tools. */
  readonly out: string;
  /** The name of the system, which is the name of its folder. */
  readonly name: string;
  readonly answersFile: string | null;
}

/** Where the command runs. */
export interface ImportPlace {
  /** The caller's folder. */
  readonly folder: string;
  /** Opens a terminal with a person at it; null where there is none. */
  readonly terminal: (() => Terminal) | null;
  readonly print: (text: string) => void;
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

/**
 * Writes the tools of the wanted operations. Those with open questions are refused by name and the others are made; with
 * any refused it throws in the end. Throws `input.invalid` before anything is written for what cannot be used.
 */
export async function importTools(
  opened: OpenedSystem,
  { only, out, name, answersFile }: ImportOptions,
  place: ImportPlace,
): Promise<void> {
  if (!NAME.test(name))
    throw invalid(`--name ${name}: a name has small letters, digits and hyphens, 40 at most.`);
  const source = answersFile ?? "the answers";
  const given =
    answersFile === null ? {} : await rawAnswers(resolve(place.folder, answersFile), answersFile);
  const wanted = only.length > 0 ? only : Object.keys(given).filter((part) => part !== "system");
  if (wanted.length === 0)
    throw invalid(
      "Name the operations with --only, or in a file of answers. `--list` shows them all.",
    );
  const planned = await plannedWith(opened, { wanted, given, folder: name, source }, place);
  const problems = nameProblems(planned.tools);
  if (problems.length > 0) throw invalid(`Nothing was written:\n${problems.join("\n")}`);
  for (const { at, says } of planned.problems)
    place.print(`${at === "" ? "document" : at}: ${says}`);
  if (planned.tools.length > 0) await write(planned, resolve(place.folder, out, name), place);
  if (planned.refused.length > 0) await refuse(planned, { name, answersFile }, place);
}

async function rawAnswers(path: string, name: string): Promise<RawAnswers> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw invalid(`--answers ${name} cannot be read: ${reasonOf(error)}`);
  });
  const content = readYaml(text, name);
  answersFrom(content, name);
  return z.record(z.string(), z.unknown()).parse(content);
}

interface Wanted {
  readonly wanted: readonly string[];
  readonly given: RawAnswers;
  readonly folder: string;
  /** How errors call the answers. */
  readonly source: string;
}

/** Asks a person until every question is answered or left open; without a person, plans with what is known. */
async function plannedWith(
  opened: OpenedSystem,
  { wanted, given, folder, source }: Wanted,
  { terminal }: ImportPlace,
): Promise<PlannedTools> {
  const plan = (answers: RawAnswers): Promise<PlannedTools> =>
    planTools(opened, { wanted, answers: answersFrom(answers, source), folder });
  let answers = given;
  let planned = await plan(answers);
  if (terminal === null || planned.refused.length === 0) return planned;
  const screen = terminal();
  const asked = new Set<string>();
  try {
    for (let gap = nextGap(planned, asked); gap !== null; gap = nextGap(planned, asked)) {
      asked.add(gap.question);
      answers = await askedUntilItFits(screen, gap, answers);
      planned = await plan(answers);
    }
  } finally {
    screen.close();
  }
  return planned;
}

function nextGap({ refused }: PlannedTools, asked: ReadonlySet<string>): Gap | null {
  const open = refused.flatMap(({ gaps }) => gaps);
  return open.find(({ question }) => question.includes(".") && !asked.has(question)) ?? null;
}

async function askedUntilItFits(
  screen: Terminal,
  gap: Gap,
  answers: RawAnswers,
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
      answersFrom(next, "The answer");
      return next;
    } catch (error) {
      screen.say(reasonOf(error));
    }
  }
}

async function write(planned: PlannedTools, folder: string, { print }: ImportPlace): Promise<void> {
  const { connection, tools } = planned;
  const written = await writeFolder(folder, {
    document: connection.document,
    tools: tools.map(listed),
    async files(all) {
      const files = [...systemFiles(connection, tools, all)];
      return new Map(
        await Promise.all(
          files.map(async ([name, text]) => [name, await formatted(name, text)] as const),
        ),
      );
    },
  });
  print(`${folder}: ${tools.map(({ name }) => name).join(", ")}`);
  for (const file of written) for (const line of linesOf(file)) print(line);
  print(
    "Next: read the files, run `npm run check` and `npm test -- tools`, and copy the lines of policy.yaml.",
  );
}

const STATES = {
  new: "new",
  changed: "changed",
  kept: "kept as it was changed by hand",
  same: "as before",
};

function linesOf({ name, state, difference, unjoined }: WrittenFile): readonly string[] {
  return [
    `  ${name}: ${STATES[state]}`,
    ...difference.map((line) => `    ${line}`),
    ...unjoined.flatMap(({ line, kept, wanted }) => [
      `    line ${line} was changed by hand and by this import; the hand-made lines stay:`,
      ...kept.map((text) => `      ours    ${text}`),
      ...wanted.map((text) => `      import  ${text}`),
    ]),
  ];
}

async function refuse(
  { refused, tools }: PlannedTools,
  { name, answersFile }: Pick<ImportOptions, "name" | "answersFile">,
  { folder, print }: ImportPlace,
): Promise<never> {
  for (const { operation, gaps } of refused) {
    print(`${operation} became no tool:`);
    for (const { question, says, suggestion } of gaps)
      print(`  ${question}: ${says}${suggestion === null ? "" : ` (suggested: ${suggestion})`}`);
  }
  const template = answersTemplate(refused);
  const file = `${name}-answers.yaml`;
  const isWritten = answersFile === null && (await wroteTemplate(join(folder, file), template));
  print(
    isWritten
      ? `The questions are in ${file}: answer them there and give it with --answers ${file}.`
      : `Add the answers to ${answersFile ?? file}:\n${template}`,
  );
  throw invalid(
    `${refused.length} of ${refused.length + tools.length} operations became no tool${tools.length === 0 ? "" : "; the others were made"}.`,
  );
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

function invalid(reason: string): DeskhandError {
  return new DeskhandError("input.invalid", reason);
}
