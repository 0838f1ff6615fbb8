/** Measures how long the input guard takes, and what its classifier costs at the start, in this process. */
import { readFileSync } from "node:fs";
import { parsedModel, suspect, WEIGHTS_FILE } from "#guard/input/classifier/classifier.ts";
import { createInputGuard } from "#guard/input/input-guard.ts";
import { inspectOne } from "#guard/input/one-text.ts";
import type { LabelledText } from "./corpus.ts";

/** Times in microseconds of the whole guard, rules and views included, unless they say otherwise. */
export interface GuardSpeed {
  readonly texts: number;
  readonly microsMedian: number;
  readonly microsP99: number;
  /** Milliseconds for honest texts in a row, so long. */
  readonly millis64k: number;
  readonly millis1m: number;
  /** Milliseconds until weights are read and a first text is scored. */
  readonly millisStart: number;
  readonly weightsBytes: number;
  /** Memory that the weights and their tables take, in MB. */
  readonly memoryMb: number;
}

const WARM_UP = 300;
const RUNS = 5;

/** Measures over the texts, each alone, and over all of them in a row. Needs honest texts: those long ones are read whole. */
export function guardSpeed(texts: readonly LabelledText[]): GuardSpeed {
  const before = bytesInUse();
  const begun = performance.now();
  const model = parsedModel(readFileSync(WEIGHTS_FILE));
  suspect("where is my order?", model);
  const millisStart = performance.now() - begun;
  const memory = bytesInUse() - before;
  const guard = createInputGuard({ toolNames: [], delicateWords: {}, vip: [] });
  const time = (text: string, segment: LabelledText["segment"]): number => {
    const from = performance.now();
    inspectOne(guard, text, segment);
    return performance.now() - from;
  };
  for (const { text, segment } of texts.slice(0, WARM_UP)) time(text, segment);
  const times = texts
    .map(({ text, segment }) => 1_000 * time(text, segment))
    .toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(times[Math.floor(share * times.length)] ?? 0);
  const all = texts.map(({ text }) => text).join("\n\n");
  const long = (length: number): number => {
    const text = all.repeat(Math.ceil(length / all.length)).slice(0, length);
    return tenths(Math.min(...Array.from({ length: RUNS }, () => time(text, "body"))));
  };
  return {
    texts: texts.length,
    microsMedian: at(0.5),
    microsP99: at(0.99),
    millis64k: long(64 * 1024),
    millis1m: long(1024 * 1024),
    millisStart: tenths(millisStart),
    weightsBytes: readFileSync(WEIGHTS_FILE).length,
    memoryMb: tenths(memory / 2 ** 20),
  };
}

function bytesInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
