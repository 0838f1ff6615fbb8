/** The command `evals guard`: how often the input guard blocks and cautions, by kind, source and language of labelled texts. */
import { runCommand, type Telling } from "#evals/command-line.ts";
import { wilsonShare } from "#jobs/rehearsal/figures.ts";
import type { GuardVerdict } from "#core/contracts/guard.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { inspectOne } from "#guard/input/one-text.ts";
import { type LabelledText, textsOf } from "./corpus.ts";

interface Options {
  readonly file: string;
  readonly json: boolean;
}

/** A share with its 95 % interval, in per cent. */
interface Rate {
  readonly count: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** How the texts of one group were judged. */
interface GuardRates {
  readonly group: string;
  readonly of: number;
  readonly block: Rate;
  /** Under caution or blocked. */
  readonly caution: Rate;
}

/** What a run came to; times are in microseconds. */
interface GuardRun {
  readonly rates: readonly GuardRates[];
  readonly microsMedian: number;
  readonly microsP99: number;
}

const TEXTS_A_LINE = 500;

/** Judges the texts of a file and prints the rates. Returns the exit code; 2 when options or file are wrong. */
export function guardCommand(argv: readonly string[], ports: Telling): Promise<number> {
  return runCommand<Options>("evals guard", argv, ports, {
    describe: (program) =>
      program
        .description("Rates of the input guard over labelled texts, with 95 % intervals.")
        .requiredOption(
          "--file <file>",
          'lines of {"id", "kind", "text", "source"?, "lang"?, "segment"?}',
        )
        .option("--json", "for a program", false),
    work({ file, json }) {
      const run = guardRun(textsOf(file), ports.progress);
      ports.print(json ? `${JSON.stringify(run, null, 2)}\n` : tableOf(run));
      return 0;
    },
  });
}

/** A text with what the guard says about it. */
export interface JudgedText {
  readonly text: LabelledText;
  readonly tier: GuardVerdict["verdict"];
}

/** Judges each text as if it stood where it says. */
export function guardRun(
  texts: readonly LabelledText[],
  progress: (line: string) => void,
): GuardRun {
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  const micros: number[] = [];
  const judged = texts.map((text, index): JudgedText => {
    if (index % TEXTS_A_LINE === 0) progress(`${index}/${texts.length}`);
    const begun = performance.now();
    const tier = inspectOne(guard, text.text, text.segment).verdict;
    micros.push(1_000 * (performance.now() - begun));
    return { text, tier };
  });
  progress("");
  const sorted = micros.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor(share * sorted.length)] ?? 0);
  return { rates: allRates(judged), microsMedian: at(0.5), microsP99: at(0.99) };
}

/** By kind, by source and by language. */
function allRates(judged: readonly JudgedText[]): readonly GuardRates[] {
  const groups: readonly ((text: LabelledText) => string)[] = [
    ({ kind }) => kind,
    ({ kind, source }) => `${kind} · source ${source === "" ? "unnamed" : source}`,
    ({ kind, lang }) => `${kind} · language ${lang}`,
  ];
  return groups.flatMap((groupOf) => ratesOf(judged, groupOf));
}

function ratesOf(
  judged: readonly JudgedText[],
  groupOf: (text: LabelledText) => string,
): readonly GuardRates[] {
  return [...Map.groupBy(judged, ({ text }) => groupOf(text))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([group, texts]) => ({
      group,
      of: texts.length,
      block: rate(texts.filter(({ tier }) => tier === "block").length, texts.length),
      caution: rate(texts.filter(({ tier }) => tier !== "allow").length, texts.length),
    }));
}

/** A share with Wilson's interval, in per cent to two places. */
function rate(count: number, of: number): Rate {
  const { low, high } = wilsonShare(count, of);
  const percent = (value: number): number => Math.round(value * 10_000) / 100;
  return { count, share: percent(count / of), low: percent(low), high: percent(high) };
}

function tableOf({ rates, microsMedian, microsP99 }: GuardRun): string {
  return `${tableOfRates(rates)}
Microseconds a text: median ${microsMedian}, 99th percentile ${microsP99}.
`;
}

/** The rates of judged texts as a table. */
export function ratesTable(judged: readonly JudgedText[]): string {
  return tableOfRates(allRates(judged));
}

function tableOfRates(rates: readonly GuardRates[]): string {
  const shown = ({ share, low, high }: Rate): string => `${share} (${low} to ${high})`;
  return [
    "| texts | of | blocked, % | at least under caution, % |",
    "| --- | ---: | ---: | ---: |",
    ...rates.map(
      ({ group, of, block, caution }) =>
        `| ${group} | ${of} | ${shown(block)} | ${shown(caution)} |`,
    ),
    "",
  ].join("\n");
}
