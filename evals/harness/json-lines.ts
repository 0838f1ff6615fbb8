/** A reader for files of JSON lines. */

import { createReadStream } from "node:fs";
import type { z } from "zod";
import { DeskhandError, reasonOf } from "#core/values/errors.ts";

/**
 * Reads a file of one JSON object per line, holding one line at a time. Only a line feed ends a line: JSON text may
 * contain Unicode's separators. Throws `input.invalid` with the number of a line that does not fit, or the reason why the file cannot be read.
 */
export async function* jsonLines<Row extends z.ZodType>(
  file: string,
  row: Row,
): AsyncGenerator<z.output<Row>> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number += 1;
    if (line.trim() === "") continue;
    const parsed = row.safeParse(valueOf(line, `${file}, line ${number}`));
    if (!parsed.success)
      throw wrong(`${file}, line ${number}: ${fieldsOf(parsed.error)}`, parsed.error);
    yield parsed.data;
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const pieces: string[] = [];
  try {
    for await (const chunk of createReadStream(file, { encoding: "utf8" })) {
      const [first = "", ...more] = String(chunk).split("\n");
      pieces.push(first);
      for (const piece of more) {
        yield pieces.splice(0).join("");
        pieces.push(piece);
      }
    }
  } catch (cause) {
    throw wrong(`${file} cannot be read: ${reasonOf(cause)}`, cause);
  }
  yield pieces.join("");
}

function valueOf(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw wrong(`${place} is no JSON: ${reasonOf(cause)}`, cause);
  }
}

function wrong(words: string, cause: unknown): DeskhandError {
  return new DeskhandError("input.invalid", words, { cause });
}

function fieldsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
}
