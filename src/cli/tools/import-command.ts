/** `deskhand tools import`: its options; the work is that of the workspace, which is loaded by this command alone. */
import type { Command } from "commander";
import type { ToolImports } from "#importing/command/screen.ts";

/** Adds the command. `place` is null where no folder of a caller is known, such as in the running process. */
export function addToolImport(
  tools: Command,
  place: ToolImports | null,
  print: (text: string) => void,
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
      if (place === null)
        throw new Error("tools are imported from a folder; run the command there");
      const { runImport } = await import("#importing/command/run.ts");
      return runImport(typedKind, source, given, { ...place, print });
    });
}

/** An option that is typed again adds to what was typed before. */
function joined(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
}
