/** Tools made from outside documents with our answers: whether they are made, right, and pass every check of a tool. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { readTools } from "#connections/system-tools.ts";
import { BUILT_IN_TOOLS } from "#core/values/action.ts";
import { importTools } from "#importing/command/import-tools.ts";
import { openOpenApi } from "#importing/openapi/open.ts";
import type { SystemTool } from "#systems/contract.ts";
import { declaredReadTool, declaredWriteTool } from "#systems/declared-tools.ts";
import { pageInspector } from "#jobs/knowledge/pages.ts";
import { labelledLines } from "#evals/labelled-lines.ts";
import { type Measure, measuresOf, type Setting } from "./measure.ts";
import { toolOffers } from "#agent/turn-state.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const ANSWERS = join(ROOT, "evals", "imports", "answers");
const TOKENS_MAX = 180;

const Wanted = z.looseObject({
  doc: z.string(),
  operationId: z.string().nullable(),
  method: z.string(),
  path: z.string(),
  effect: z.enum(["read", "write"]),
});
type Wanted = z.infer<typeof Wanted>;

/** A wanted operation and the tool that was made of it. */
interface Made {
  readonly wanted: Wanted;
  readonly tool: SystemTool | null;
}

/**
 * Imports every document of `openapi/operations.jsonl` that has a file of answers here into a folder of its
 * own, and measures what came of it. The folder is removed in the end.
 */
export async function importedTools({ folder, progress }: Setting): Promise<readonly Measure[]> {
  const scratch = await mkdtemp(join(tmpdir(), "imported-"));
  try {
    const wanted = new Map<string, Wanted[]>();
    for (const row of labelledLines(join(folder, "openapi", "operations.jsonl"), Wanted))
      if (existsSync(answersOf(row.doc)))
        wanted.set(row.doc, [...(wanted.get(row.doc) ?? []), row]);
    const made: Made[] = [];
    for (const [document, rows] of wanted)
      made.push(
        ...(await imported(join(folder, "openapi", document), rows, { scratch, progress })),
      );
    const tools = made.flatMap(({ tool }) => (tool === null ? [] : [tool]));
    return measures(made, tools);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function measures(made: readonly Made[], tools: readonly SystemTool[]): readonly Measure[] {
  const right = made.filter(
    ({ wanted, tool }) => tool !== null && (tool.kind === "read") === (wanted.effect === "read"),
  );
  const costs = tools.map(tokensOf).toSorted((left, right) => left - right);
  const median = costs[Math.floor(costs.length / 2)] ?? 0;
  const measure = measuresOf("imported-tools");
  const cheap = costs.filter((cost) => cost <= TOKENS_MAX).length;
  return [
    measure("tools made that pass every check", tools.length, made.length, 1),
    measure("right kind", right.length, made.length, 1),
    measure(`tools of at most ${TOKENS_MAX} tokens`, cheap, costs.length, 0.5),
    { ...measure("median tokens of a tool", 0, costs.length), value: median },
  ];
}

function answersOf(document: string): string {
  return join(ANSWERS, `${nameOf(document)}.yaml`);
}

/** `dev/small-shop-2.0.yaml.gz` is called `small-shop-2`. */
function nameOf(document: string): string {
  return basename(document)
    .replace(/[-.]\d{4}-\d{2}-\d{2}|\.(?:full|\d+)?\.?(?:yaml|json)(?:\.gz)?$/g, "")
    .replace(/\.(?:yaml|json)(?:\.gz)?$/, "");
}

async function imported(
  document: string,
  rows: readonly Wanted[],
  { scratch, progress }: { readonly scratch: string; readonly progress: Setting["progress"] },
): Promise<readonly Made[]> {
  const opened = await openOpenApi(document, {
    inspect: (text) => inspect({ title: "", text }),
    isLocal: false,
  });
  const name = nameOf(document).replaceAll(/[^a-z0-9]+/g, "-");
  await importTools(
    opened,
    { only: [], out: scratch, name, answersFile: answersOf(document) },
    {
      folder: scratch,
      terminal: null,
      print: (line) => progress(`${name}: ${line}`.split("\n", 1)[0] ?? ""),
    },
  ).catch((error: unknown) => progress(`${name}: ${String(error)}`));
  const place = join(scratch, name);
  const declarations = existsSync(place) ? readTools([place], BUILT_IN_TOOLS) : [];
  return rows.map((wanted) => ({
    wanted,
    tool: declarations.find((one) => isFor(one, wanted)) ?? null,
  }));
}

const inspect = pageInspector();

function isFor(tool: SystemTool, { method, path }: Wanted): boolean {
  if (tool.kind === "sql-read") return false;
  const request = tool.kind === "read" ? tool.from.request : tool.commit.request;
  return request.method === method && request.path === path;
}

/** As the budget of a turn counts a request: a token is four characters of what is sent. */
function tokensOf(tool: SystemTool): number {
  const ports = { clientOf: unused, sqlOf: unused, readTool: () => undefined };
  const made =
    tool.kind === "write" ? declaredWriteTool(tool, ports) : declaredReadTool(tool, ports);
  const [offer] = toolOffers([made]);
  return Math.ceil(
    JSON.stringify({ type: "function", function: { ...offer, strict: true } }).length / 4,
  );
}

function unused(): never {
  throw new Error("a tool that is only counted asks nothing");
}
