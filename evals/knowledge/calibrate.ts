/** Fits what a score means to questions whose right pages are known. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Log } from "#core/contracts/ports.ts";
import type { Store } from "#store/db/database.ts";
import {
  type Fitted,
  logistic,
  type Manner,
  type PageEvidence,
  type Weights,
} from "#knowledge/search.ts";
import { openKnowledge } from "#knowledge/index.ts";

/** A question with the pages that answer it; without a page none does. */
export const CalibrationQuestion = z.object({
  id: z.string(),
  question: z.string().min(1),
  page: z.string().nullable(),
  also: z.array(z.string()).default([]),
});
export type CalibrationQuestion = z.infer<typeof CalibrationQuestion>;

/** How far stated chances are from what was right, on questions that the weights were not fitted to. */
export interface Calibration {
  readonly fitted: Fitted;
  readonly judged: Readonly<Record<Manner, Judged>>;
}

/** Measured on one half of the questions with weights of the other half, for the best page of each. */
export interface Judged {
  readonly questions: number;
  /** The mean square of the difference between chance and truth; always saying the share of right ones would cost `base`. */
  readonly brier: number;
  readonly base: number;
  /** By stated chance in fifths: how many questions, the mean chance, and the share that was right. */
  readonly fifths: readonly {
    readonly questions: number;
    readonly stated: number;
    readonly right: number;
  }[];
}

/** What the best page had for it, and whether it answers the question. */
interface Example extends PageEvidence {
  readonly half: "a" | "b";
  readonly isRight: boolean;
}

const PATIENCE_MS = 60_000;

/**
 * Searches the sample pages for every question, by words and meaning and by words alone, and fits the weights of both.
 * The store has to be empty and is filled.
 */
export async function calibrate(
  questions: readonly CalibrationQuestion[],
  parts: { readonly store: Store; readonly log: Log },
): Promise<Calibration> {
  const clock = { now: () => new Date() };
  const meaning = await examplesOf(questions, {
    ...parts,
    clock,
    inspect: () => null,
    embeddings: true,
  });
  const words = await examplesOf(questions, {
    ...parts,
    clock,
    inspect: () => null,
    embeddings: false,
  });
  return {
    fitted: { meaning: weightsOf(meaning), words: weightsOf(words) },
    judged: { meaning: judge(meaning), words: judge(words) },
  };
}

async function examplesOf(
  questions: readonly CalibrationQuestion[],
  options: Parameters<typeof openKnowledge>[0],
): Promise<readonly Example[]> {
  const knowledge = await openKnowledge(options);
  try {
    await knowledge.embedded();
    const examples: Example[] = [];
    for (const { id, question, page, also } of questions) {
      const weighed = await knowledge.weigh(question, AbortSignal.timeout(PATIENCE_MS));
      const half = halfOf(id);
      examples.push(
        ...weighed.slice(0, 1).map((evidence) => ({
          ...evidence,
          half,
          isRight: evidence.page === page || also.includes(evidence.page),
        })),
      );
    }
    return examples;
  } finally {
    await knowledge.close();
  }
}

/** By a digest of the id, so that a half stays the same when questions are added. */
function halfOf(id: string): Example["half"] {
  return (createHash("sha256").update(id).digest()[0] ?? 0) % 2 === 0 ? "a" : "b";
}

/** Keeps weights finite where all questions were right or all wrong; too weak to be seen otherwise. */
const RIDGE = 0.1;
const STEPS = 50;

/** The logistic function that makes these examples most likely, by Newton's method. */
function weightsOf(examples: readonly Pick<Example, "score" | "lead" | "isRight">[]): Weights {
  let weights: Weights = { intercept: 0, score: 0, lead: 0 };
  for (let step = 0; step < STEPS; step += 1) {
    const gradient = [weights.intercept, weights.score, weights.lead].map(
      (value) => -RIDGE * value,
    );
    const curvature = [0, 1, 2].map((row) =>
      [0, 1, 2].map((column) => (row === column ? RIDGE : 0)),
    );
    for (const example of examples) {
      const inputs = [1, example.score, example.lead];
      const chance = logistic(weights, example);
      for (const [row, input] of inputs.entries()) {
        add(gradient, row, (Number(example.isRight) - chance) * input);
        for (const [column, other] of inputs.entries())
          add(curvature[row] ?? [], column, chance * (1 - chance) * input * other);
      }
    }
    const [intercept = 0, score = 0, lead = 0] = solved(curvature, gradient);
    weights = {
      intercept: weights.intercept + intercept,
      score: weights.score + score,
      lead: weights.lead + lead,
    };
  }
  return {
    intercept: rounded(weights.intercept),
    score: rounded(weights.score),
    lead: rounded(weights.lead),
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

/** Each half is judged by weights of the other. */
function judge(examples: readonly Example[]): Judged {
  const stated = (["a", "b"] as const).flatMap((half) => {
    const weights = weightsOf(examples.filter((example) => example.half !== half));
    return examples
      .filter((example) => example.half === half)
      .map((example) => ({
        chance: logistic(weights, example),
        right: Number(example.isRight),
      }));
  });
  const share = mean(stated.map(({ right }) => right));
  const groups = Map.groupBy(stated, ({ chance }) => Math.min(4, Math.floor(chance * 5)));
  return {
    questions: stated.length,
    brier: rounded(mean(stated.map(({ chance, right }) => (chance - right) ** 2))),
    base: rounded(share * (1 - share)),
    fifths: [0, 1, 2, 3, 4].map((fifth) => {
      const group = groups.get(fifth) ?? [];
      return {
        questions: group.length,
        stated: rounded(mean(group.map(({ chance }) => chance))),
        right: rounded(mean(group.map(({ right }) => right))),
      };
    }),
  };
}

function mean(numbers: readonly number[]): number {
  return numbers.length === 0
    ? 0
    : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

function rounded(number: number): number {
  return Math.round(number * 1_000) / 1_000;
}
