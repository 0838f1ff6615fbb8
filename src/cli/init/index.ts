/**
 * Room: sets an installation up: asks what it needs to know, tries it, and writes it down.
 * In: a person at a terminal, or a file of answers; the folder Deskhand is started from.
 * Out: `.env`, the policy file, a first card on the desk, and what `doctor` finds.
 * May touch: these files, the database of the folder, vendors for trying connections, and a Deskhand it starts.
 */

import { existsSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { CallerPlace } from "#cli/command-parts.ts";
import { callControl } from "#cli/control.ts";
import { isProblem, partLines } from "#cli/doctor-command.ts";
import { dataFolderIn } from "#config/environment.ts";
import { environmentFilePath, settingsText, setVariables } from "#config/environment-file.ts";
import { reasonOf, invalidConfig } from "#core/values/errors.ts";
import { counted } from "#core/values/words.ts";
import { openTrial, type Trial } from "#doctor/trial.ts";
import {
  readAnswers,
  type Answers,
  type PartName,
  NEEDED_PARTS,
  PartName as PartNames,
} from "./answers.ts";
import { tryPart, portAdvice, showFirst, takenAddress } from "./checks.ts";
import {
  agreement,
  type InitOptions,
  type FilePlaces,
  planFiles,
  writeFiles,
} from "./agreement.ts";
import { interview, type Interview } from "./interview.ts";
import { POLICY_FILE, startingText, isSetIn } from "./written-files.ts";
import { Interrupted, type Terminal } from "./terminal.ts";

interface InitPlace extends CallerPlace {
  readonly say: (line: string) => void;
}

/** Exit code for a call that can never work as it was typed. */
const MISUSED = 2;

const NO_TERMINAL =
  "init asks questions, and there is no terminal here to ask them on. Give the answers in a file: init --answers FILE. docs/set-up.md has an example.";

/** Asks, tries and writes, and gives the exit code. */
export async function init(
  caller: CallerPlace,
  options: InitOptions,
  say: InitPlace["say"],
): Promise<number> {
  try {
    return await carryOut({ ...caller, say }, options);
  } catch (error) {
    say(
      error instanceof Interrupted
        ? "\nLeft. Nothing was written."
        : reasonOf(error).replace(/^config\.invalid: /, ""),
    );
    return 1;
  }
}

async function carryOut(surroundings: InitPlace, options: InitOptions): Promise<number> {
  const { say, folder, environment } = surroundings;
  if (options.answers === undefined && surroundings.terminal === null) {
    say(NO_TERMINAL);
    return MISUSED;
  }
  const dataFolder = dataFolderIn(environment, folder);
  if ((await callControl(dataFolder, ["status"])) !== null)
    throw invalidConfig(
      "Deskhand is running in this folder. Stop it first (Ctrl-C where it was started), so that it starts again with the new settings.",
    );
  const taken = options.start ? await takenAddress(environment) : null;
  if (taken !== null) throw invalidConfig(`${portAdvice(taken)}.`);
  const place = setupPlace(surroundings);
  for (const line of whatIsSet(place)) say(line);
  const next = await prepare(surroundings, options, place);
  if (next !== "start") return next === "done" ? 0 : 1;
  return showFirst({ folder, dataFolder, environment: surroundings.shell, say });
}

/** Asks, shows and writes. `stopped` where nothing was written, `done` where nothing is to be started. */
async function prepare(
  surroundings: InitPlace,
  options: InitOptions,
  place: Place,
): Promise<"start" | "done" | "stopped"> {
  const { say, shell } = surroundings;
  const trial = openTrial(
    place.hasPolicy ? readFileSync(place.policyFile, "utf8") : startingText(),
  );
  const open: { terminal: Terminal | null; isKept: boolean } = { terminal: null, isKept: false };
  try {
    let answered =
      options.answers === undefined
        ? await asked(surroundings, place, trial)
        : await readFrom(resolve(surroundings.folder, options.answers), surroundings, place, trial);
    open.terminal = answered?.terminal ?? null;
    while (answered !== null) {
      const files = planFiles(place, answered, shell);
      const verdict = await agreement(files, { say, terminal: open.terminal, options });
      if (verdict === "back") answered = await answered.again();
      else {
        if (verdict === "write") writeFiles(files, say);
        open.isKept = verdict !== "stopped";
        if (verdict !== "write") return verdict;
        return options.start ? "start" : "done";
      }
    }
    return "stopped";
  } finally {
    open.terminal?.close();
    await trial.close({ isKept: open.isKept });
  }
}

/** What is in the folder already. */
interface Place extends FilePlaces {
  readonly set: Readonly<Record<string, string>>;
  readonly isSet: (part: PartName) => boolean;
}

function setupPlace({ environment, folder }: CallerPlace): Place {
  const set = setVariables(environment);
  const policyName = set["DESKHAND_POLICY"] ?? POLICY_FILE;
  const policyFile = resolve(folder, policyName);
  const hasPolicy = existsSync(policyFile);
  return {
    set: { ...set, DESKHAND_POLICY: policyName },
    variablesFile: environmentFilePath(environment, folder),
    policyFile,
    policyName,
    hasPolicy,
    isSet: (part) => (NEEDED_PARTS.includes(part) ? hasPolicy : isSetIn(set, part)),
  };
}

/** A line for each thing that is not asked for again; none in an empty folder. */
function whatIsSet({ isSet, hasPolicy, policyName, variablesFile }: Place): readonly string[] {
  const parts = PartNames.options.filter((part) => !NEEDED_PARTS.includes(part) && isSet(part));
  if (!hasPolicy && parts.length === 0) return [];
  return [
    "This folder is set up in part. What is there stays:",
    ...(hasPolicy ? [`  ✓ ${policyName}: edit it to change people, hours, money and rules`] : []),
    ...parts.map(
      (part) => `  ✓ ${part} (remove its lines from ${basename(variablesFile)} to be asked again)`,
    ),
    "",
  ];
}

interface Answered {
  readonly answers: Answers;
  readonly found: Readonly<Record<string, string>>;
  /** Still open for the last question; null where a file answered. */
  readonly terminal: Terminal | null;
  /** Asks the last part again; where a file answered, there is no question to go back to. */
  readonly again: () => Promise<Answered>;
}

async function asked(
  { terminal: open }: CallerPlace,
  { set, isSet }: Place,
  trial: Trial,
): Promise<Answered> {
  if (open === null) throw new Error(NO_TERMINAL);
  const terminal = open();
  const found: Record<string, string> = {};
  const ask = async (earlier?: Answers): Promise<Answered> => {
    const given: Interview = {
      terminal,
      isSkipped: (part, known) => isSet(part) || needsSlack(part, known, isSet("slack")),
      check: async (part, known) => {
        const tried = await tryPart(trial, part, { answers: known, set: { ...set, ...found } });
        Object.assign(found, tried.found);
        return tried;
      },
    };
    const answers = await interview(given, earlier);
    return { answers, found, terminal, again: () => ask(answers) };
  };
  try {
    return await ask();
  } catch (error) {
    terminal.close();
    throw error;
  }
}

/** In the sandbox's Slack every member may approve, so no real customer or shop is connected beside it. */
function needsSlack(part: PartName, known: Answers, isSet: boolean): boolean {
  const isDeclined = !isSet && "slack" in known && known.slack === undefined;
  return isDeclined && ["zendesk", "email", "shop"].includes(part);
}

/** All connections are tried before anything is said about success; null when one of them does not work. */
async function readFrom(
  path: string,
  { environment, say }: InitPlace,
  { set, isSet }: Place,
  trial: Trial,
): Promise<Answered | null> {
  const given = readAnswers(answersText(path), path, { environment, isSet });
  let answers: Answers = {};
  let found: Readonly<Record<string, string>> = {};
  let problems = 0;
  for (const part of PartNames.options) {
    if (given[part] === undefined) continue;
    say(`Trying ${part} …`);
    // As on a terminal, a part is tried with those before it, which are complete.
    const known = { ...answers, [part]: given[part] };
    const tried = await tryPart(trial, part, { answers: known, set: { ...set, ...found } });
    answers = tried.answers;
    found = { ...found, ...tried.found };
    problems += tried.findings.filter(isProblem).length;
    for (const line of partLines(part, tried.findings)) say(line);
  }
  const answered: Answered = { answers, found, terminal: null, again: async () => answered };
  if (problems === 0) return answered;
  say(
    `\n${counted(problems, "problem")}; nothing was written. Mend what is named above and type the same again.`,
  );
  return null;
}

/** The text of the file of answers. Throws `config.invalid` with a sentence that has the path. */
function answersText(path: string): string {
  try {
    return settingsText(path);
  } catch (cause) {
    throw invalidConfig(
      `The answers in ${path} cannot be read: ${reasonOf(cause)}. Nothing was written.`,
      { cause },
    );
  }
}
