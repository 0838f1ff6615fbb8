/** One labelled text: what a customer wrote, and every claim about the order in it, an amount in minor units after a colon. */
export type ClaimSample = readonly [text: string, claims: readonly string[]];

/** How well a detector does on labelled texts, counted over all labels. */
export interface Measured {
  readonly precision: number;
  readonly recall: number;
  /** One line for each text with a label too many or too few. */
  readonly wrong: readonly string[];
}

/** Compares what a detector finds with the labels. */
export function measured(
  samples: readonly ClaimSample[],
  find: (text: string) => readonly string[],
): Measured {
  let right = 0;
  let extra = 0;
  let missed = 0;
  const wrong: string[] = [];
  for (const [text, labels] of samples) {
    const found = find(text);
    const tooMany = found.filter((one) => !labels.includes(one));
    const tooFew = labels.filter((one) => !found.includes(one));
    right += found.length - tooMany.length;
    extra += tooMany.length;
    missed += tooFew.length;
    if (tooMany.length + tooFew.length > 0)
      wrong.push(`${text} +[${tooMany.join()}] -[${tooFew.join()}]`);
  }
  return { precision: right / (right + extra), recall: right / (right + missed), wrong };
}
