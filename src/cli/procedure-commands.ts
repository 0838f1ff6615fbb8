/** The commands about procedures, and what `list` and `check` print. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import { goBack } from "#jobs/procedures/publish.ts";
import {
  type ProcedureShelf,
  askLeads,
  currentText,
  startTests,
  versionOf,
  versionsNamed,
} from "#jobs/procedures/shelf.ts";
import {
  checkProcedures,
  type CheckedProcedures,
  problemLine,
  type ProcedureText,
} from "#procedures/check.ts";
import { currentVersions, type ProcedureVersion } from "#store/procedures/versions.ts";
import { differenceOf } from "#text/diff.ts";
import { type CommandParts, needed } from "./command-parts.ts";

// The commands `procedures test`, `publish`, `rollback` and `diff`: what brings a text into use, and out of it.

/** Plays the tests; when all pass, this very text may be published. */
async function testProcedure(shelf: ProcedureShelf, name: string): Promise<string> {
  const version = await versionOf(shelf, await currentText(shelf, name));
  const { passed, lines, model } = await (await startTests(shelf, version)).ended;
  if (!passed) throw new Error(lines.join("\n"));
  const count = lines.length;
  return [...lines, `All ${count} passed with ${model}. This text may be published.`].join("\n");
}

/** Asks the leads to publish the text. */
async function publishProcedure(shelf: ProcedureShelf, name: string): Promise<string> {
  const asked = await askLeads(shelf, await currentText(shelf, name));
  switch (asked.kind) {
    case "in use":
      return `${name}: this text is in use as version ${asked.version}.`;
    case "waiting":
      return `${name}: this text waits for leads already, as version ${asked.version}.`;
    case "asked":
      return `${name}, version ${asked.version}, waits for ${asked.people === 1 ? "one person" : `${asked.people} people`} on a card. Until then what is in use stays.`;
    default:
      throw new Error(`unknown answer ${String(asked satisfies never)}`);
  }
}

/** Goes back to the version before, at once. */
async function rollBackProcedure(shelf: ProcedureShelf, name: string): Promise<string> {
  const { from, to } = await goBack(shelf.desk, name);
  return to === null
    ? `${name}: version ${from} was taken back, and there is none before it. It is out of use.`
    : `${name}: version ${to} is in use again, in place of version ${from}.`;
}

/** What is different between the text in use and the draft or file. */
async function procedureDifference(shelf: ProcedureShelf, name: string): Promise<string> {
  const { text } = await currentText(shelf, name);
  const inUse = (await versionsNamed(shelf, name)).find(({ state }) => state === "published");
  if (inUse === undefined) return `No version of ${name} is in use; all of it is new.`;
  if (inUse.text === text) return `${name}: nothing is different from version ${inUse.version}.`;
  const { lines } = differenceOf(inUse.text, text);
  return [
    `${name}, compared with version ${inUse.version}, in use:`,
    ...(lines.length === 0 ? ["only spaces"] : lines),
  ].join("\n  ");
}

/**
 * Adds the commands. Another process may read the files, so their paths have to be absolute by then
 * (`withWholePaths`).
 */
export function addProcedureCommands(
  program: Command,
  { procedures: shelf }: Partial<CommandParts>,
  print: (text: string) => void,
): void {
  const procedures = program
    .command("procedures")
    .description("works on the team's own instructions for a kind of case");
  procedures
    .command("list")
    .description("lists the procedures of the folder, and whether they can be used")
    .action(async () => {
      print(await listing(needed(shelf)));
    });
  procedures
    .command("check [files...]")
    .description("lists all mistakes in these files, or in every file of the folder, with lines")
    .action(async (named: readonly string[]) => {
      print(await checked(needed(shelf), named));
    });
  for (const [words, about, run] of BY_NAME)
    procedures
      .command(`${words} <name>`)
      .description(about)
      .action(async (name: string) => {
        print(await run(needed(shelf), name));
      });
}

/** Commands about one procedure, by its name. */
const BY_NAME: readonly (readonly [
  string,
  string,
  (shelf: ProcedureShelf, name: string) => Promise<string>,
])[] = [
  [
    "test",
    "plays its tests through a real turn in which nothing is sent or changed",
    testProcedure,
  ],
  ["publish", "asks leads by card to publish the text whose tests passed", publishProcedure],
  ["rollback", "goes back to the version before, at once", rollBackProcedure],
  ["diff", "compares the draft or file with the version in use", procedureDifference],
];

async function listing(shelf: ProcedureShelf): Promise<string> {
  const files = shelf.files();
  const kept = await shelf.desk.store.run(currentVersions);
  const names = [...new Set([...files, ...kept].map(({ name }) => name))].toSorted();
  if (names.length === 0)
    return shelf.folder === null
      ? "There is no folder of procedures. Make one named procedures beside the policy file, or set DESKHAND_PROCEDURES."
      : `There is no procedure in ${shelf.folder}.`;
  const checkedFiles = checkProcedures(files, await shelf.world());
  return names
    .map((name) => {
      const states = kept.filter((one) => one.name === name).map(stateWords);
      const isFile = files.some((file) => file.name === name);
      const parts = [...(isFile ? [fileWords(name, checkedFiles)] : ["no file"]), ...states];
      return `${name}: ${parts.join(" · ")}`;
    })
    .join("\n");
}

function fileWords(name: string, { procedures, problems }: CheckedProcedures): string {
  const read = procedures.find((procedure) => procedure.name === name);
  const wrong = problems.filter((problem) => problem.name === name).length;
  return read === undefined
    ? `${wrong} mistake${wrong === 1 ? "" : "s"}; see deskhand procedures check`
    : `${read.title} (${read.steps.length} steps, ${read.cases.length} tests, ${read.owner})`;
}

function stateWords({ state, version, testedAt }: ProcedureVersion): string {
  if (state === "published") return `in use: version ${version}`;
  if (state === "proposed") return `waits for leads: version ${version}`;
  return testedAt === null ? "draft" : "draft, tested";
}

/** Named files are checked together with the rest of the folder, which they may refer to. */
async function checked(shelf: ProcedureShelf, named: readonly string[]): Promise<string> {
  const files = shelf.files();
  const given = named.map(fileAt);
  const names = new Set(given.map(({ name }) => name));
  const together = [...given, ...files.filter(({ name }) => !names.has(name))];
  const { problems } = checkProcedures(together, await shelf.world());
  const shown = named.length === 0 ? problems : problems.filter(({ name }) => names.has(name));
  if (shown.length > 0) throw new Error(shown.map(problemLine).join("\n"));
  const count = named.length === 0 ? files.length : named.length;
  return `${count} procedure${count === 1 ? "" : "s"} checked, no mistake.`;
}

function fileAt(path: string): ProcedureText {
  try {
    return { name: basename(path, ".md"), text: readFileSync(path, "utf8") };
  } catch (cause) {
    throw new Error(`${path} cannot be read`, { cause });
  }
}
