/** Fits what a page's evidence means to questions whose right pages are known, and judges it on what was left out. */
import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import { type Embedder, workerEmbedder } from "#knowledge/embedder.ts";
import {
  type Fitted,
  logistic,
  type Manner,
  type PageEvidence,
  type Weights,
} from "#knowledge/search.ts";
import { openPages } from "#knowledge/index.ts";
import type { Page } from "#knowledge/pages.ts";
import { createLog } from "#telemetry/log.ts";
import { withEmptyStore } from "./empty-store.ts";
import type { Stated } from "./reliability.ts";

/** A question with the pages that answer it; without a page none does. */
export const CalibrationQuestion = z.object({
  id: z.string(),
  question: z.string().min(1),
  page: z.string().nullable(),
  also: z.array(z.string()).default([]),
});
export type CalibrationQuestion = z.infer<typeof CalibrationQuestion>;

/** Pages with questions about them: the questions of one shop say little about another's. */
export interface CalibrationSource {
  readonly name: string;
  readonly pages: readonly Page[];
  readonly questions: readonly {
    readonly question: string;
    readonly right: ReadonlySet<string>;
    /** Asked as if its right pages did not exist: then none answers. */
    readonly withoutRight: boolean;
  }[];
}

/** What the best page had for it, and whether it answers the question. */
interface Example extends PageEvidence {
  readonly source: string;
  readonly isRight: boolean;
}

/** Weights of all questions, and the chances that weights without it state for the questions of each source. */
export interface Calibration {
  readonly fitted: Fitted;
  readonly judged: Readonly<Record<Manner, ReadonlyMap<string, readonly Stated[]>>>;
}

const PATIENCE_MS = 60_000;

/** Asks every question of every source, by words and meaning and by words alone, and fits the weights of both. */
export async function calibrate(sources: readonly CalibrationSource[]): Promise<Calibration> {
  const meaningOf = workerEmbedder({ log: createLog("warn") });
  const examples = async (
    all: readonly CalibrationSource[],
    embedder: Embedder | null,
  ): Promise<readonly Example[]> => {
    const found: Example[] = [];
    for (const source of all)
      found.push(...(await withEmptyStore((at) => sourceExamples(source, { ...at, embedder }))));
    return found;
  };
  const bare = sources.map(withoutWordings);
  const words = await examples(bare, null);
  const meaning = await examples(bare, meaningOf);
  const apart = {
    meaning: weightsOf(await examples(sources, meaningOf)),
    words: weightsOf(await examples(sources, null)),
  };
  return {
    fitted: { meaning: weightsOf(meaning), words: weightsOf(words), apart },
    judged: { meaning: judge(meaning), words: judge(words) },
  };
}

/** Most desks name neither how customers ask nor what no page answers. */
function withoutWordings({ pages, ...source }: CalibrationSource): CalibrationSource {
  const bare = pages.map(({ asked: _asked, unanswered: _unanswered, ...page }) => page);
  return { ...source, pages: bare };
}

async function sourceExamples(
  { name, pages, questions }: CalibrationSource,
  parts: { readonly store: Store; readonly log: Log; readonly embedder: Embedder | null },
): Promise<readonly Example[]> {
  const knowledge = await openPages({ ...parts, pages });
  await knowledge.embedded();
  const examples: Example[] = [];
  for (const { question, right, withoutRight } of questions) {
    const isAsked = (page: string): boolean => !withoutRight || !right.has(page);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const [best] = await knowledge.weigh(question, signal, isAsked);
    if (best !== undefined) examples.push({ ...best, source: name, isRight: right.has(best.page) });
  }
  return examples;
}

/** Each source is judged by weights of the others; of a single one it says nothing. */
function judge(examples: readonly Example[]): ReadonlyMap<string, readonly Stated[]> {
  const bySource = Map.groupBy(examples, ({ source }) => source);
  return new Map(
    [...bySource].map(([source, own]) => {
      const weights = weightsOf(examples.filter((example) => example.source !== source));
      return [
        source,
        own.map((example) => ({ chance: logistic(weights, example), isRight: example.isRight })),
      ];
    }),
  );
}

/** Keeps weights finite where all questions were right or all wrong; too weak to be seen otherwise. */
const RIDGE = 0.3;
const STEPS = 50;
const INPUTS = ["intercept", "covered", "cosine", "lead", "apart"] as const;

/** The logistic function that makes these examples most likely, by Newton's method. */
function weightsOf(examples: readonly Example[]): Weights {
  const weights = { intercept: 0, covered: 0, cosine: 0, lead: 0, apart: 0 };
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = INPUTS.map((name) => -RIDGE * weights[name]);
    const curvature = INPUTS.map((row) => INPUTS.map((column) => (row === column ? RIDGE : 0)));
    for (const example of examples) {
      const inputs = INPUTS.map((name) => (name === "intercept" ? 1 : (example[name] ?? 0)));
      const chance = logistic(weights, example);
      for (const [row, input] of inputs.entries()) {
        add(gradient, row, (Number(example.isRight) - chance) * input);
        for (const [column, other] of inputs.entries())
          add(curvature[row] ?? [], column, chance * (1 - chance) * input * other);
      }
    }
    for (const [at, more] of solved(curvature, gradient).entries()) {
      const name = INPUTS[at];
      if (name !== undefined) weights[name] += more;
    }
  }
  const rounded = (name: (typeof INPUTS)[number]): number =>
    Math.round(weights[name] * 1_000) / 1_000;
  return {
    intercept: rounded("intercept"),
    covered: rounded("covered"),
    cosine: rounded("cosine"),
    lead: rounded("lead"),
    apart: rounded("apart"),
  };
}

function add(numbers: number[], at: number, more: number): void {
  numbers[at] = (numbers[at] ?? 0) + more;
}

/** Solves linear equations whose matrix is positive definite, by elimination. */
function solved(
  matrix: readonly (readonly number[])[],
  right: readonly number[],
): readonly number[] {
  const rows = matrix.map((row, at) => [...row, right[at] ?? 0]);
  for (const [at, row] of rows.entries()) {
    const pivot = row[at] ?? 1;
    for (const [place, value] of row.entries()) row[place] = value / pivot;
    for (const other of rows) {
      if (other === row) continue;
      const factor = other[at] ?? 0;
      for (const [place, value] of row.entries()) add(other, place, -factor * value);
    }
  }
  return rows.map((row) => row.at(-1) ?? 0);
}
