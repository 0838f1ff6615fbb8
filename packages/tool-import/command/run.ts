/** `deskhand tools import`: opens what was named, lists it or makes tools of it. */
import { z } from "zod";
import { inColumns } from "#core/values/words.ts";
import type { OpenedSystem } from "#importing/description.ts";
import type { ToolImports } from "./screen.ts";

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

/**
 * Runs the command as it was typed: what to import from, the source and the options. What each kind needs is loaded by
 * it alone.
 */
export async function runImport(
  typedKind: string,
  source: string,
  options: unknown,
  place: Place,
): Promise<void> {
  const kind = Kind.safeParse(typedKind);
  if (!kind.success)
    throw new Error(`${typedKind} is nothing to import from: ${Kind.options.join(", ")}`);
  const typed = Typed.parse(options);
  if (kind.data === "sql") return importFromDatabase(source, typed, place);
  if (kind.data !== "convert") return importDescribed(kind.data, source, typed, place);
  const { convertFolder } = await import("#importing/convert/convert-folder.ts");
  return convertFolder(source, place);
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
  const { importTools } = await import("./tools.ts");
  const options = {
    only: commaSeparated(typed.only),
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
    const { openNamedMcp } = await import("#importing/mcp/open-mcp.ts");
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
  const { importSql } = await import("./sql.ts");
  const options = {
    address,
    addressFrom: setting,
    tables: commaSeparated(only),
    out,
    name,
    answersFile: answers ?? null,
  };
  await importSql(options, place);
}

function commaSeparated(text: string): readonly string[] {
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
