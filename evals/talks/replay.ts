/** Judges a replay: whether each recorded conversation still ends as it did, and what its ratings say. */
import type { PlayRecord } from "#evals/runs/record.ts";
import { type Figures, figuresOf, readRatings } from "./ratings.ts";
import { readRecordings, resultOf } from "./recording.ts";

/** What a replay showed. */
export interface Replayed {
  /** Conversations that end in another way now, one sentence each; the run fails over these. */
  readonly differing: readonly string[];
  /** Over the ratings of the recordings. They hold as long as nothing differs. */
  readonly figures: Figures;
}

/** Compares a run with the recordings of a folder; cases without a recording are left out. */
export function judgeReplay(folder: string, all: readonly PlayRecord[]): Replayed {
  const recordings = readRecordings(folder);
  const differing = all.flatMap(({ case: id, seen, error }) => {
    const was = recordings.get(id)?.result;
    if (was === undefined) return [];
    const then = JSON.stringify(was);
    const now = seen === null ? `an error: ${error ?? ""}` : JSON.stringify(resultOf(seen));
    return then === now ? [] : [`${id} ended with ${then} and ends with ${now}`];
  });
  return { differing, figures: figuresOf(readRatings(folder)) };
}

/** The figures and the differences as lines of text. */
export function replayText({ differing, figures }: Replayed): string {
  const { conversations, rest, ...shares } = figures;
  return [
    `${conversations} rated conversations`,
    ...Object.entries(shares).map(
      ([name, { n, of, percent }]) => `${name.padEnd(20)}  ${percent} % (${n} of ${of})`,
    ),
    ...rest.map((line) => `  ${line}`),
    ...differing.map((line) => `DIFFERS  ${line}`),
  ].join("\n");
}
