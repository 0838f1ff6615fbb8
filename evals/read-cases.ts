/** Reads eval cases from files. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { isMap, isScalar, LineCounter, parseDocument, isSeq } from "yaml";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { type EvalCase, WrittenCase } from "./case.ts";

const WORDS_IN_NAME_MAX = 8;

/**
 * Reads every `.yaml`, `.yml` and `.jsonl` file of a folder, in name order. All mistakes come in one `input.invalid`,
 * each with file, line, case and field, so that one round of editing is enough.
 */
export function readCases(folder: string): readonly EvalCase[] {
  const problems: string[] = [];
  const cases = namesIn(folder)
    .filter((name) => /\.(?:ya?ml|jsonl)$/.test(name))
    .toSorted()
    .flatMap((name) => casesOf(name, readFileSync(join(folder, name), "utf8"), problems));
  if (cases.length === 0 && problems.length === 0) problems.push(`${folder}: holds no cases`);
  if (problems.length > 0)
    throw new DeskhandError(
      "input.invalid",
      `The cases have ${problems.length} problem(s):\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
    );
  return cases;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new DeskhandError("input.invalid", `${folder}: cannot be read`, { cause });
  }
}

/** A case as in its file, before it is checked. */
interface Raw {
  readonly line: number;
  readonly value: unknown;
}

function casesOf(file: string, text: string, problems: string[]): readonly EvalCase[] {
  const raw = file.endsWith(".jsonl")
    ? linesOf(file, text, problems)
    : itemsOf(file, text, problems);
  const topic = file.slice(0, -extname(file).length);
  const cases = raw.flatMap(({ line, value }, index) => {
    const parsed = WrittenCase.safeParse(value);
    const place = `${file}, line ${line}, case ${nameIn(value) ?? index + 1}`;
    if (parsed.success) return [{ place, evalCase: named(topic, parsed.data) }];
    problems.push(...parsed.error.issues.flatMap((issue) => told(issue, place)));
    return [];
  });
  const seen = new Set<string>();
  for (const { place, evalCase } of cases) {
    if (seen.has(evalCase.id))
      problems.push(`${place}, id: ${evalCase.id} is taken by a case above`);
    seen.add(evalCase.id);
  }
  return cases.map(({ evalCase }) => evalCase);
}

function named(topic: string, { id, ...written }: z.output<typeof WrittenCase>): EvalCase {
  return { ...written, id: `${topic}/${id ?? slugOf(written.input[0]?.text ?? "")}` };
}

/** One line per field; for a union, the fields of the form that matched best. */
function told(issue: z.core.$ZodIssue, place: string): readonly string[] {
  const field = issue.path.join(".") || "the case";
  if (issue.code === "invalid_union") {
    const closest = issue.errors
      .filter((issues) => issues.some(({ path }) => path.length > 0))
      .toSorted((a, b) => a.length - b.length)[0];
    if (closest !== undefined)
      return closest.flatMap((inner) =>
        told({ ...inner, path: [...issue.path, ...inner.path] }, place),
      );
  }
  const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
  return keys.length > 0
    ? keys.map((key) => `${place}, ${[...issue.path, key].join(".")}: is no field of a case`)
    : [`${place}, ${field}: ${issue.message}`];
}

function nameIn(value: unknown): string | null {
  return z.object({ id: z.string() }).safeParse(value).data?.id ?? null;
}

function slugOf(text: string): string {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.slice(0, WORDS_IN_NAME_MAX).join("-") || "case";
}

function linesOf(file: string, text: string, problems: string[]): readonly Raw[] {
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    try {
      return [{ line: index + 1, value: JSON.parse(line) }];
    } catch {
      problems.push(`${file}, line ${index + 1}: is not valid JSON`);
      return [];
    }
  });
}

function itemsOf(file: string, text: string, problems: string[]): readonly Raw[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors)
    problems.push(`${file}, line ${lines.linePos(error.pos[0]).line}: ${error.message}`);
  if (document.errors.length > 0) return [];
  const { contents } = document;
  if (!isSeq(contents)) {
    problems.push(`${file}, line 1: has to be a list of cases`);
    return [];
  }
  return contents.items.map((item) => {
    const start = isMap(item) || isScalar(item) || isSeq(item) ? (item.range?.[0] ?? 0) : 0;
    const value: unknown =
      isMap(item) || isScalar(item) || isSeq(item) ? item.toJS(document) : null;
    return { line: lines.linePos(start).line, value };
  });
}
