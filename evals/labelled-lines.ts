/** Reads files of labelled examples, one JSON object a line, and takes halves of them. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";

/** Longer than any text of one piece may be. */
const BYTES_MAX = 500_000_000;

/** The same as `labelledLines`, at once. Throws `input.invalid` also where there are none; `what` names them. */
export function readLabelled<Example>(
  file: string,
  schema: z.ZodType<Example>,
  what: string,
): readonly Example[] {
  const examples = [...labelledLines(file, schema)];
  if (examples.length === 0) throw new DeskhandError("input.invalid", `${file} has no ${what}`);
  return examples;
}

/**
 * Reads a file of one example a line, each checked when it is asked for. Only a line feed ends a line: JSON text may
 * contain Unicode's separators. Throws `input.invalid` with the line and the field.
 */
export function* labelledLines<Example>(
  file: string,
  schema: z.ZodType<Example>,
): Generator<Example> {
  for (const [index, line] of textOf(file).split("\n").entries())
    if (line.trim() !== "") yield exampleOf(line, schema, `${file}:${index + 1}`);
}

/** Which half an example belongs to, by a digest of its id: it stays the same when lines are added. */
export function halfOf(id: string): "a" | "b" {
  return (createHash("sha256").update(id).digest()[0] ?? 0) % 2 === 0 ? "a" : "b";
}

function textOf(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= BYTES_MAX) return bytes.toString("utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new DeskhandError("input.invalid", `${file} cannot be read: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  throw new DeskhandError("input.invalid", `${file} is larger than ${BYTES_MAX} bytes`);
}

function exampleOf<Example>(line: string, schema: z.ZodType<Example>, place: string): Example {
  const { success, data, error } = schema.safeParse(jsonOf(line, place));
  if (success) return data;
  const [issue] = error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new DeskhandError("input.invalid", `${place}: ${field}: ${issue?.message ?? ""}`);
}

function jsonOf(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new DeskhandError("input.invalid", `${place}: this is no JSON`, { cause: error });
  }
}
