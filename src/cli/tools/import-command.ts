/** `deskhand tools import`: from a document of your own system, its database or its MCP server to tools. */
import type { Command } from "commander";
import { z } from "zod";
import type { OpenedSystem } from "#importing/description.ts";
import type { ToolImports } from "#importing/command/place.ts";
import { inColumns } from "#core/values/words.ts";

const Kind = z.enum(["openapi", "sql", "mcp", "convert"]);

const Typed = z.object({
  only: z.string().default(""),
  out: z.string().min(1),
  answers: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  list: z.boolean().default(false),
  local: z.boolean().default(false),
});
type Typed = z.infer<typeof Typed>;

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
      const kind = Kind.safeParse(typedKind);
      if (!kind.success)
        throw new Error(`${typedKind} is nothing to import from: ${Kind.options.join(", ")}`);
      const typed = Typed.parse(given);
      const known = { ...place, print };
      if (kind.data === "sql") return importFromDatabase(source, typed, known);
      if (kind.data !== "convert") return importDescribed(kind.data, source, typed, known);
      const { convertFolder } = await import("#importing/convert/convert-folder.ts");
      return convertFolder(source, known);
    });
}

type Place = ToolImports & { readonly print: (text: string) => void };

/** What is the same for every system that describes itself: its list, its questions, its folder. */
async function importDescribed(
  kind: "openapi" | "mcp",
  source: string,
  typed: Typed,
  place: Place,
): Promise<void> {
  const opened = await openedSystem(kind, source, typed, place);
  if (typed.list) {
    place.print(operationList(opened));
    return;
  }
  const { importTools } = await import("#importing/command/tools.ts");
  const options = {
    only: listOf(typed.only),
    out: typed.out,
    name: typed.name ?? nameFrom(opened.system.title),
    answersFile: typed.answers ?? null,
  };
  await importTools(opened, options, place);
}

/** Opens what was named, before anything is asked or written. */
async function openedSystem(
  kind: "openapi" | "mcp",
  source: string,
  { local, answers }: Typed,
  place: Place,
): Promise<OpenedSystem> {
  if (kind === "mcp") {
    const { openNamedMcp } = await import("#importing/command/open-mcp-server.ts");
    return openNamedMcp(source, answers ?? null, place);
  }
  const { openOpenApi } = await import("#importing/openapi/open.ts");
  return openOpenApi(source, { inspect: place.inspect, isLocal: local });
}

async function importFromDatabase(
  setting: string,
  { only, out, answers, name = "database" }: Typed,
  place: Place,
): Promise<void> {
  const address = place.setting(setting);
  if (address === null) throw new Error(`the setting ${setting} is not set`);
  const { importSql } = await import("#importing/command/sql.ts");
  const options = {
    address,
    addressFrom: setting,
    tables: listOf(only),
    out,
    name,
    answersFile: answers ?? null,
  };
  await importSql(options, place);
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
