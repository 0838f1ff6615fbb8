/** The commands `backup` and `restore`. */

import type { Command } from "commander";
import { type CommandContext, needed } from "./command-parts.ts";

/** Adds both commands. */
export function addBackupCommands(
  program: Command,
  { backup, restore }: CommandContext,
  print: (text: string) => void,
): void {
  program
    .command("backup <file>")
    .description(
      "writes the database and the kept mails into one file or to s3://bucket/prefix/name, also while Deskhand runs",
    )
    .action(async (place: string) => {
      print(await needed(backup)(place));
    });
  program
    .command("restore <file>")
    .description("puts a backup in the place of an empty database; Deskhand must not run")
    .option("--replace", "in the place of one that has content, which is lost", false)
    .action(async (place: string, options: { replace: boolean }) => {
      print(await needed(restore, "Deskhand runs. Stop it first.")(place, options));
    });
}
