/** Figures over all plays of a run: pass^k, time, tokens and cost. */
import type { Share } from "#core/values/rehearsal.ts";
import { happened, passed, type PlayRecord } from "./record.ts";
import { wilsonShare } from "#jobs/rehearsal/figures.ts";

/** The share of cases that pass k times in a row, with its interval. */
export interface PassToThe {
  readonly k: number;
  /** Null when no case was played so often. */
  readonly share: number | null;
  readonly interval: Pick<Share, "low" | "high">;
  readonly cases: number;
}

/** pass^1 … pass^k. The interval counts cases, because another play of the same case is no new evidence about others. */
export function passToTheUpTo(k: number, all: readonly PlayRecord[]): readonly PassToThe[] {
  const byCase = [...Map.groupBy(happened(all), (one) => one.case).values()].map((plays) => ({
    trials: plays.length,
    passed: plays.filter(passed).length,
  }));
  return Array.from({ length: k }, (_none, index) => index + 1).map((times) => {
    const share = passAt(times, byCase);
    const cases = byCase.filter(({ trials }) => trials >= times).length;
    return { k: times, share, interval: wilsonShare((share ?? 0) * cases, cases), cases };
  });
}

/**
 * The chance that k plays of one case, drawn from its trials, all pass, as the mean over cases:
 * C(passed, k) / C(trials, k). https://arxiv.org/abs/2406.12045. Null without a case of at least k trials.
 */
function passAt(
  k: number,
  cases: readonly { readonly trials: number; readonly passed: number }[],
): number | null {
  const measured = cases.filter(({ trials }) => trials >= k);
  if (k < 1 || measured.length === 0) return null;
  const chances = measured.map(({ trials, passed }) => {
    let chance = 1;
    for (let drawn = 0; drawn < k; drawn += 1)
      chance *= Math.max(0, passed - drawn) / (trials - drawn);
    return chance;
  });
  return chances.reduce((sum, chance) => sum + chance, 0) / measured.length;
}

/** What a run took: milliseconds a play, tokens and US dollars in all. */
export interface Spent {
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly inputTokens: number;
  /** The part of the input that the provider had kept, at another price. */
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Null when the model's price is unknown. */
  readonly costUsd: number | null;
}

/** Adds up what the plays took. */
export function spentIn(all: readonly PlayRecord[]): Spent {
  const seen = happened(all).map((one) => one.seen);
  const times = seen.map(({ durationMs }) => durationMs).toSorted((a, b) => a - b);
  const sum = (of: (one: (typeof seen)[number]) => number): number =>
    seen.reduce((total, one) => total + of(one), 0);
  return {
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    cachedTokens: sum(({ cachedTokens }) => cachedTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    costUsd: seen.some(({ costUsd }) => costUsd === null)
      ? null
      : sum(({ costUsd }) => costUsd ?? 0),
  };
}

/** The smallest value that so large a share of the sorted values does not exceed; null without values. */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
