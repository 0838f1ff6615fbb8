/** The `mail` commands. */

import type { Command } from "commander";
import { z } from "zod";
import { splitReply } from "#email/parse/split-reply.ts";
import { jsonLines } from "./json-lines.ts";
import { addMailClassify } from "./mail-classify.ts";
import { addMailVerify, type MailVerifySurroundings } from "./mail-verify.ts";

const StripLine = z.object({ id: z.string(), text: z.string() });
const StripOptions = z.object({ jsonl: z.string() });

/** Adds `mail`: examines saved mails by the rules for incoming mail. Needs no data and no running Deskhand. */
export function addMailCommands(
  program: Command,
  print: (text: string) => void,
  context: MailVerifySurroundings,
): void {
  const mail = program
    .command("mail")
    .description("examines mails in files; sends and stores nothing");
  addMailStrip(mail, print);
  addMailClassify(mail, print);
  addMailVerify(mail, print, context);
}

/** Adds `mail strip`: prints what is left of each mail without quotes, forwards and signatures. */
function addMailStrip(mail: Command, print: (text: string) => void): void {
  mail
    .command("strip")
    .description("prints each mail of a file without quotes and signature")
    .requiredOption("--jsonl <file>", 'lines of {"id", "text"}; prints lines of {"id", "reply"}')
    .action(async (typed: unknown) => {
      const { jsonl } = StripOptions.parse(typed);
      for await (const { id, text } of jsonLines(jsonl, StripLine))
        print(JSON.stringify({ id, reply: splitReply(text).text }));
    });
}
