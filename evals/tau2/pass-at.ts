/** The measure of the benchmark's board: pass^k. Pure. */

/**
 * The chance that k conversations about one task, drawn from its trials, all pass, as the mean over tasks:
 * C(passed, k) / C(trials, k). https://arxiv.org/abs/2406.12045. Null without a task of at least k trials.
 */
export function passAt(
  k: number,
  tasks: readonly { readonly trials: number; readonly passed: number }[],
): number | null {
  const measured = tasks.filter(({ trials }) => trials >= k);
  if (k < 1 || measured.length === 0) return null;
  const chances = measured.map(({ trials, passed }) => {
    let chance = 1;
    for (let drawn = 0; drawn < k; drawn += 1)
      chance *= Math.max(0, passed - drawn) / (trials - drawn);
    return chance;
  });
  return chances.reduce((sum, chance) => sum + chance, 0) / measured.length;
}
