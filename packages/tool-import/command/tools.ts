/** `deskhand tools import`: from a described system to a folder of tools, with questions where only the lead can know. */
import { relative, resolve } from "node:path";
import { BUILT_IN_OPERATIONS, BUILT_IN_TOOLS } from "#core/values/action.ts";
import { invalidInput } from "#core/values/errors.ts";
import { answersFrom } from "#importing/answers/answer-file.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { writeFolder } from "#importing/generate/folder.ts";
import { nameProblems } from "#importing/generate/names.ts";
import { listed, systemFiles } from "#importing/generate/system-files.ts";
import { type PlannedTools, planTools } from "#importing/questions/plan-tools.ts";
import type { Gap } from "#importing/questions/refusal.ts";
import { answersTemplate, type RawAnswers } from "#importing/questions/template.ts";
import {
  askedUntilItFits,
  type ImportPlace,
  rawAnswers,
  tellRefused,
  toolsWith,
  writtenLines,
} from "./screen.ts";
import { formatted } from "./formatted.ts";

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

const NAME = /^[a-z][a-z0-9-]{0,39}$/;

const TAKEN = [...BUILT_IN_TOOLS, ...BUILT_IN_OPERATIONS];

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
    throw invalidInput(`--name ${name}: a name has small letters, digits and hyphens, 40 at most.`);
  const source = answersFile ?? "the answers";
  const given =
    answersFile === null
      ? {}
      : await rawAnswers(resolve(place.folder, answersFile), answersFile, answersFrom);
  const wanted = only.length > 0 ? only : Object.keys(given).filter((part) => part !== "system");
  if (wanted.length === 0)
    throw invalidInput(
      "Name the operations with --only, or in a file of answers. `--list` shows them all.",
    );
  const planned = await plannedWith(opened, { wanted, given, folder: name, source }, place);
  const problems = nameProblems(planned.tools);
  if (problems.length > 0) throw invalidInput(`Nothing was written:\n${problems.join("\n")}`);
  for (const { at, says } of planned.problems)
    place.print(`${at === "" ? "document" : at}: ${says}`);
  if (planned.tools.length > 0) await write(planned, only, resolve(place.folder, out, name), place);
  if (planned.refused.length > 0) await refuse(planned, { name, answersFile }, place);
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
    planTools(opened, { wanted, answers: answersFrom(answers, source), folder, taken: TAKEN });
  let answers = given;
  let planned = await plan(answers);
  if (terminal === null || planned.refused.length === 0) return planned;
  const screen = terminal();
  const asked = new Set<string>();
  try {
    for (let gap = nextGap(planned, asked); gap !== null; gap = nextGap(planned, asked)) {
      asked.add(gap.question);
      answers = await askedUntilItFits(screen, gap, answers, answersFrom);
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

async function write(
  planned: PlannedTools,
  named: readonly string[],
  folder: string,
  place: ImportPlace,
): Promise<void> {
  const { print } = place;
  const { connection, tools } = planned;
  const written = await writeFolder(folder, {
    document: connection.document,
    tools: tools.map(listed),
    named,
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
  for (const file of written) for (const line of writtenLines(file)) print(line);
  for (const { tool, names } of planned.leftOut) print(leftOutLine(tool, names));
  for (const line of nextSteps(
    planned,
    relative(place.folder, folder),
    toolsWith(relative(place.folder, folder), place),
  ))
    place.print(line);
}

const LEFT_OUT_MAX = 12;

function leftOutLine(tool: string, names: readonly string[]): string {
  const more = names.length > LEFT_OUT_MAX ? `, and ${names.length - LEFT_OUT_MAX} more` : "";
  return `${tool} leaves out ${names.slice(0, LEFT_OUT_MAX).join(", ")}${more}: what a model is to choose is listed under input.`;
}

/** What is left to do by hand, with the names of the settings and of the operations. */
function nextSteps(
  { connection, tools }: PlannedTools,
  folder: string,
  setting: string,
): readonly string[] {
  const { authentication, addressFrom, address } = connection;
  const named = [
    ...(address === null ? [addressFrom] : []),
    ...("user" in authentication ? [authentication.user] : []),
    ...("client" in authentication ? [authentication.client] : []),
    ...("secret" in authentication ? [authentication.secret] : []),
  ];
  const elsewhere = address === null ? "" : ` (${addressFrom} for another address than ${address})`;
  const changes = tools.filter(({ kind }) => kind === "write");
  return [
    "Next:",
    "  1. Read the files, and run `npm run check` and `npm test -- tools`.",
    `  2. Set in .env: ${[setting, ...named].join(", ")}${elsewhere}.`,
    ...(changes.length === 0
      ? []
      : [
          `  3. Copy the lines of ${folder}/policy.yaml below \`operations:\` of your policy file, the one that DESKHAND_POLICY names.`,
        ]),
    "  Then `npm run -s deskhand -- tools check` asks the system once and changes nothing.",
  ];
}

async function refuse(
  { refused, tools }: PlannedTools,
  { name, answersFile }: Pick<ImportOptions, "name" | "answersFile">,
  place: ImportPlace,
): Promise<never> {
  const template = answersTemplate(refused);
  await tellRefused({ refused, template, name, answersFile }, place);
  throw invalidInput(
    `${refused.length} of ${refused.length + tools.length} operations became no tool${tools.length === 0 ? "" : "; the others were made"}.`,
  );
}
