/** Converts the result of a soak run into a verdict of the fault suite. */
import type { SoakReport } from "#test/soak/soak.ts";
import type { Verdict } from "./evidence.ts";

/** Wrong refunds and unfinished work are listed as reasons. */
export function soakVerdict(report: SoakReport): Verdict {
  const { lost, twice, out_of_order: outOfOrder, refunds_expected, refunds_done } = report;
  const reasons = report.findings.map(({ what }) => what);
  if (refunds_expected !== refunds_done)
    reasons.push(`${refunds_done} refunds were made, and ${refunds_expected} were asked for`);
  if (report.left_over > 0) reasons.push(`${report.left_over} messages and effects are left`);
  if (lost + twice + outOfOrder > 0)
    reasons.push(`${lost} lost, ${twice} twice, ${outOfOrder} out of order`);
  return { lost, twice, outOfOrder, reasons };
}
