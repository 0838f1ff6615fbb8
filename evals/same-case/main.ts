/** `npm run same-case`: prints how well conversations of one case are recognised, with every pair judged wrongly. */
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

for (const part of ["dev", "test"] as const)
  for (const line of linesOf(part, measureCases(part))) process.stdout.write(`${line}\n`);
