/** Whether stated chances came true. */
import { percent } from "#core/values/words.ts";

/** A chance as it was stated, and what was true. */
export interface Stated {
  readonly chance: number;
  readonly isRight: boolean;
}

/** Stated chances in fifths, with the share that was right; pure. */
export function reliability(stated: readonly Stated[]) {
  const groups = Map.groupBy(stated, ({ chance }) => Math.min(4, Math.floor(chance * 5)));
  return [0, 1, 2, 3, 4].flatMap((fifth) => {
    const group = groups.get(fifth) ?? [];
    if (group.length === 0) return [];
    return [
      {
        n: group.length,
        stated: mean(group.map(({ chance }) => chance)),
        right: mean(group.map(({ isRight }) => Number(isRight))),
      },
    ];
  });
}

/** The same as lines, under how far chances and truth are apart in the mean square, and how far the bare share would be. */
export function reliabilityText(name: string, stated: readonly Stated[]): string {
  const share = mean(stated.map(({ isRight }) => Number(isRight)));
  const brier = mean(stated.map(({ chance, isRight }) => (chance - Number(isRight)) ** 2));
  return [
    `${name}: ${stated.length} questions, Brier ${brier.toFixed(3)}, ${(share * (1 - share)).toFixed(3)} without looking`,
    ...reliability(stated).map(
      (one) => `  ${one.n} stated as ${percent(one.stated)}: ${percent(one.right)} right`,
    ),
  ].join("\n");
}

function mean(numbers: readonly number[]): number {
  const sum = numbers.reduce((total, number) => total + number, 0);
  return numbers.length === 0 ? 0 : Math.round((sum / numbers.length) * 1_000) / 1_000;
}
