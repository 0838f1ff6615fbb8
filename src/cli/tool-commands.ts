/** The commands about tools: whether those of your systems work, and what one call shows or would send. */

import type { Command } from "commander";
import { z } from "zod";
import type { ToolFinding } from "#doctor/probes.ts";
import { isRecord, jsonOrNull } from "#core/values/canonical-json.ts";
import { verdictInWords } from "#policy/roles.ts";
import { type CommandContext, needed, type TriedTool } from "./command-parts.ts";

const Tried = z.object({
  as: z.string().min(1),
  input: z.string(),
  saying: z.string(),
  json: z.boolean().default(false),
});

/** Adds `tools check`, `tools try` and `tools import`. */
export function addToolCommands(program: Command, context: CommandContext): void {
  const { tools: parts, print } = context;
  const tools = program
    .command("tools")
    .description("works on what the bot can look up and propose, its own and that of your systems");
  tools
    .command("check")
    .description(
      "looks at every declaration, and asks each system and database once without changing anything",
    )
    .option("--json", "for a program", false)
    .action(async ({ json }: { json: boolean }) => {
      const found = await needed(parts).check();
      const text = json ? JSON.stringify(found, null, 2) : checkScreen(found);
      if (!found.every(({ isWell }) => isWell)) throw new Error(text);
      print(text);
    });
  tools
    .command("try <name>")
    .description(
      "calls a look-up as the bot would, or shows what a change would send; sends nothing",
    )
    .requiredOption("--as <customer>", "e-mail address or id of the customer who is taken to ask")
    .option("--input <json>", "the arguments", "{}")
    .option("--saying <text>", "what the customer is taken to have written", "")
    .option("--json", "for a program")
    .action(async (name: string, typed: unknown) => {
      const { as, input, saying, json } = Tried.parse(typed);
      if (!isRecord(jsonOrNull(input)))
        throw new Error(
          `--input is no JSON object such as '{"order_id":"789"}'; nothing was called`,
        );
      const tried = await needed(parts).try({ name, customer: as, input, saying });
      print(json ? JSON.stringify(tried, null, 2) : tryScreen(tried));
    });
  addToolImport(tools, context);
}

/** Adds `tools import`, whose work is that of a workspace; it refuses where no folder of a caller is known, such as in the running process. */
export function addToolImport(
  tools: Command,
  { imports, print }: Pick<CommandContext, "imports" | "print">,
): void {
  tools
    .command("import <kind> <source>")
    .description(
      "makes tools from what a system says of itself, and asks what only you can know: openapi and a document (3.0 or 3.1, a file or an address), sql and the setting that has the address of a database (PostgreSQL, MySQL, MariaDB), mcp and the address of a server (streamable HTTP), or convert and a folder of tools that version 0.3 wrote as programs, of which none is run",
    )
    .option(
      "--list",
      "openapi, mcp: only lists the operations, with a guess of what each does",
      false,
    )
    .option(
      "--only <names>",
      "the wanted operations or tables, with commas between; those of the answers otherwise",
      joined,
    )
    .option("--answers <file>", "a YAML file with answers to the questions, instead of a terminal")
    .option("--out <folder>", "the folder of all tools", "tools")
    .option("--name <name>", "what the system is called here; from its own name otherwise")
    .option(
      "--local",
      "openapi: reads a document of your own network, which is refused otherwise",
      false,
    )
    .action(async (typedKind: string, source: string, given: unknown) => {
      const place = needed(imports, "tools are imported from a folder; run the command there");
      const { runImport } = await import("#importing/command/run.ts");
      return runImport(typedKind, source, given, { ...place, print });
    });
}

/** An option that is typed again adds to what was typed before. */
function joined(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
}

// What the commands about tools print.

/** A line for each finding; what is wrong says what to do. */
function checkScreen(findings: readonly ToolFinding[]): string {
  return findings
    .map(({ about, isWell, found }) => `${isWell ? "✓" : "✗"} ${about}: ${found}`)
    .join("\n");
}

/** Whose data, exactly what the model reads, and for a change what would be decided and sent. */
function tryScreen({ bound, seen, proposed }: TriedTool): string {
  const lines = [bound, "", "What the model reads (spaces of data are marked ^):", "", seen];
  if (proposed === null) return lines.join("\n");
  const { label, key, decision, request } = proposed;
  const { verdict, approvers, rule, reason } = decision;
  return [
    ...lines,
    "",
    "What would be proposed:",
    "",
    `  ${label}`,
    `  key: ${key}`,
    `  policy: ${verdictInWords(verdict, approvers)} (${rule}). ${reason}`,
    "",
    ...(request === null
      ? ["A part of Deskhand itself would carry it out. Nothing was sent."]
      : ["The request that would be sent:", "", request, "", "Nothing was sent."]),
  ].join("\n");
}
