/** `evals -- contradictions`: measures how many planted contradictions between help pages are found, and how many are not there. */
import { join } from "node:path";
import { readLabelled } from "#evals/labelled-lines.ts";
import { type ReaderOptions, runCommand, type Telling, withReader } from "#evals/command-line.ts";
import { configuredReader, recordedReader } from "#evals/replies/verifying-judge.ts";
import { LabelledPage, measureShops, type PairFigures } from "./measure.ts";

interface Options extends ReaderOptions {
  readonly file: string;
}

/** Pages of six invented shops. */
const PAGES = join(import.meta.dirname, "own", "pages.jsonl");

/** Returns the exit code: 0 when every page was compared, 2 when options, file or answers are wrong. */
export function contradictionsCommand(argv: readonly string[], ports: Telling): Promise<number> {
  return runCommand<Options>("evals contradictions", argv, ports, {
    describe: (program) =>
      withReader(
        program
          .description(
            "Compares labelled help pages: how many contradictions are found, how many made up.",
          )
          .option("--file <file>", "labelled pages, one JSON object a line", PAGES),
      ),
    async work({ file, ...asked }) {
      const pages = readLabelled(file, LabelledPage, "pages");
      ports.print(linesOf(await measureShops(pages, readerFor(asked), ports.progress)));
      return 0;
    },
  });
}

function readerFor({ verifier, answers }: ReaderOptions) {
  if (answers !== undefined) return recordedReader(answers);
  return verifier === "on" ? configuredReader(process.env) : null;
}

function linesOf(figures: PairFigures): string {
  const { pages, planted, found, invented, asked, shown, unread, tokens } = figures;
  const count = [...planted.keys()].map(
    (kind) => `${kind} ${found.get(kind) ?? 0} of ${planted.get(kind)}`,
  );
  return [
    ...figures.missed.map((id) => `missed: ${id}`),
    ...invented.map(
      ({ one, other }) =>
        `not planted: ${one.passage} “${one.sentence}” and ${other.passage} “${other.sentence}”`,
    ),
    `found        ${sum(found)} of ${sum(planted)} (${count.join(", ")})`,
    `false alarms ${invented.length} in ${pages} pages`,
    ...(asked === 0
      ? []
      : [
          `asked        ${asked} times, ${unread} without a usable answer; ${shown} of ${sum(planted)} were shown side by side`,
          `tokens       ${Math.round(tokens.input / asked)} in and ${Math.round(tokens.output / asked)} out a request`,
        ]),
    "",
  ].join("\n");
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, one) => total + one, 0);
}
