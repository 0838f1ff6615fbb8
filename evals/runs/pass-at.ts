/** How likely it is that several plays of a case all pass: pass^k. Pure. */

/**
 * The chance that k plays of one case, drawn from its trials, all pass, as the mean over cases:
 * C(passed, k) / C(trials, k). https://arxiv.org/abs/2406.12045. Null without a case of at least k trials.
 */
export function passAt(
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
