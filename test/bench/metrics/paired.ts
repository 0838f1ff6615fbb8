/** What a part costs, from work that ran with it and without it in turn: a ratio of sums, and how sure it is. */

/** What the same work took with the part and without it, a moment apart; in any one unit. */
export interface Pair {
  readonly with: number;
  readonly without: number;
}

/** A ratio, and the interval that holds the true one in 95 of 100 such runs. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** Student's t for 95 % and the 30 pairs that are the fewest. */
const T_95 = 2.05;
const PAIRS_MIN = 30;

/**
 * How many times as much the work takes with the part: the ratio of the sums, with the standard error of a ratio
 * estimator (Cochran, Sampling Techniques, section 6.4). Throws for fewer pairs than that holds for.
 */
export function ratioOf(pairs: readonly Pair[]): Ratio {
  if (pairs.length < PAIRS_MIN) throw new Error(`fewer than ${PAIRS_MIN} pairs say too little`);
  const sumOf = (value: (pair: Pair) => number): number =>
    pairs.reduce((total, pair) => total + value(pair), 0);
  const without = sumOf((pair) => pair.without);
  const ratio = sumOf((pair) => pair.with) / without;
  const squares = sumOf((pair) => (pair.with - ratio * pair.without) ** 2);
  const error = Math.sqrt((pairs.length / (pairs.length - 1)) * squares) / without;
  return { ratio, low: ratio - T_95 * error, high: ratio + T_95 * error };
}
