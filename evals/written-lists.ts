/** Reads lists that people wrote, as YAML or one JSON object a line, and tells every mistake in them by file and line. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isNode, isSeq, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";

/** An item of a list before it is checked. */
export interface WrittenItem {
  readonly line: number;
  readonly value: unknown;
}

const PROBLEMS_SHOWN_MAX = 20;

/** The items of a YAML document; `what` names them where it is no list. */
export function yamlItems(
  file: string,
  text: string,
  what: string,
  problems: string[],
): readonly WrittenItem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors)
    problems.push(`${file}, line ${lines.linePos(error.pos[0]).line}: ${error.message}`);
  if (document.errors.length > 0) return [];
  if (!isSeq(document.contents)) {
    problems.push(`${file}, line 1: has to be a list of ${what}`);
    return [];
  }
  return document.contents.items.map((item) => {
    const value: unknown = isNode(item) ? item.toJS(document) : null;
    return { line: lines.linePos(isNode(item) ? (item.range?.[0] ?? 0) : 0).line, value };
  });
}

/** The objects of a file with one a line. */
export function jsonItems(file: string, text: string, problems: string[]): readonly WrittenItem[] {
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

/** All items of the YAML files of a folder, each with a name of its own. Throws every mistake, by file, line and field. */
export function listsIn<Item extends { readonly id: string }>(
  folder: string,
  what: string,
  schema: z.ZodType<Item>,
): readonly Item[] {
  const problems: string[] = [];
  const itemsOf = (name: string): readonly Item[] =>
    yamlItems(name, readFileSync(join(folder, name), "utf8"), what, problems).flatMap(
      ({ line, value }) => {
        const { success, data, error } = schema.safeParse(value);
        if (success) return [data];
        for (const { path, message } of error.issues)
          problems.push(`${name}, line ${line}, ${path.join(".") || "it"}: ${message}`);
        return [];
      },
    );
  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  const items = names.toSorted().flatMap(itemsOf);
  const ids = items.map(({ id }) => id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  refuseProblems(what, [...problems, ...twice.map((id) => `${id} is named twice`)]);
  return items;
}

/** Throws `input.invalid` with the mistakes in what was written, where there are any. */
export function refuseProblems(what: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const shown = problems.slice(0, PROBLEMS_SHOWN_MAX).map((problem) => `  - ${problem}`);
  const left = problems.length - shown.length;
  const more = left === 0 ? [] : [`  and ${left} more`];
  throw new DeskhandError(
    "input.invalid",
    [`The ${what} have ${problems.length} problem(s):`, ...shown, ...more].join("\n"),
  );
}
