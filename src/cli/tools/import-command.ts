/** `deskhand tools import`: from a document of your own system, its database or its MCP server to tools. */
import type { Command } from "commander";
import { z } from "zod";
import type { OpenedSystem } from "#importing/description.ts";
import type { Terminal } from "#cli/init/terminal.ts";

/** Where imports run: in the caller's folder, with a person or without. */
export interface ToolImports {
  readonly folder: string;
  readonly terminal: (() => Terminal) | null;
  /** Why a text of a document must not reach the model; null when it may. */
  readonly inspect: (text: string) => string | null;
  /** A setting by its name; null when it is not set. */
  readonly setting: (name: string) => string | null;
}

const Typed = z.object({
  only: z.string().default(""),
  out: z.string().min(1),
  answers: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  list: z.boolean().default(false),
  local: z.boolean().default(false),
});

/** Adds the command. `place` is null where no folder of a caller is known, such as in the running process. */
export function addToolImports(
  tools: Command,
  place: ToolImports | null,
  print: (text: string) => void,
): void {
  const source = tools
    .command("import")
    .description("makes tools from what a system says of itself; asks what only you can know");
  source
    .command("openapi <document>")
    .description("from an OpenAPI 3.0 or 3.1 document, a file or an address")
    .option("--list", "only lists the operations, with a guess of what each does", false)
    .option(
      "--only <operations>",
      "the wanted operations, with commas between; those of the answers otherwise",
    )
    .option("--answers <file>", "a YAML file with answers to the questions, instead of a terminal")
    .option("--out <folder>", "the folder of all tools", "tools")
    .option("--name <name>", "what the system is called here; from the document's title otherwise")
    .option("--local", "reads a document of your own network, which is refused otherwise", false)
    .action(async (document: string, typed: unknown) => {
      if (place === null)
        throw new Error("tools are imported from a folder; run the command there");
      const { list, local, only, out, answers, name } = Typed.parse(typed);
      const { openOpenApi } = await import("#importing/openapi/open.ts");
      const opened = await openOpenApi(document, { inspect: place.inspect, isLocal: local });
      if (list) {
        print(operationList(opened));
        return;
      }
      const { importTools } = await import("./import-tools.ts");
      const options = {
        only: listOf(only),
        out,
        name: name ?? nameFrom(opened.system.title),
        answersFile: answers ?? null,
      };
      await importTools(opened, options, { ...place, print });
    });
  addSqlImport(source, place, print);
  addMcpImport(source, place, print);
}

const TypedMcp = Typed.omit({ local: true });

function addMcpImport(
  source: Command,
  place: ToolImports | null,
  print: (text: string) => void,
): void {
  source
    .command("mcp <address>")
    .description("from the tools of an MCP server, over streamable HTTP")
    .option("--list", "only lists the tools, with a guess of what each does", false)
    .option(
      "--only <tools>",
      "the wanted tools, with commas between; those of the answers otherwise",
    )
    .option("--answers <file>", "a YAML file with answers to the questions, instead of a terminal")
    .option("--out <folder>", "the folder of all tools", "tools")
    .option("--name <name>", "what the system is called here; from the server's name otherwise")
    .action(async (address: string, typed: unknown) => {
      if (place === null)
        throw new Error("tools are imported from a folder; run the command there");
      const { list, only, out, answers, name } = TypedMcp.parse(typed);
      const { openNamedMcp } = await import("./import-mcp.ts");
      const opened = await openNamedMcp(address, answers ?? null, place);
      if (list) {
        print(operationList(opened));
        return;
      }
      const { importTools } = await import("./import-tools.ts");
      const options = {
        only: listOf(only),
        out,
        name: name ?? nameFrom(opened.system.title),
        answersFile: answers ?? null,
      };
      await importTools(opened, options, { ...place, print });
    });
}

const TypedSql = z.object({
  table: z.string().default(""),
  out: z.string().min(1),
  answers: z.string().min(1).optional(),
  name: z.string().min(1),
});

/** A setting is named rather than an address with a password, which would stand in the history of the shell. */
const SETTING = /^[A-Z][A-Z0-9_]{1,63}$/;

function addSqlImport(
  source: Command,
  place: ToolImports | null,
  print: (text: string) => void,
): void {
  source
    .command("sql <setting>")
    .description(
      "look-ups in tables of PostgreSQL or SQLite; names the setting with the database's address, or sqlite:PATH",
    )
    .option("--table <tables>", "the tables, with commas between; those of the answers otherwise")
    .option("--answers <file>", "a YAML file with answers to the questions, instead of a terminal")
    .option("--out <folder>", "the folder of all tools", "tools")
    .option("--name <name>", "what the database is called here", "database")
    .action(async (setting: string, typed: unknown) => {
      if (place === null)
        throw new Error("tools are imported from a folder; run the command there");
      const { table, out, answers, name } = TypedSql.parse(typed);
      const isSetting = SETTING.test(setting);
      const address = isSetting ? place.setting(setting) : setting;
      if (address === null) throw new Error(`the setting ${setting} is not set`);
      const { importSql } = await import("./import-sql.ts");
      const options = {
        address,
        addressFrom: isSetting ? setting : `${name.replaceAll("-", "_").toUpperCase()}_URL`,
        tables: listOf(table),
        out,
        name,
        answersFile: answers ?? null,
      };
      await importSql(options, { ...place, print });
    });
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** "Small Shop API (v2)" becomes "small-shop-api-v2". */
function nameFrom(title: string): string {
  const words = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  return words === "" ? "system" : words.slice(0, 40).replace(/-+$/, "");
}

const SUMMARY_LENGTH_MAX = 60;

function operationList({ system }: OpenedSystem): string {
  const rows = system.operations.map(({ name, method, path, kind, summary, deprecated }) => [
    name,
    `${kind.value}${kind.stated ? "" : "?"}`,
    `${method} ${path}`,
    `${deprecated ? "deprecated: " : ""}${summary}`.slice(0, SUMMARY_LENGTH_MAX),
  ]);
  const widths = [0, 1, 2].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const problems = system.problems.map(({ at, says }) => (at === "" ? says : `${at}: ${says}`));
  return [
    ...lines,
    ...problems,
    "A question mark is a guess by names; `kind` in the answers decides.",
  ].join("\n");
}
