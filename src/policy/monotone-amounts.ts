/** Checks that a larger amount never passes more easily than a smaller one. */
import { formatMoney } from "#core/values/money.ts";
import { amountsOf, limitNamesOf, type Shape, shapesOf } from "./rule-cases.ts";
import { isLaxer, type Outcome, outcomeOf, type World } from "./match-rule.ts";
import { type OperationRules, rulesOf } from "./rules.ts";
import type { PolicyDocument, Problem } from "./schema.ts";

/**
 * Finds rules that let a larger amount pass more easily than a smaller one. Such a file would reward asking for more,
 * and the order of its rules is a mistake. Checks every case the conditions can tell apart, with each limit exhausted
 * in turn.
 */
export function laxerForMore(document: PolicyDocument): readonly Problem[] {
  return Object.entries(document.operations).flatMap(([operation, entry]): readonly Problem[] => {
    const compiled = rulesOf(operation, entry, document);
    const path = ["operations", operation, "rules"];
    for (const limit of [null, ...limitNamesOf(compiled.rules)]) {
      const isOver: World["isOver"] = (rule) => limit !== null && rule.limits.includes(limit);
      for (const shape of shapesOf(compiled.rules)) {
        const slip = slipIn(compiled, shape, { isOver, proven: true });
        if (slip !== null) {
          const amount = formatMoney({ minor: slip.amountMinor, currency: document.currency });
          const reason = `lets ${amount} pass more easily than a smaller amount, which ${slip.smaller} decides`;
          return [{ path: slip.index < 0 ? path : [...path, slip.index], reason }];
        }
      }
    }
    return [];
  });
}

interface Slip {
  /** -1 when no rule matches the larger amount, which therefore needs approval. */
  readonly index: number;
  readonly amountMinor: number;
  readonly smaller: string;
}

function slipIn(operation: OperationRules, shape: Shape, world: World): Slip | null {
  let before: Outcome | undefined;
  for (const amountMinor of amountsOf(operation.rules)) {
    const outcome = outcomeOf(operation, { ...shape, amountMinor }, world);
    if (before !== undefined && isLaxer(outcome, before)) {
      const index = outcome.rule === null ? -1 : operation.rules.indexOf(outcome.rule);
      return { index, amountMinor, smaller: before.rule?.id ?? "no rule at all" };
    }
    before = outcome;
  }
  return null;
}
