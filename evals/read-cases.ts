/** Reads and checks the case files of a folder. */
import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import { type EvalCase, WrittenCase } from "./case.ts";
import { jsonItems, refuseProblems, yamlItems } from "./written-lists.ts";

const WORDS_IN_NAME_MAX = 8;

/**
 * Reads every `.yaml`, `.yml` and `.jsonl` file of a folder, in the order of names. Reports all mistakes in one
 * `input.invalid`, each with file, line, case and field.
 */
export function readCases(folder: string): readonly EvalCase[] {
  const problems: string[] = [];
  const cases = namesIn(folder)
    .filter((name) => /\.(?:ya?ml|jsonl)$/.test(name))
    .toSorted()
    .flatMap((name) => casesOf(name, readFileSync(join(folder, name), "utf8"), problems));
  if (cases.length === 0 && problems.length === 0) problems.push(`${folder}: holds no cases`);
  refuseProblems("cases", problems);
  return cases;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    throw new DeskhandError("input.invalid", `${folder}: cannot be read`, { cause });
  }
}

function casesOf(file: string, text: string, problems: string[]): readonly EvalCase[] {
  const raw = file.endsWith(".jsonl")
    ? jsonItems(file, text, problems)
    : yamlItems(file, text, "cases", problems);
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

/** One line for each field; a union names the fields of the form that came closest. */
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
