/** The command that fits what a score of the search means. */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { reasonOf } from "#core/values/errors.ts";
import { calibrate, CalibrationQuestion, type Judged } from "#knowledge/calibrate.ts";
import { withEmptyStore } from "./empty-store.ts";

/** Adds `calibrate`. It works on the sample shop's pages in a database of its own, and changes nothing. */
export function addKnowledgeCalibrate(knowledge: Command, print: (text: string) => void): void {
  knowledge
    .command("calibrate")
    .description(
      "fits what a score means to questions about the sample shop, and prints the constants as JSON",
    )
    .requiredOption("--file <file>", 'one question a line: {"id","question","page","also"}')
    .action(async ({ file }: { file: string }) => {
      const questions = await questionsIn(file);
      const { fitted, judged } = await withEmptyStore((parts) => calibrate(questions, parts));
      process.stderr.write(
        `${judgedText("words and meaning", judged.meaning)}${judgedText("words alone", judged.words)}`,
      );
      print(JSON.stringify(fitted, null, 2));
    });
}

async function questionsIn(file: string): Promise<readonly CalibrationQuestion[]> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new Error(`${file} cannot be read: ${reasonOf(error)}`);
  });
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new Error(`${file} has no questions`);
  return lines.map((line, at) => {
    const parsed = CalibrationQuestion.safeParse(jsonOf(line));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Error(`${file}:${at + 1}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function judgedText(name: string, { questions, brier, base, fifths }: Judged): string {
  return [
    `${name}: ${questions} questions, each judged by weights of the other half: Brier ${brier}, ${base} without looking`,
    ...fifths
      .filter((fifth) => fifth.questions > 0)
      .map(
        (fifth) =>
          `  ${fifth.questions} stated as ${percent(fifth.stated)}: ${percent(fifth.right)} right`,
      ),
    "",
  ].join("\n");
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
