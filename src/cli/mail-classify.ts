/** The command `mail classify`. */

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Command } from "commander";
import { z } from "zod";
import { classifyMail } from "#email/classify/classify-mail.ts";
import { domainOf } from "#email/mime/addresses.ts";

/** One mail of a file: its bytes, each written as the character with that number. */
const Line = z.object({ id: z.string(), raw_latin1: z.string() });
const Options = z.object({
  jsonl: z.string(),
  inbox: z.array(z.string().toLowerCase()).default([]),
});

/** Adds `classify`: prints the class of each mail in a file and the reasons, by the rules for incoming mail. */
export function addMailClassify(mail: Command, print: (text: string) => void): void {
  mail
    .command("classify")
    .description("tells for each mail in a file whether a person wrote it, and why")
    .requiredOption("--jsonl <file>", 'lines of {"id", "raw_latin1"}')
    .option("--inbox <address...>", "our own addresses, to recognize our own mail")
    .action(async (typed: unknown) => {
      const { jsonl, inbox } = Options.parse(typed);
      const [first] = inbox;
      const own = { inboxes: inbox, messageIdDomain: first === undefined ? "" : domainOf(first) };
      let number = 0;
      for await (const line of createInterface({ input: createReadStream(jsonl), crlfDelay: 1 })) {
        number += 1;
        if (line.trim() === "") continue;
        const { id, raw_latin1 } = mailIn(line, `line ${number} of ${jsonl}`);
        const told = classifyMail(Buffer.from(raw_latin1, "latin1"), own);
        print(JSON.stringify({ id, class: told.class, reasons: told.reasons }));
      }
    });
}

function mailIn(line: string, place: string): z.infer<typeof Line> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new Error(`${place} is no JSON`, { cause });
  }
  const read = Line.safeParse(value);
  if (!read.success) throw new Error(`${place} has no id and raw_latin1`, { cause: read.error });
  return read.data;
}
