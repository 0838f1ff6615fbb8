/** The commands `backup` and `restore`. */

import type { Command } from "commander";
import type { BackedUp } from "#store/backup/backup.ts";
import type { RestoreResult } from "#store/backup/restore.ts";
import { type CommandContext, needed, wholePath } from "./command-parts.ts";

/** Adds both commands. */
export function addBackupCommands(program: Command, context: CommandContext): void {
  const { backup, restore, print } = context;
  program
    .command("backup <file>")
    .description(
      "writes the database and the kept mails into one file or to s3://bucket/prefix/name, also while Deskhand runs",
    )
    .action(async (place: string) => {
      print(backedUpText(await needed(backup)(placeFrom(context, place))));
    });
  program
    .command("restore <file>")
    .description("puts a backup in the place of an empty database; Deskhand must not run")
    .option("--replace", "in the place of one that has content, which is lost", false)
    .action(async (place: string, options: { replace: boolean }) => {
      const restored = needed(restore, "Deskhand runs. Stop it first.");
      print(restoredText(await restored(placeFrom(context, place), options)));
    });
}

/** A file, or an object of a bucket. */
function placeFrom(context: CommandContext, typed: string): string {
  return typed.startsWith("s3:") ? typed : wholePath(context, typed);
}

function backedUpText({ name, tables, rows, blobs, gone, takenAt }: BackedUp): string {
  const missing = gone === 0 ? "" : ` (${gone} more were removed meanwhile)`;
  return `Wrote ${name}: ${rows} rows of ${tables} tables and ${blobs} mails${missing}, as of ${takenAt}. It holds secrets and people's words: keep it where only you can read it.`;
}

function restoredText({ rows, blobs, takenAt, migrated }: RestoreResult): string {
  const moved = migrated.length === 0 ? "" : `, brought to this version (${migrated.join(", ")})`;
  return `Restored ${rows} rows and ${blobs} mails as of ${takenAt}${moved}. The next start is paused until a lead resumes it.`;
}
