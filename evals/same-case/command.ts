/** `npm run evals -- same-case`: prints how well conversations of one case are recognised, with every pair judged wrongly. */
import { type CaseFigures, measureCases } from "./measure.ts";
import type { Part } from "./read.ts";

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function linesOf(part: Part, figures: CaseFigures): readonly string[] {
  const { pairs, same, precision, recall, asked, askedSame, wrong } = figures;
  return [
    `${part}: ${pairs} pairs, ${same} of one case. Precision ${percent(precision)}, recall ${percent(recall)}; asked ${asked} times, ${askedSame} of them rightly.`,
    ...wrong.map(
      ({ customer, kind, earlier, later, reasons }) =>
        `  ${kind} (${customer}): “${earlier}” / “${later}”${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`,
    ),
  ];
}

/** Prints the figures of both parts with every pair judged wrongly, and gives the exit code 0. */
export function sameCaseCommand({ print }: { readonly print: (text: string) => void }): number {
  for (const part of ["dev", "test"] as const)
    for (const line of linesOf(part, measureCases(part))) print(`${line}\n`);
  return 0;
}
