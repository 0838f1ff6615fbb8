/** The flood command: reads options and texts, runs each text and prints the figures. */
import { Option } from "commander";
import { type Counting, runCommand } from "#evals/command-line.ts";
import type { FloodChannel, FloodWorld, Played } from "./play.ts";
import { readTexts } from "./texts.ts";

/** The exit code for a text without an outcome. */
const NOT_GOOD = 1;

interface Options {
  readonly file: string;
  readonly channel: FloodChannel;
  readonly json: boolean;
}

/** What the command needs from its process. */
export interface CommandPorts extends Counting {
  readonly openFlood: () => Promise<FloodWorld>;
}

/**
 * Runs every text of a file through whole turns. Returns the exit code: 0 when each reached an outcome and nothing
 * threw, 1 when not, 2 when the file or the options are wrong.
 */
export function floodCommand(argv: readonly string[], ports: CommandPorts): Promise<number> {
  return runCommand<Options>("flood", argv, ports, {
    describe: (program) =>
      program
        .description("Takes every text of a file through a whole turn, up to its recorded outcome.")
        .requiredOption(
          "--file <file>",
          'lines of {"id","text"} or {"id","raw_latin1"}; see docs/evals.md',
        )
        .addOption(
          new Option("--channel <name>", "how texts come in; whole mails always come by mail")
            .choices(["email", "chat"])
            .default("email"),
        )
        .option("--json", "one JSON object for a program", false),
    work: (options) => playAll(options, ports),
  });
}

async function playAll(
  { file, channel, json }: Options,
  { openFlood, print, progress }: CommandPorts,
): Promise<number> {
  const texts = readTexts(file);
  const world = await openFlood();
  const played: Played[] = [];
  try {
    for (const text of texts) {
      played.push(await world.play(text, channel));
      progress(played.length, texts.length);
    }
  } finally {
    await world.close();
  }
  const figures = figuresOf(played);
  print(json ? `${JSON.stringify(figures)}\n` : linesOf(figures, played));
  return figures.crashed + figures.without_outcome === 0 ? 0 : NOT_GOOD;
}

/** The figures of a run, as `--json` prints them. */
interface FloodFigures {
  readonly texts: number;
  /** The number of texts by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly without_outcome: number;
  readonly crashed: number;
  readonly slowest_ms: number;
  readonly p50_ms: number;
}

/** Counts the outcomes of the texts; pure. */
function figuresOf(played: readonly Played[]): FloodFigures {
  const outcomes: Record<string, number> = {};
  for (const { outcome } of played)
    if (outcome !== null) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const times = played.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    texts: played.length,
    outcomes,
    without_outcome: played.filter(({ outcome }) => outcome === null).length,
    crashed: played.filter(({ crash }) => crash !== null).length,
    slowest_ms: Math.round(times.at(-1) ?? 0),
    p50_ms: Math.round(times[Math.floor(times.length / 2)] ?? 0),
  };
}

function linesOf(figures: FloodFigures, played: readonly Played[]): string {
  const bad = played.filter(({ outcome, crash }) => outcome === null || crash !== null);
  return [
    `${figures.texts} texts, ${figures.crashed} crashed, ${figures.without_outcome} without outcome`,
    ...Object.entries(figures.outcomes).map(([outcome, count]) => `  ${outcome}  ${count}`),
    `half within ${figures.p50_ms} ms, the slowest ${figures.slowest_ms} ms`,
    ...bad.map(({ id, outcome, crash }) => `${id}: ${crash ?? (outcome || "no outcome")}`),
    "",
  ].join("\n");
}
