/** Says how likely it is that a page answers a question, from what a search knows of both. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** What speaks for one page as the answer to a question. */
export interface PageEvidence {
  /** The page's name, as the ids of its passages begin with it. */
  readonly page: string;
  /** The score of its first passage, 0 to 1. */
  readonly score: number;
  /** By how much that passage is before the first of all other pages; below 0 when another page is before it. */
  readonly lead: number;
}

const Weights = z.strictObject({ intercept: z.number(), score: z.number(), lead: z.number() });
/** The constants of one logistic function. */
export type Weights = z.infer<typeof Weights>;

/** How the search went about a question: by words and meaning, or by words alone. */
export type Manner = "meaning" | "words";

const Fitted = z.strictObject({ meaning: Weights, words: Weights });
/** Weights for each manner, since their scores mean different things. */
export type Fitted = z.infer<typeof Fitted>;

/** Written by `npm run evals -- knowledge calibrate`, from questions whose right pages are known. */
const FITTED = Fitted.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, "fitted.json"), "utf8")),
);

/**
 * 0 to 1: of questions with this evidence, the share that the page answers. It holds for questions like those it was
 * fitted on.
 */
export function answerChance(
  evidence: PageEvidence,
  manner: Manner,
  fitted: Fitted = FITTED,
): number {
  return logistic(fitted[manner], evidence);
}

/** The logistic function of the evidence. */
export function logistic(
  weights: Weights,
  { score, lead }: Pick<PageEvidence, "score" | "lead">,
): number {
  return 1 / (1 + Math.exp(-(weights.intercept + weights.score * score + weights.lead * lead)));
}

/** What speaks for each page, best first; the hits are passages in their order. */
export function pageEvidence(
  hits: readonly { readonly id: string; readonly order: number; readonly score: number }[],
): readonly PageEvidence[] {
  const pages = new Map<string, { readonly order: number; readonly score: number }>();
  for (const hit of hits) if (!pages.has(passagePage(hit.id))) pages.set(passagePage(hit.id), hit);
  const [first = 0, second = 0] = [...pages.values()].map(({ order }) => order);
  return [...pages].map(([page, { order, score }], place) => ({
    page,
    score,
    lead: order - (place === 0 ? second : first),
  }));
}

/** The page a passage belongs to; the id of a passage is its page's name and its heading's. */
export function passagePage(passageId: string): string {
  return passageId.slice(0, passageId.lastIndexOf("#"));
}
