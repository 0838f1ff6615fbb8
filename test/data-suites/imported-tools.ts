/** Tools made from outside documents with our answers: whether they are made, right, and pass the project's own check. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { offersOf } from "#agent/tool-schema.ts";
import { importTools } from "#importing/command/tools.ts";
import { openOpenApi } from "#importing/openapi/open.ts";
import { checkDeclaration } from "#systems/check-declaration.ts";
import type { SystemTool } from "#systems/contract.ts";
import { formProblems, isDeclaration } from "#systems/declaration-schema.ts";
import { readToolOf } from "#systems/read-tool.ts";
import { writeToolOf } from "#systems/write-tool.ts";
import { pageInspector } from "#jobs/knowledge/inspect-page.ts";
import { linesOf, type Measure, type Setting, share } from "./measure.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const ANSWERS = join(ROOT, "evals", "imports", "answers");
const BIN = join(ROOT, "node_modules", ".bin");
const SUITE = "imported-tools";
const LINES_SHOWN = 200;
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
  readonly problems: readonly string[];
}

const run = promisify(execFile);

/**
 * Imports every document of `openapi/operations.jsonl` that has a file of answers here into a folder inside the project,
 * and measures what came of it. The folder is removed in the end.
 */
export async function importedTools({ folder, progress }: Setting): Promise<readonly Measure[]> {
  const scratch = await mkdtemp(join(ROOT, "imported-"));
  try {
    const wanted = new Map<string, Wanted[]>();
    for await (const row of linesOf(join(folder, "openapi", "operations.jsonl"), Wanted))
      if (existsSync(answersOf(row.doc)))
        wanted.set(row.doc, [...(wanted.get(row.doc) ?? []), row]);
    const made: Made[] = [];
    for (const [document, rows] of wanted)
      made.push(
        ...(await imported(join(folder, "openapi", document), rows, { scratch, progress })),
      );
    for (const { wanted: row, problems } of made)
      for (const problem of problems) progress(`${row.doc} ${row.method} ${row.path}: ${problem}`);
    const tools = made.flatMap(({ tool }) => (tool === null ? [] : [tool]));
    const failing = await failingFiles(scratch, progress);
    return measures(made, tools, failing);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function measures(
  made: readonly Made[],
  tools: readonly SystemTool[],
  failing: readonly string[],
): readonly Measure[] {
  const right = made.filter(
    ({ wanted, tool }) => tool !== null && (tool.kind === "read") === (wanted.effect === "read"),
  );
  const bound = made.filter(({ tool, problems }) => tool !== null && problems.length === 0);
  const costs = tools.map(tokensOf).toSorted((left, right) => left - right);
  const median = costs[Math.floor(costs.length / 2)] ?? 0;
  const measure = (name: string, value: number, of: number, floor: number | null): Measure => ({
    suite: SUITE,
    name,
    value,
    of,
    floor,
  });
  return [
    measure("tools made", share(tools.length, made.length), made.length, 1),
    measure("right kind", share(right.length, made.length), made.length, 1),
    measure(
      "binding and outcome pass the checks",
      share(bound.length, made.length),
      made.length,
      1,
    ),
    measure(
      "files that pass types, lint, format and their tests",
      failing.length === 0 ? 1 : 0,
      tools.length,
      1,
    ),
    measure(
      `tools of at most ${TOKENS_MAX} tokens`,
      share(costs.filter((cost) => cost <= TOKENS_MAX).length, costs.length),
      costs.length,
      0.5,
    ),
    measure("median tokens of a tool", median, costs.length, null),
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
  const tools = await toolsIn(join(scratch, name, "index.ts"));
  const declarations = tools.filter(isDeclaration);
  return rows.map((wanted) => {
    const tool = declarations.find((one) => isFor(one, wanted)) ?? null;
    const problems =
      tool === null
        ? tools.flatMap((one, at) => formProblems(one, at))
        : checkDeclaration(tool, { declarations, builtInTools: [] });
    return { wanted, tool, problems: problems.map(({ field, reason }) => `${field}: ${reason}`) };
  });
}

const inspect = pageInspector();

async function toolsIn(index: string): Promise<readonly unknown[]> {
  if (!existsSync(index)) return [];
  const module: unknown = await import(index);
  return z.object({ tools: z.array(z.unknown()) }).parse(module).tools;
}

function isFor(tool: SystemTool, { method, path }: Wanted): boolean {
  if (tool.kind === "sql-read") return false;
  const request = tool.kind === "read" ? tool.from.request : tool.commit.request;
  return request.method === method && request.path === path;
}

/** As the budget of a turn counts a request: a token is four characters of what is sent. */
function tokensOf(tool: SystemTool): number {
  const ports = { clientOf: unused, sqlOf: unused, readTool: () => undefined };
  const made = tool.kind === "write" ? writeToolOf(tool, ports) : readToolOf(tool, ports);
  const [offer] = offersOf([made]).all;
  return Math.ceil(
    JSON.stringify({ type: "function", function: { ...offer, strict: true } }).length / 4,
  );
}

function unused(): never {
  throw new Error("a tool that is only counted asks nothing");
}

/** What the project's own check says of the files, by the same programs. */
async function failingFiles(
  scratch: string,
  progress: Setting["progress"],
): Promise<readonly string[]> {
  const config = join(scratch, "tsconfig.json");
  await writeFile(
    config,
    JSON.stringify({
      extends: "../tsconfig.json",
      compilerOptions: { incremental: false, tsBuildInfoFile: null },
      include: ["."],
    }),
  );
  const systems = (await readdir(scratch, { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  const folders = systems.map(({ name }) => join(scratch, name));
  const programs: readonly (readonly [string, readonly string[]])[] = [
    ["tsc", ["--project", config]],
    ["oxlint", ["--deny-warnings", ...folders]],
    ["oxfmt", ["--check", ...folders]],
    ["node", ["test/runner/test.mjs", basename(scratch)]],
  ];
  const failing: string[] = [];
  for (const [program, words] of programs)
    await run(program === "node" ? process.execPath : join(BIN, program), [...words], {
      cwd: ROOT,
    }).catch((error: unknown) => {
      failing.push(program);
      const { stdout } = z
        .object({ stdout: z.string() })
        .catch({ stdout: String(error) })
        .parse(error);
      for (const line of stdout
        .split("\n")
        .filter((text) => !text.startsWith("✔"))
        .slice(0, LINES_SHOWN))
        progress(`${program}: ${line}`);
    });
  return failing;
}
