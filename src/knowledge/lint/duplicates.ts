/** Finds pages that say the same, or almost. Pure. */
import { foldedWords } from "#text/fold.ts";
import type { CheckedPage } from "./statements.ts";

/** Two pages of which one can go. */
export interface Duplicate {
  readonly one: string;
  readonly other: string;
  /** The share of five-word runs that both have, 0 to 1; 1 for the same text. */
  readonly alike: number;
}

const RUN_WORDS = 5;
/** A page with fewer runs says too little to be compared. */
const RUNS_MIN = 8;
const ALIKE_MIN = 0.8;
/** A run of more pages than these is a footer or a notice. */
const HOLDERS_MAX = 30;

/** Each pair once, the most alike first. */
export function duplicatesIn(pages: readonly CheckedPage[]): readonly Duplicate[] {
  const runs = new Map(pages.map((page) => [page.slug, pageRuns(page)]));
  const holders = new Map<string, string[]>();
  for (const [slug, own] of runs)
    for (const run of own) {
      const slugs = holders.get(run);
      if (slugs === undefined) holders.set(run, [slug]);
      else slugs.push(slug);
    }
  const shared = new Map<string, Map<string, number>>();
  for (const slugs of holders.values()) {
    if (slugs.length < 2 || slugs.length > HOLDERS_MAX) continue;
    for (const [at, one] of slugs.entries()) {
      const counts = shared.get(one) ?? new Map<string, number>();
      shared.set(one, counts);
      for (const other of slugs.slice(at + 1)) counts.set(other, (counts.get(other) ?? 0) + 1);
    }
  }
  const size = (slug: string): number => runs.get(slug)?.size ?? 0;
  return [...shared]
    .flatMap(([one, counts]) =>
      [...counts].map(([other, both]) => ({
        one,
        other,
        alike: both / (size(one) + size(other) - both),
      })),
    )
    .filter(({ one, other, alike }) => alike >= ALIKE_MIN && isEnough(size(one), size(other)))
    .toSorted(byLikeness);
}

function isEnough(one: number, other: number): boolean {
  return Math.min(one, other) >= RUNS_MIN;
}

function byLikeness(one: Duplicate, other: Duplicate): number {
  return other.alike - one.alike;
}

function pageRuns({ passages }: CheckedPage): ReadonlySet<string> {
  const words = passages.flatMap(({ heading, body }) => foldedWords(`${heading} ${body}`));
  const count = Math.max(0, words.length - RUN_WORDS + 1);
  return new Set(
    Array.from({ length: count }, (_, at) => words.slice(at, at + RUN_WORDS).join(" ")),
  );
}
