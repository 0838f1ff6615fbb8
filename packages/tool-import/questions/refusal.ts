/** What keeps a tool from being made: lines for the lead, each with the question it is about, and the file to answer them in. */
import { z } from "zod";
import { commentText } from "#importing/generate/write-files.ts";

/** One thing to answer or to change. */
export interface Gap {
  /** The id of the question, such as `get_invoices.belongs`. */
  readonly question: string;
  /** What is missing or wrong, and what to do. */
  readonly says: string;
  /** An answer that the document suggests, as it would stand in the file; null where there is none. */
  readonly suggestion: string | null;
}

/** A wanted operation or look-up that does not become a tool, and what to do about it. */
export interface RefusedTool {
  readonly operation: string;
  readonly gaps: readonly Gap[];
}

/** Collects gaps, so that all of them are told at once. */
export function gaps(operation: string) {
  const found: Gap[] = [];
  return {
    found: found as readonly Gap[],
    add: (topic: string, says: string, suggestion: string | null = null): void => {
      if (found.some((gap) => gap.says === says)) return;
      found.push({ question: `${operation}.${topic}`, says, suggestion });
    },
  };
}

export type Gaps = ReturnType<typeof gaps>;

/**
 * A file of answers with every open question. A suggestion stands in a comment: taking it over is a decision. Text of a
 * document is cut to one line each, so that it cannot become an answer.
 */
export function answersTemplate(refused: readonly RefusedTool[]): string {
  const parts = new Map<string, string[]>();
  const asked = new Set<string>();
  for (const { gaps: open } of refused)
    for (const { question, says, suggestion } of open) {
      const [part = "", topic = ""] = question.split(".");
      if (asked.has(question) || topic === "") continue;
      asked.add(question);
      const lines = parts.get(part) ?? [];
      const suggested = `  # ${topic}: ${commentText(suggestion ?? "")}`.trimEnd();
      lines.push(`  # ${commentText(says)}`, suggested);
      parts.set(part, lines);
    }
  const head =
    "# Answers for `deskhand tools import`. Take the # away in front of what you answer.";
  return `${[head, ...[...parts].map(([part, lines]) => `${part}:\n${lines.join("\n")}`)].join("\n")}\n`;
}

/** What was answered, as the file would hold it. */
export type RawAnswers = Readonly<Record<string, unknown>>;

/** The same answers with one more. */
export function withAnswer(answers: RawAnswers, question: string, value: unknown): RawAnswers {
  const [part = "", topic = ""] = question.split(".");
  const before = z.record(z.string(), z.unknown()).catch({}).parse(answers[part]);
  return { ...answers, [part]: { ...before, [topic]: value } };
}
