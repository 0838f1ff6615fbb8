/** Imports one OpenAPI document with all its operations, in a process of its own, and prints what came of it as JSON. */
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { OperationDescription, Problem } from "#importing/description.ts";
import { openOpenApi } from "#importing/openapi/open.ts";
import { pageInspector } from "#jobs/knowledge/pages.ts";

/** What the process prints. */
export const Imported = z.object({
  /** Opening the document and describing the wanted operations. */
  seconds: z.number(),
  /** The most memory the process ever had, Node itself included. */
  memoryMb: z.number(),
  operations: z.array(
    z.object({
      method: z.string(),
      path: z.string(),
      kind: z.string(),
      hasIdentity: z.boolean(),
      isAbout: z.boolean(),
      isFound: z.boolean(),
    }),
  ),
  /** Why the others cannot become tools. */
  refused: z.array(z.string()),
});
export type Imported = z.infer<typeof Imported>;

/** `wanted` are methods and paths, such as `GET /orders`. All other operations are described afterwards. */
async function imported(file: string, wanted: readonly string[]): Promise<Imported> {
  const guard = pageInspector();
  const start = performance.now();
  const opened = await openOpenApi(file, {
    inspect: (text) => guard({ title: "", text }),
    isLocal: false,
  });
  const listed = opened.system.operations;
  const isWanted = new Set(wanted);
  const chosen = listed.filter(({ method, path }) => isWanted.has(`${method} ${path}`));
  const first = await opened.describe(chosen.map(({ name }) => name));
  const seconds = (performance.now() - start) / 1_000;
  const operations = first.operations.map(summaryOf);
  const refused = reasonsIn(first.problems);
  for (const { name } of listed.filter((one) => !chosen.includes(one))) {
    const described = await opened.describe([name]);
    operations.push(...described.operations.map(summaryOf));
    if (described.operations.length === 0)
      refused.push(...reasonsIn(described.problems).slice(0, 1));
  }
  const memoryMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  return { seconds, memoryMb, operations, refused };
}

function reasonsIn(problems: readonly Problem[]): string[] {
  return problems.filter(({ effect }) => effect === "refused").map(({ says }) => says);
}

function summaryOf({
  method,
  path,
  guesses,
}: OperationDescription): Imported["operations"][number] {
  const { kind, identity, about, find } = guesses;
  return {
    method,
    path,
    kind: kind.value,
    hasIdentity: identity.length > 0,
    isAbout: about !== null,
    isFound: find !== null && find.by !== "nothing",
  };
}

const [, script = "", file = "", ...wanted] = process.argv;
if (import.meta.url === pathToFileURL(script).href)
  console.log(JSON.stringify(await imported(file, wanted)));
