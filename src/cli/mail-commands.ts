/** The `mail` commands. */

import type { Command } from "commander";
import { addMailClassify } from "./mail-classify.ts";
import { addMailStrip } from "./mail-strip.ts";
import { addMailVerify, type MailVerifySurroundings } from "./mail-verify.ts";

/** Adds `mail`: examines saved mails by the rules for incoming mail. Needs no data and no running Deskhand. */
export function addMailCommands(
  program: Command,
  print: (text: string) => void,
  surroundings: MailVerifySurroundings,
): void {
  const mail = program
    .command("mail")
    .description("what becomes of mail: looks at files, sends and stores nothing");
  addMailStrip(mail, print);
  addMailClassify(mail, print);
  addMailVerify(mail, print, surroundings);
}
