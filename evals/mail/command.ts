/** `evals -- mail`: prints what the rules for incoming mail make of the mails in a file, for judging them. */
import type { Command } from "commander";
import { z } from "zod";
import { labelledLines } from "#evals/labelled-lines.ts";
import { classifyMail } from "#email/classify/classify-mail.ts";
import { addressDomain } from "#email/mime/addresses.ts";
import { splitReply } from "#email/parse/split-reply.ts";
import { type Output, runCommand } from "#evals/command-line.ts";

const TextLine = z.object({ id: z.string(), text: z.string() });

/** One mail of a file: its bytes, each written as the character with that number. */
const RawLine = z.object({ id: z.string(), raw_latin1: z.string() });

/** Needs no data and no running Deskhand. Returns the exit code; 2 when options or file are wrong. */
export function mailCommand(argv: readonly string[], output: Output): Promise<number> {
  const describe = (program: Command): Command => {
    program.description("Prints what the rules for incoming mail make of the mails in a file.");
    program
      .command("strip")
      .description("prints each mail without quotes, forwards and signature")
      .requiredOption("--jsonl <file>", 'lines of {"id", "text"}; prints lines of {"id", "reply"}')
      .action(({ jsonl }: { jsonl: string }) => {
        for (const { id, text } of labelledLines(jsonl, TextLine))
          output.print(`${JSON.stringify({ id, reply: splitReply(text).text })}\n`);
      });
    program
      .command("classify")
      .description("tells for each mail whether a person wrote it, and why")
      .requiredOption("--jsonl <file>", 'lines of {"id", "raw_latin1"}')
      .option("--inbox <address...>", "our own addresses, to recognize our own mail", [])
      .action(({ jsonl, inbox }: { jsonl: string; inbox: readonly string[] }) => {
        const inboxes = inbox.map((address) => address.toLowerCase());
        const [first] = inboxes;
        const own = { inboxes, messageIdDomain: first === undefined ? "" : addressDomain(first) };
        for (const { id, raw_latin1 } of labelledLines(jsonl, RawLine)) {
          const told = classifyMail(Buffer.from(raw_latin1, "latin1"), own);
          output.print(`${JSON.stringify({ id, class: told.class, reasons: told.reasons })}\n`);
        }
      });
    return program;
  };
  return runCommand("evals mail", argv, output, { describe });
}
