import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { labelledLines } from "#evals/labelled-lines.ts";
import { type Measure, measuresOf, type Setting } from "./measure.ts";
import { Imported } from "./openapi-document.ts";

const Row = z.object({
  doc: z.string(),
  want: z.string(),
  method: z.string(),
  path: z.string(),
  effect: z.enum(["read", "write"]),
});
type Row = z.infer<typeof Row>;

/** What the import of a document of 5 MB may take; larger ones may take more in proportion. */
const SECONDS_MAX = 10;
const MEMORY_MB_MAX = 500;

const started = promisify(execFile);

/**
 * Whether outside documents can be opened, in what time and memory, and whether the operations that a support bot wants
 * are found with the right effect. Each document is read by a process of its own, so that its memory is its own.
 */
export async function openapi({ folder, progress }: Setting): Promise<readonly Measure[]> {
  const place = join(folder, "openapi");
  const rows: Row[] = [];
  for (const row of labelledLines(join(place, "operations.jsonl"), Row)) rows.push(row);
  const documents = [...new Set(rows.map(({ doc }) => doc))].filter((doc) =>
    existsSync(join(place, doc)),
  );
  const all: Judged[] = [];
  for (const doc of documents) {
    const wanted = rows.filter((row) => row.doc === doc);
    const imported = await importedBy(join(place, doc), wanted);
    const judged = judge(imported, wanted);
    for (const line of linesAbout(doc, judged)) progress(`openapi: ${line}`);
    all.push(judged);
  }
  return figuresOf(all);
}

async function importedBy(file: string, rows: readonly Row[]): Promise<Imported> {
  const script = join(import.meta.dirname, "openapi-document.ts");
  const wanted = rows.map(({ method, path }) => `${method} ${path}`);
  const { stdout } = await started(process.execPath, [script, file, ...wanted], {
    maxBuffer: 50_000_000,
  });
  return Imported.parse(JSON.parse(stdout));
}

interface Judged {
  readonly imported: Imported;
  readonly wanted: readonly {
    readonly row: Row;
    readonly found: Imported["operations"][number] | null;
  }[];
}

function judge(imported: Imported, rows: readonly Row[]): Judged {
  const wanted = rows.map((row) => ({
    row,
    found:
      imported.operations.find(({ method, path }) => method === row.method && path === row.path) ??
      null,
  }));
  return { imported, wanted };
}

function linesAbout(doc: string, { imported, wanted }: Judged): readonly string[] {
  const { seconds, memoryMb, operations, refused } = imported;
  const all = operations.length + refused.length;
  return [
    `${doc}: ${seconds.toFixed(1)} s, at most ${memoryMb} MB, ${operations.length} of ${all} operations can become tools`,
    ...wanted
      .filter(({ row, found }) => found === null || effectOf(found.kind) !== row.effect)
      .map(
        ({ row, found }) => `${doc}: ${row.method} ${row.path} is ${found?.kind ?? "not found"}`,
      ),
  ];
}

function effectOf(kind: string): "read" | "write" {
  return kind === "read" ? "read" : "write";
}

function figuresOf(all: readonly Judged[]): readonly Measure[] {
  const wanted = all.flatMap((judged) => judged.wanted);
  const found = wanted.filter(({ found: one }) => one !== null);
  const right = found.filter(
    ({ row, found: one }) => one !== null && effectOf(one.kind) === row.effect,
  );
  const reads = found.filter(({ row }) => row.effect === "read");
  const writes = found.filter(({ row }) => row.effect === "write");
  const quick = all.filter(({ imported }) => imported.seconds <= SECONDS_MAX);
  const small = all.filter(({ imported }) => imported.memoryMb <= MEMORY_MB_MAX);
  const one = measuresOf("openapi");
  return [
    one("wanted operations that can become tools", found.length, wanted.length, 1),
    one("wanted operations with the right effect", right.length, wanted.length, 1),
    one(`documents read in ${SECONDS_MAX} s`, quick.length, all.length, 1),
    one(`documents read in ${MEMORY_MB_MAX} MB`, small.length, all.length, 1),
    one(
      "wanted reads with a suggested customer",
      reads.filter(({ found: operation }) => operation?.hasIdentity === true).length,
      reads.length,
    ),
    one(
      "wanted writes about a record that can be read",
      writes.filter(({ found: operation }) => operation?.isAbout === true).length,
      writes.length,
    ),
    one(
      "wanted writes whose outcome can be found",
      writes.filter(({ found: operation }) => operation?.isFound === true).length,
      writes.length,
    ),
  ];
}
