/** `evals -- questions`: asks a file of labelled questions and prints the figures. */
import { Option } from "commander";
import { runCommand, type Telling } from "#evals/command-line.ts";
import { halfOf } from "#evals/labelled-lines.ts";
import type { World } from "#evals/harness/sample-world.ts";
import {
  type Asked,
  figuresOf,
  isFoundAmong,
  isRight,
  type QuestionFigures,
  statedOf,
} from "./measure.ts";
import { reliabilityText } from "#evals/knowledge/reliability.ts";
import { asking } from "./play.ts";
import { readQuestions, readRewordings } from "./read.ts";

interface Options {
  readonly file: string;
  readonly rewordings?: string;
  readonly half?: "a" | "b";
  readonly json: boolean;
}

/** What the command needs from its process. */
export interface QuestionsPorts extends Telling {
  readonly openWorld: () => Promise<World>;
}

/** Returns the exit code: 0 when every question was asked, 2 when options or file are wrong. */
export function questionsCommand(argv: readonly string[], ports: QuestionsPorts): Promise<number> {
  return runCommand<Options>("evals questions", argv, ports, {
    describe: (program) =>
      program
        .description("Asks labelled questions: whether their page is found and their answer right.")
        .requiredOption("--file <file>", "labelled questions, one JSON object a line")
        .option("--rewordings <file>", 'searched for as well, one a line: {"id","queries"}')
        .addOption(
          new Option("--half <half>", "one half of them: work with a, judge by b").choices([
            "a",
            "b",
          ]),
        )
        .option("--json", "for a program", false),
    work: (options) => askAll(options, ports),
  });
}

async function askAll(
  { file, rewordings, half, json }: Options,
  { openWorld, print, progress }: QuestionsPorts,
): Promise<number> {
  const reworded = rewordings === undefined ? new Map() : readRewordings(rewordings);
  const questions = readQuestions(file).filter(
    ({ id }) => half === undefined || halfOf(id) === half,
  );
  const world = await openWorld();
  try {
    const ask = await asking(world, reworded);
    const asked: Asked[] = [];
    for (const question of questions) {
      asked.push(await ask(question));
      progress(`${asked.length}/${questions.length} ${question.id}`);
    }
    progress("");
    print(json ? `${JSON.stringify(figuresOf(asked))}\n` : linesOf(asked));
    return 0;
  } finally {
    await world.close();
  }
}

/** Every question that went wrong, and the figures of all and of each language. */
function linesOf(all: readonly Asked[]): string {
  const byLanguage = Map.groupBy(all, ({ question }) => question.lang);
  return [
    ...all.filter(isWrong).map(wrongLine),
    figuresLine("all", figuresOf(all)),
    ...(byLanguage.size < 2
      ? []
      : [...byLanguage].map(([language, some]) => figuresLine(language, figuresOf(some)))),
    reliabilityText("the first page answers", statedOf(all)),
    "",
  ].join("\n");
}

function isWrong(asked: Asked): boolean {
  return !isRight(asked) || (asked.question.answerable && !isFoundAmong(asked, 3));
}

function wrongLine({ question, pages, isHandedOver, text }: Asked): string {
  const answer = isHandedOver ? "handed over" : text.replaceAll(/\s+/g, " ");
  return [
    `${question.id} ${question.question}`,
    `    page ${question.page ?? "none"}, found ${pages.slice(0, 3).join(", ") || "none"}`,
    `    ${answer}`,
  ].join("\n");
}

function figuresLine(name: string, { answerable, unanswerable }: QuestionFigures): string {
  return [
    name.padEnd(4),
    `${answerable.n} answerable: page first ${percent(answerable.page_top1)}, among three ${percent(answerable.page_top3)} (plain BM25 ${percent(answerable.bm25_top3)}), answer right ${percent(answerable.answered_right)}`,
    `· ${unanswerable.n} unanswerable: answered ${percent(unanswerable.answered)}`,
  ].join(" ");
}

function percent(share: number | null): string {
  return share === null ? "–" : `${(share * 100).toFixed(1)} %`;
}
