/** Writes single settings into the text of a policy file as a person would: comments and the lines beside them stay. */
import { type Document, parseDocument } from "yaml";
import { digest, isRecord } from "#core/values/canonical-json.ts";
import { lineDifference } from "#text/diff.ts";
import { openPolicyInForce } from "./load-policy.ts";

/** One setting: the keys that lead to it, a place in a list among them, and its value. Without a value it is taken out. */
export interface PolicyEdit {
  readonly path: readonly (string | number)[];
  readonly value?: unknown;
}

/**
 * The same file with these settings. Null where the file says so already, where a place cannot be edited safely (an
 * anchor that other settings share), or where the edited file would say anything else besides. Throws `policy.invalid`
 * for a file that would have mistakes.
 */
export function editedPolicy(text: string, edits: readonly PolicyEdit[]): string | null {
  const document: Document = parseDocument(text, { prettyErrors: false });
  const before = printed(document);
  try {
    for (const edit of edits) write(document, edit);
  } catch {
    // The library refuses to write below an alias or a plain value.
    return null;
  }
  const edited = keepingLines(text, before, printed(document));
  if (edited === text) return null;
  const expected = edits.reduce<unknown>(
    (value, { path, value: set }) => withValue(value, path, set),
    openPolicyInForce(text).document,
  );
  return digest(expected) === digest(openPolicyInForce(edited).document) ? edited : null;
}

function write(document: Document, { path, value }: PolicyEdit): void {
  if (value === undefined) document.deleteIn(path);
  else
    document.setIn(
      path,
      typeof value === "object" ? document.createNode(value, { flow: true }) : value,
    );
}

/** The document as the library writes it, which keeps comments and the number of lines, though not every space. */
export function printed(document: Document): string {
  return document.toString({ lineWidth: 0 });
}

/**
 * A text with the lines that differ between two printed forms of it, so that no other line changes; the second form
 * itself where the text has other lines than the first.
 */
export function keepingLines(text: string, before: string, after: string): string {
  const own = text.split("\n");
  if (own.length !== before.split("\n").length) return after;
  let at = 0;
  const lines = lineDifference(before, after).flatMap(({ kind, text: line }) => {
    if (kind === "in") return [line];
    at += 1;
    return kind === "same" ? [own[at - 1] ?? ""] : [];
  });
  return lines.join("\n");
}

function withValue(value: unknown, [key, ...rest]: PolicyEdit["path"], set: unknown): unknown {
  if (key === undefined) return set;
  if (Array.isArray(value)) {
    const list: unknown[] = [...value];
    if (rest.length === 0 && set === undefined) list.splice(Number(key), 1);
    else list[Number(key)] = withValue(list[Number(key)], rest, set);
    return list;
  }
  const { [key]: inner, ...others } = isRecord(value) ? value : {};
  if (rest.length === 0 && set === undefined) return others;
  return { ...others, [key]: withValue(inner, rest, set) };
}

/** The lines that went, then those that came, with their numbers, as a person would mark them. */
export function changedLines(before: string, after: string): readonly string[] {
  let [old, now] = [0, 0];
  return lineDifference(before, after).flatMap(({ kind, text }) => {
    if (kind !== "in") old += 1;
    if (kind !== "out") now += 1;
    if (kind === "same") return [];
    return [kind === "out" ? `line ${old}, − ${text}` : `line ${now}, + ${text}`];
  });
}
