import type { Command } from "commander";
import { addMailStrip } from "./mail-strip.ts";
import { addMailClassify } from "./mail-classify.ts";

/** Adds `mail`: looks at files of mail as mail that comes in is looked at. Needs no data and no configuration. */
export function addMailCommands(program: Command, print: (text: string) => void): void {
  const mail = program
    .command("mail")
    .description("what becomes of mail: looks at files, sends and stores nothing");
  addMailStrip(mail, print);
  addMailClassify(mail, print);
}
