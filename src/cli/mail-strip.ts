/** The command `mail strip`. */

import type { Command } from "commander";
import { z } from "zod";
import { splitReply } from "#email/parse/split-reply.ts";
import { jsonLines } from "./json-lines.ts";

const Line = z.object({ id: z.string(), text: z.string() });
const Options = z.object({ jsonl: z.string() });

/** Adds `mail strip`: prints what is left of each mail without quotes, forwards and signatures. */
export function addMailStrip(mail: Command, print: (text: string) => void): void {
  mail
    .command("strip")
    .description("prints what the writer added to each mail of a file: no quotes, no signature")
    .requiredOption("--jsonl <file>", 'lines of {"id", "text"}; prints lines of {"id", "reply"}')
    .action(async (typed: unknown) => {
      const { jsonl } = Options.parse(typed);
      for await (const { id, text } of jsonLines(jsonl, Line))
        print(JSON.stringify({ id, reply: splitReply(text).text }));
    });
}
