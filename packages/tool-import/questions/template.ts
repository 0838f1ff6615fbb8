/** Writes open questions as a file of answers to fill in, and puts new answers beside those that were given. */
import { z } from "zod";
import type { RefusedTool } from "./plan-tools.ts";

const LINE_LENGTH_MAX = 400;

/**
 * A file of answers with every open question. A suggestion stands in a comment: taking it over is a decision. Text of a
 * document is cut to one line each, so that it cannot become an answer.
 */
export function answersTemplate(refused: readonly RefusedTool[]): string {
  const parts = new Map<string, string[]>();
  const asked = new Set<string>();
  for (const { gaps } of refused)
    for (const { question, says, suggestion } of gaps) {
      const [part = "", topic = ""] = question.split(".");
      if (asked.has(question) || topic === "") continue;
      asked.add(question);
      const lines = parts.get(part) ?? [];
      lines.push(`  # ${oneLine(says)}`, `  # ${topic}: ${oneLine(suggestion ?? "")}`.trimEnd());
      parts.set(part, lines);
    }
  const head =
    "# Answers for `deskhand tools import`. Take the # away in front of what you answer.";
  return `${[head, ...[...parts].map(([part, lines]) => `${part}:\n${lines.join("\n")}`)].join("\n")}\n`;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, " ").slice(0, LINE_LENGTH_MAX);
}

/** What was answered, as the file would hold it. */
export type RawAnswers = Readonly<Record<string, unknown>>;

/** The same answers with one more. */
export function withAnswer(answers: RawAnswers, question: string, value: unknown): RawAnswers {
  const [part = "", topic = ""] = question.split(".");
  const before = z.record(z.string(), z.unknown()).catch({}).parse(answers[part]);
  return { ...answers, [part]: { ...before, [topic]: value } };
}
