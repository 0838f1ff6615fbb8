/** The command `procedures check`: mistakes in texts, and what their tests come to. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Command } from "commander";
import {
  type ProcedureShelf,
  currentText,
  startTests,
  versionWithText,
} from "#jobs/procedures/shelf.ts";
import { checkProcedures, problemLine, type ProcedureText } from "#procedures/check.ts";
import { type CommandContext, needed, wholePath } from "./command-parts.ts";

/** Adds `procedures check`. */
export function addProcedureCommands(program: Command, context: CommandContext): void {
  const { procedures: shelf, print } = context;
  program
    .command("procedures")
    .description("works on the team's own instructions for a kind of case")
    .command("check [files...]")
    .description("lists all mistakes in these files, or in every file of the folder, with lines")
    .option(
      "--test <name>",
      "plays the tests of this procedure through a real turn in which nothing is sent or changed; once they passed, the console can publish it",
    )
    .action(async (named: readonly string[], { test: name }: { test?: string }) => {
      const files = named.map((file) => wholePath(context, file));
      print(
        name === undefined
          ? await checked(needed(shelf), files)
          : await tested(needed(shelf), name),
      );
    });
}

/** Plays the tests; when all pass, this very text may be published. */
async function tested(shelf: ProcedureShelf, name: string): Promise<string> {
  const version = await versionWithText(shelf, await currentText(shelf, name));
  const { passed, lines, model } = await (await startTests(shelf, version)).ended;
  if (!passed) throw new Error(lines.join("\n"));
  const count = lines.length;
  return [...lines, `All ${count} passed with ${model}. This text may be published.`].join("\n");
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
