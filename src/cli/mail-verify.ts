/** The command `mail`: examines saved mails by the rules for incoming mail. */

import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { z } from "zod";
import { explainSender } from "#email/sender-auth/explain-sender.ts";
import type { CommandContext } from "./command-parts.ts";
import { senderReportText } from "./sender-report.ts";

const Options = z.object({
  at: z
    .string()
    .pipe(z.coerce.date({ error: "--at is a time, such as 2026-11-20T17:00Z" }))
    .optional(),
  json: z.boolean().default(false),
});

/** Adds `mail verify`, which reads one file and asks DNS, but no running Deskhand. */
export function addMailCommands(
  program: Command,
  { mail, clock, print }: Pick<CommandContext, "mail" | "clock" | "print">,
): void {
  program
    .command("mail")
    .description("examines mails in files; sends and stores nothing")
    .command("verify <file>")
    .description("shows how well a saved mail proves its sender, why, and what would prove more")
    .option("--at <time>", "judge as of this time; by default the time of arrival")
    .option("--json", "for a program")
    .action(async (file: string, given: unknown) => {
      const options = Options.safeParse(given);
      if (!options.success) throw new Error(options.error.issues[0]?.message ?? "unknown options");
      const { at, json } = options.data;
      const report = await explainSender(fileBytes(file), {
        ownServer: null,
        ours: null,
        ...mail,
        clock,
        at,
      });
      if (report === null)
        throw new Error(`${file} has no mail headers: save the mail with all its headers (.eml)`);
      print(json ? JSON.stringify(report, null, 2) : senderReportText(report));
    });
}

function fileBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Error(`${file} cannot be read`, { cause });
  }
}
