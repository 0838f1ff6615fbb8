/** `deskhand tools import`: from a document of your own system, its database or its MCP server to tools. */
import type { Command } from "commander";
import { z } from "zod";
import type { OpenedSystem } from "#importing/description.ts";
import type { ToolImports } from "#importing/command/place.ts";
import { inColumns } from "#core/values/words.ts";

const Typed = z.object({
  only: z.string().default(""),
  out: z.string().min(1),
  answers: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  list: z.boolean().default(false),
  local: z.boolean().default(false),
});
type Typed = z.infer<typeof Typed>;

/** Opens what was named behind the command, before anything is asked or written. */
type Open = (named: string, typed: Typed, place: ToolImports) => Promise<OpenedSystem>;

/** Adds the command. `place` is null where no folder of a caller is known, such as in the running process. */
export function addToolImports(
  tools: Command,
  place: ToolImports | null,
  print: (text: string) => void,
): void {
  const source = tools
    .command("import")
    .description("makes tools from what a system says of itself; asks what only you can know");
  const openapi = source
    .command("openapi <document>")
    .description("from an OpenAPI 3.0 or 3.1 document, a file or an address");
  addOpenedImport(
    openapi,
    { things: "operations", nameFrom: "the document's title" },
    async (document, { local }, { inspect }) => {
      const { openOpenApi } = await import("#importing/openapi/open.ts");
      return openOpenApi(document, { inspect, isLocal: local });
    },
    { place, print },
  );
  openapi.option(
    "--local",
    "reads a document of your own network, which is refused otherwise",
    false,
  );
  addSqlImport(source, place, print);
  addConversion(source, place, print);
  addOpenedImport(
    source
      .command("mcp <address>")
      .description("from the tools of an MCP server, over streamable HTTP"),
    { things: "tools", nameFrom: "the server's name" },
    async (address, { answers }, known) => {
      const { openNamedMcp } = await import("#importing/command/open-mcp-server.ts");
      return openNamedMcp(address, answers ?? null, known);
    },
    { place, print },
  );
}

/** Adds the conversion of what version 0.3 wrote. */
function addConversion(
  source: Command,
  place: ToolImports | null,
  print: (text: string) => void,
): void {
  source
    .command("convert <folder>")
    .description("from a folder of tools that version 0.3 wrote as programs; runs none of them")
    .action(async (folder: string) => {
      const { convertFolder } = await import("#importing/convert/convert-folder.ts");
      await convertFolder(folder, { ...placed(place), print });
    });
}

/** What is the same for every system that describes itself: its list, its questions, its folder. */
function addOpenedImport(
  command: Command,
  words: { readonly things: string; readonly nameFrom: string },
  open: Open,
  { place, print }: { readonly place: ToolImports | null; readonly print: (text: string) => void },
): void {
  command
    .option("--list", `only lists the ${words.things}, with a guess of what each does`, false)
    .option(
      `--only <${words.things}>`,
      `the wanted ${words.things}, with commas between; those of the answers otherwise`,
      joined,
    )
    .option("--answers <file>", "a YAML file with answers to the questions, instead of a terminal")
    .option("--out <folder>", "the folder of all tools", "tools")
    .option("--name <name>", `what the system is called here; from ${words.nameFrom} otherwise`)
    .action(async (named: string, given: unknown) => {
      const known = placed(place);
      const typed = Typed.parse(given);
      const opened = await open(named, typed, known);
      if (typed.list) {
        print(operationList(opened));
        return;
      }
      const { importTools } = await import("#importing/command/tools.ts");
      const options = {
        only: listOf(typed.only),
        out: typed.out,
        name: typed.name ?? nameFrom(opened.system.title),
        answersFile: typed.answers ?? null,
      };
      await importTools(opened, options, { ...known, print });
    });
}

function placed(place: ToolImports | null): ToolImports {
  if (place === null) throw new Error("tools are imported from a folder; run the command there");
  return place;
}

const TypedSql = z.object({
  table: z.string().default(""),
  out: z.string().min(1),
  answers: z.string().min(1).optional(),
  name: z.string().min(1),
});

function addSqlImport(
  source: Command,
  place: ToolImports | null,
  print: (text: string) => void,
): void {
  source
    .command("sql <setting>")
    .description(
      "look-ups in tables of PostgreSQL, MySQL or MariaDB; names the setting with the database's address",
    )
    .option(
      "--table <tables>",
      "the tables, with commas between; those of the answers otherwise",
      joined,
    )
    .option("--answers <file>", "a YAML file with answers to the questions, instead of a terminal")
    .option("--out <folder>", "the folder of all tools", "tools")
    .option("--name <name>", "what the database is called here", "database")
    .action(async (setting: string, typed: unknown) => {
      const known = placed(place);
      const { table, out, answers, name } = TypedSql.parse(typed);
      const address = known.setting(setting);
      if (address === null) throw new Error(`the setting ${setting} is not set`);
      const { importSql } = await import("#importing/command/sql.ts");
      const options = {
        address,
        addressFrom: setting,
        tables: listOf(table),
        out,
        name,
        answersFile: answers ?? null,
      };
      await importSql(options, { ...known, print });
    });
}

/** An option that is typed again adds to what was typed before. */
function joined(text: string, before: string | undefined): string {
  return before === undefined ? text : `${before},${text}`;
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
  return words === "" ? "system" : words.slice(0, 40).replace(/(?<!-)-+$/, "");
}

const SUMMARY_LENGTH_MAX = 60;

function operationList({ system }: OpenedSystem): string {
  const rows = system.operations.map(({ name, method, path, kind, summary, deprecated }) => [
    name,
    `${kind.value}${kind.stated ? "" : "?"}`,
    `${method} ${path}`,
    `${deprecated ? "deprecated: " : ""}${summary}`.slice(0, SUMMARY_LENGTH_MAX),
  ]);
  const problems = system.problems.map(({ at, says }) => (at === "" ? says : `${at}: ${says}`));
  return [
    ...(rows.length === 0 ? [] : [inColumns(rows)]),
    ...problems,
    "A question mark is a guess by names; `kind` in the answers decides.",
  ].join("\n");
}
