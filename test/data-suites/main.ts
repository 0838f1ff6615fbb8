/** `npm run evals -- data-suites --data DIR`: measures the product's functions on data outside the project. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { inColumns } from "#core/values/words.ts";
import { optionsOrUsage, say } from "#test/support/program.ts";
import { helpPages } from "./help-pages.ts";
import { importedTools } from "./imported-tools.ts";
import { injection } from "./injection.ts";
import { mail } from "./mail.ts";
import type { Measure, Suite } from "./measure.ts";
import { openapi } from "./openapi.ts";
import { retrieval } from "./retrieval.ts";

const SUITES: Readonly<Record<string, Suite>> = {
  retrieval,
  "help-pages": helpPages,
  injection,
  mail,
  openapi,
  "imported-tools": importedTools,
};

const USAGE = `Usage: npm run evals -- data-suites --data DIR [--only SUITE] [--json]

  --data DIR     the folder with retrieval/banking77.json, injection/dev.jsonl,
                 email/automail.jsonl and email/quotes.jsonl, pages/ with
                 documents in docx, html, md and pdf and their questions/, and
                 openapi/operations.jsonl with the documents that it names
  --only SUITE   one of: ${Object.keys(SUITES).join(", ")}
  --json         the measures as JSON instead of a table

Progress goes to standard error. Ends with 1 when a measure is below its floor, with 2 when it cannot run.`;

interface Wanted {
  readonly folder: string;
  readonly suites: readonly Suite[];
  readonly json: boolean;
}

function wantedFrom(argv: readonly string[]): Wanted {
  const { data, only, json } = parseArgs({
    args: [...argv],
    options: {
      data: { type: "string" },
      only: { type: "string" },
      json: { type: "boolean", default: false },
    },
  }).values;
  if (data === undefined) throw new Error("--data DIR is missing.");
  const folder = resolve(process.env["INIT_CWD"] ?? ".", data);
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  if (only === undefined) return { folder, suites: Object.values(SUITES), json };
  const suite = SUITES[only];
  if (suite === undefined) throw new Error(`There is no suite called ${only}.`);
  return { folder, suites: [suite], json };
}

function tableOf(measures: readonly Measure[]): string {
  const rows = measures.map(({ suite, name, value, of, floor }) => [
    suite,
    name,
    value.toFixed(3),
    floor === null ? "" : floor.toFixed(2),
    String(of),
    isBelow({ value, floor }) ? "BELOW" : "",
  ]);
  return inColumns([["suite", "measure", "value", "floor", "of", ""], ...rows]);
}

function isBelow({ value, floor }: Pick<Measure, "value" | "floor">): boolean {
  return floor !== null && value < floor;
}

async function run({ folder, suites, json }: Wanted): Promise<boolean> {
  const measures: Measure[] = [];
  for (const suite of suites) measures.push(...(await suite({ folder, progress: say })));
  console.log(json ? JSON.stringify(measures, null, 2) : tableOf(measures));
  return !measures.some(isBelow);
}

const wanted = optionsOrUsage(() => wantedFrom(process.argv.slice(2)), USAGE);
if (wanted !== null)
  try {
    process.exitCode = (await run(wanted)) ? 0 : 1;
  } catch (error) {
    console.error(error);
    process.exitCode = 2;
  }
