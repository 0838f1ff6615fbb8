/** Reads a YAML settings file against a schema and reports every problem with its line. */
import {
  LineCounter,
  type Document,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
} from "yaml";
import type { z } from "zod";
import { isRecord } from "#core/values/canonical-json.ts";
import { reasonOf, settingProblem } from "#core/values/errors.ts";
import type { Problem } from "./schema.ts";

/** A problem of a file, and the line it stands on; the first line is 1. */
export interface LineProblem {
  readonly line: number;
  readonly reason: string;
}

/** What to do about the mistakes people make who write no YAML otherwise. */
const MENDS: ReadonlyMap<string, readonly string[]> = new Map([
  ["BLOCK_AS_IMPLICIT_KEY", ["put a text that holds a colon into double quotes"]],
  ["BAD_SCALAR_START", ["put a text that begins with this sign into double quotes"]],
  ["TAB_AS_INDENT", ["indent with spaces"]],
]);

/** Problems as a person reads them, one line each: `file:12 operations.refund: reason`. */
export function problemLines(
  fileName: string,
  problems: readonly LineProblem[],
): readonly string[] {
  return problems.map(({ line, reason }) => `${fileName}:${line} ${reason}`);
}

/** A file as typed values, or all its problems in the order of their lines; each names its setting. */
export type ReadYaml<Read> =
  | {
      readonly kind: "read";
      readonly document: Read;
      /** The line of a setting, or of the nearest enclosing one that is written down. */
      readonly lineOf: (path: readonly PropertyKey[]) => number;
      /** Keys in the file that were taken out of it before it was read. */
      readonly retired: readonly string[];
    }
  | { readonly kind: "invalid"; readonly problems: readonly LineProblem[] };

/**
 * Reads the text of a settings file. All problems are reported at once, so that one round of editing is enough. `more`
 * finds what the schema cannot.
 */
export function readYaml<Read>(
  text: string,
  {
    schema,
    more,
    retired = [],
  }: {
    readonly schema: z.ZodType<Read>;
    readonly more: (read: Read) => readonly Problem[];
    /** Keys at the top that are let through and not read, whatever stands under them. */
    readonly retired?: readonly string[];
  },
): ReadYaml<Read> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0)
    return {
      kind: "invalid",
      problems: complaints.map(({ pos, code, message }) => ({
        line: lines.linePos(pos[0]).line,
        reason: [message, ...(MENDS.get(code) ?? [])].join(": "),
      })),
    };
  const plain = plainValue(document);
  if ("reason" in plain) return { kind: "invalid", problems: [{ line: 1, reason: plain.reason }] };
  const reserved = reservedNames(document, lines);
  if (reserved.length > 0) return { kind: "invalid", problems: reserved };
  const { value, taken } = withoutKeys(plain.value, retired);
  const parsed = schema.safeParse(value, { error: settingProblem });
  const problems = parsed.success ? more(parsed.data) : issueProblems(parsed.error.issues, []);
  if (parsed.success && problems.length === 0)
    return {
      kind: "read",
      document: parsed.data,
      lineOf: (path) => lineOf(document, lines, path),
      retired: taken,
    };
  return {
    kind: "invalid",
    problems: problems
      .map((problem) => ({ ...problem, line: lineOf(document, lines, problem.path) }))
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, path, reason }) => ({ line, reason: `${pathInWords(path)}: ${reason}` })),
  };
}

function withoutKeys(value: unknown, keys: readonly string[]) {
  if (!isRecord(value)) return { value, taken: [] };
  const left = Object.entries(value).filter(([key]) => !keys.includes(key));
  return {
    value: Object.fromEntries(left),
    taken: keys.filter((key) => Object.hasOwn(value, key)),
  };
}

/** Names every plain object has: a setting under one of them would be ignored silently. */
const RESERVED = new Set(["__proto__", "constructor", "prototype"]);

function reservedNames(document: Document, lines: LineCounter): readonly LineProblem[] {
  const found: LineProblem[] = [];
  visit(document, {
    Pair(_key, { key }) {
      if (!isScalar(key) || typeof key.value !== "string" || !RESERVED.has(key.value)) return;
      const { line } = lines.linePos(key.range?.[0] ?? 0);
      found.push({ line, reason: `${key.value}: nothing can be called that` });
    },
  });
  return found;
}

/** The YAML as plain values; the parser itself refuses aliases that would expand without end. */
function plainValue(document: Document): { readonly value: unknown } | { readonly reason: string } {
  try {
    return { value: document.toJS() };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

function issueProblems(
  issues: readonly z.core.$ZodIssue[],
  above: readonly PropertyKey[],
): readonly Problem[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path];
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => ({
        path: [...path, key],
        reason: "there is no such setting",
      }));
    if (issue.code === "invalid_key")
      return [{ path, reason: issue.issues[0]?.message ?? issue.message }];
    if (issue.code === "invalid_union") return issueProblems(closestBranch(issue.errors), path);
    return [{ path, reason: issue.message }];
  });
}

/** Of several allowed forms, the one that matched furthest is what the operator meant. */
function closestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] {
  const depth = (issues: readonly z.core.$ZodIssue[]): number =>
    Math.max(0, ...issues.map(({ path }) => path.length));
  return branches.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
}

/** The line of the setting itself, or of the nearest enclosing one that exists. */
function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === key);
      if (!isPair(pair) || !isScalar(pair.key)) break;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === "number") {
      node = node.items[key];
      offset = nodeStart(node) ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}

function nodeStart(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
}

function pathInWords(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the file";
  return path.reduce<string>(
    (words, key) =>
      typeof key === "number" ? `${words}[${key}]` : `${words}${words && "."}${String(key)}`,
    "",
  );
}
