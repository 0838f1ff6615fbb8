import { LineCounter, type Document, isMap, isPair, isScalar, isSeq, parseDocument } from "yaml";
import type { z } from "zod";
import { DeskhandError } from "#core/errors.ts";
import { problemsIn } from "./check.ts";
import { PolicyDocument, type Problem } from "./schema.ts";

/** The file as typed values, and where each of them stands in it. */
export interface ReadDocument {
  readonly document: PolicyDocument;
  /** The line of a setting, or of the nearest one around it that is written down. */
  readonly lineOf: (path: readonly PropertyKey[]) => number;
}

/**
 * Reads the text of a policy file. Whatever is wrong is told at once, one line each, as `file:12 operations.refund:
 * reason`, so that one editing round is enough. Throws `policy.invalid`.
 */
export function readDocument(text: string, fileName: string): ReadDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0)
    throw invalid(
      complaints.map(({ pos, message }) => `${fileName}:${lines.linePos(pos[0]).line} ${message}`),
    );
  const parsed = PolicyDocument.safeParse(plainValue(document, fileName));
  const problems = parsed.success ? problemsIn(parsed.data) : problemsOf(parsed.error.issues, []);
  if (parsed.success && problems.length === 0)
    return { document: parsed.data, lineOf: (path) => lineOf(document, lines, path) };
  throw invalid(
    problems
      .map((problem) => ({ ...problem, line: lineOf(document, lines, problem.path) }))
      .toSorted((a, b) => a.line - b.line)
      .map(({ line, path, reason }) => `${fileName}:${line} ${wordsOf(path)}: ${reason}`),
  );
}

function invalid(problems: readonly string[]): DeskhandError {
  return new DeskhandError("policy.invalid", problems.join("\n"));
}

/** The YAML as plain values; the reader itself refuses aliases that would unfold without end. */
function plainValue(document: Document, fileName: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DeskhandError("policy.invalid", `${fileName}:1 ${reason}`, { cause });
  }
}

function problemsOf(
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
    if (issue.code === "invalid_union") return problemsOf(closestBranch(issue.errors), path);
    return [{ path, reason: issue.message.replace(/^Invalid input: /, "") }];
  });
}

/** Of several allowed forms the one that got furthest is what the writer meant. */
function closestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] {
  const depth = (issues: readonly z.core.$ZodIssue[]): number =>
    Math.max(0, ...issues.map(({ path }) => path.length));
  return branches.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
}

/** The line of the setting itself, or of the nearest one around it that is there. */
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
      offset = startOf(node) ?? offset;
    } else break;
  }
  return lines.linePos(offset).line;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
}

function wordsOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "the file";
  return path.reduce<string>(
    (words, key) =>
      typeof key === "number" ? `${words}[${key}]` : `${words}${words && "."}${String(key)}`,
    "",
  );
}
