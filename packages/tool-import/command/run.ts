/** `deskhand tools import`: opens what was named, lists it or makes tools of it. */
import { z } from "zod";
import { inColumns } from "#core/values/words.ts";
import type { OpenedSystem } from "#importing/description.ts";
import type { ToolImports } from "./import-tools.ts";

const Kind = z.enum(["openapi", "sql", "mcp", "convert"]);

const Typed = z.object({
  only: z.string().default(""),
  out: z.string().min(1),
  answers: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  list: z.boolean().default(false),
  local: z.boolean().default(false),
});

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
  const { only, out, name, list, answers: answersFile = null, local } = Typed.parse(options);
  const wanted = { only: commaSeparated(only), out, answersFile };
  if (kind.data === "convert") {
    const { convertFolder } = await import("#importing/convert/convert-folder.ts");
    return convertFolder(source, place);
  }
  const { importSql, importTools } = await import("./import-tools.ts");
  if (kind.data === "sql") {
    const address = place.setting(source);
    if (address === null) throw new Error(`the setting ${source} is not set`);
    const from = { address, addressFrom: source, name: name ?? "database" };
    return importSql({ ...wanted, ...from }, place);
  }
  const opened = await openedSystem(kind.data, source, { answersFile, isLocal: local }, place);
  if (list) return place.print(operationList(opened));
  await importTools(opened, { ...wanted, name: name ?? nameFrom(opened.system.title) }, place);
}

type Place = ToolImports & { readonly print: (text: string) => void };

/** Opens what was named, before anything is asked or written. */
async function openedSystem(
  kind: "openapi" | "mcp",
  source: string,
  { answersFile, isLocal }: { readonly answersFile: string | null; readonly isLocal: boolean },
  place: Place,
): Promise<OpenedSystem> {
  if (kind === "mcp") {
    const { openNamedMcp } = await import("#importing/mcp/open-mcp.ts");
    return openNamedMcp(source, answersFile, place);
  }
  const { openOpenApi } = await import("#importing/openapi/open.ts");
  return openOpenApi(source, { inspect: place.inspect, isLocal });
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
