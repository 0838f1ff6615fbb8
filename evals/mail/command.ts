/** `evals -- mail`: prints what the rules for incoming mail make of the mails in a file, for judging them. */
import { Command } from "commander";
import { z } from "zod";
import { labelledLines } from "#evals/labelled-lines.ts";
import { classifyMail } from "#email/classify/classify-mail.ts";
import { addressDomain } from "#email/mime/addresses.ts";
import { splitReply } from "#email/parse/split-reply.ts";
import { endedBy } from "#evals/not-run.ts";

const TextLine = z.object({ id: z.string(), text: z.string() });

/** One mail of a file: its bytes, each written as the character with that number. */
const RawLine = z.object({ id: z.string(), raw_latin1: z.string() });

/** Where the command writes. */
interface Ports {
  readonly print: (text: string) => void;
  /** For errors and help. */
  readonly tell: (text: string) => void;
}

/** Needs no data and no running Deskhand. Returns the exit code; 2 when options or file are wrong. */
export async function mailCommand(
  argv: readonly string[],
  { print, tell }: Ports,
): Promise<number> {
  const command = new Command("evals mail")
    .description("Prints what the rules for incoming mail make of the mails in a file.")
    .configureOutput({ writeOut: print, writeErr: tell })
    .exitOverride();
  command
    .command("strip")
    .description("prints each mail without quotes, forwards and signature")
    .requiredOption("--jsonl <file>", 'lines of {"id", "text"}; prints lines of {"id", "reply"}')
    .action(async ({ jsonl }: { jsonl: string }) => {
      for (const { id, text } of labelledLines(jsonl, TextLine))
        print(`${JSON.stringify({ id, reply: splitReply(text).text })}\n`);
    });
  command
    .command("classify")
    .description("tells for each mail whether a person wrote it, and why")
    .requiredOption("--jsonl <file>", 'lines of {"id", "raw_latin1"}')
    .option("--inbox <address...>", "our own addresses, to recognize our own mail", [])
    .action(async ({ jsonl, inbox }: { jsonl: string; inbox: readonly string[] }) => {
      const inboxes = inbox.map((address) => address.toLowerCase());
      const [first] = inboxes;
      const own = { inboxes, messageIdDomain: first === undefined ? "" : addressDomain(first) };
      for (const { id, raw_latin1 } of labelledLines(jsonl, RawLine)) {
        const told = classifyMail(Buffer.from(raw_latin1, "latin1"), own);
        print(`${JSON.stringify({ id, class: told.class, reasons: told.reasons })}\n`);
      }
    });
  try {
    await command.parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    return endedBy(error, tell);
  }
}
