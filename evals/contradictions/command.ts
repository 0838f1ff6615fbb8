/** `evals -- contradictions`: measures how many planted contradictions between help pages are found, and how many are not there. */
import { join } from "node:path";
import { Command, Option } from "commander";
import { readLabelled } from "#evals/labelled-lines.ts";
import { endedBy } from "#evals/not-run.ts";
import { configuredReader, recordedReader } from "#evals/replies/verifying-judge.ts";
import { LabelledPage, measureShops, type PairFigures } from "./measure.ts";

interface Options {
  readonly file: string;
  readonly verifier: "on" | "off";
  readonly answers?: string;
}

/** Where the command writes. */
interface Ports {
  readonly print: (text: string) => void;
  /** For errors and help. */
  readonly tell: (text: string) => void;
  readonly progress: (line: string) => void;
}

/** Pages of six invented shops. */
const PAGES = join(import.meta.dirname, "own", "pages.jsonl");

/** Returns the exit code: 0 when every page was compared, 2 when options, file or answers are wrong. */
export async function contradictionsCommand(
  argv: readonly string[],
  ports: Ports,
): Promise<number> {
  try {
    const { file, verifier, answers } = parse(argv, ports);
    const pages = readLabelled(file, LabelledPage, "pages");
    const reader = readerFor(verifier, answers);
    ports.print(linesOf(await measureShops(pages, reader, ports.progress)));
    return 0;
  } catch (error) {
    return endedBy(error, ports.tell);
  }
}

function readerFor(verifier: Options["verifier"], answers: string | undefined) {
  if (answers !== undefined) return recordedReader(answers);
  return verifier === "on" ? configuredReader(process.env) : null;
}

function parse(argv: readonly string[], { print, tell }: Ports): Options {
  return new Command("evals contradictions")
    .description(
      "Compares labelled help pages: how many contradictions are found, how many made up.",
    )
    .option("--file <file>", "labelled pages, one JSON object a line", PAGES)
    .addOption(
      new Option("--verifier <state>", "with on, the configured model compares as well")
        .choices(["on", "off"])
        .default("off"),
    )
    .option(
      "--answers <folder>",
      "answers recorded here, in place of a model; what has none is written here to be answered",
    )
    .configureOutput({ writeOut: print, writeErr: tell })
    .exitOverride()
    .parse([...argv], { from: "user" })
    .opts<Options>();
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
