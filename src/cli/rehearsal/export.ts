/** The command `rehearse export`: a rehearsal as a file, for people without access to the console. */
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { DeskhandError } from "#core/values/errors.ts";
import { rehearsalFile } from "#server/console/rehearsals/file.ts";
import { readRehearsal, ticketsOf } from "#store/rehearsal/rehearsals.ts";
import type { CommandContext } from "#cli/program.ts";

/** Readable by you alone: even masked, it is about customers. */
const FILE_MODE = 0o600;

/** Adds `export` to the command `rehearse`. */
export function addRehearseExport(
  rehearse: Command,
  { store }: Pick<CommandContext, "store">,
  print: (text: string) => void,
): void {
  rehearse
    .command("export <id>")
    .description("writes a rehearsal as one HTML file, with names and addresses masked")
    .requiredOption("--html <file>", "the file to write")
    .option("--with-names", "leaves names, addresses and numbers as they are", false)
    .action(async (id: string, { html, withNames }: { html: string; withNames: boolean }) => {
      const found = await store.run(async (transaction) => ({
        rehearsal: await readRehearsal(transaction, id),
        tickets: await ticketsOf(transaction, id),
      }));
      const { rehearsal, tickets } = found;
      if (rehearsal === null)
        throw new DeskhandError(
          "input.invalid",
          `there is no rehearsal ${id}; the console lists all under Rehearsals`,
        );
      const text = rehearsalFile({ rehearsal, tickets, zone: "UTC", withNames });
      writeFileSync(html, text, { mode: FILE_MODE });
      print(`${html}: ${tickets.length} tickets, ${withNames ? "with names" : "names masked"}`);
    });
}

/** A file that is named relative to the caller's folder, since the running process has another one. */
export function withWholeReportPath(argv: readonly string[], folder: string): readonly string[] {
  if (argv[0] !== "rehearse" || argv[1] !== "export") return argv;
  return argv.map((word, at) => {
    if (argv[at - 1] === "--html") return resolve(folder, word);
    return word.startsWith("--html=") ? `--html=${resolve(folder, word.slice(7))}` : word;
  });
}
