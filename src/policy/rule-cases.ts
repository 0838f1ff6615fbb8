/** Lists every case that the conditions of some rules can tell apart, for load-time checks. */
import type { Case, OperationRules, Rule } from "./rules.ts";

/** A case without its amount. */
export type Shape = Omit<Case, "amountMinor">;

/** The amounts at which a condition of these rules can change its result, smallest first. */
export function amountsOf(rules: readonly Rule[]): readonly number[] {
  const edges = rules.flatMap(({ upToMinor, aboveMinor }) => [upToMinor ?? 0, aboveMinor ?? 0]);
  return [...new Set(edges.flatMap((edge) => [edge, edge + 1]))].toSorted((a, b) => a - b);
}

/** Every combination of age, shipping and identity that conditions of these rules can tell apart. */
export function shapesOf(rules: readonly Rule[]): readonly Shape[] {
  const edges = rules.flatMap(({ withinDays, afterDays }) => [withinDays ?? 0, afterDays ?? 0]);
  const ages = [null, ...new Set([0, ...edges].flatMap((edge) => [edge, edge + 1]))];
  const orders = [
    null,
    ...ages.flatMap((daysSinceDelivery) =>
      [true, false].map((beforeShipping) => ({ daysSinceDelivery, beforeShipping })),
    ),
  ];
  return orders.flatMap((order) =>
    ([0, 1, 2, 3] as const).map((level) => ({ order, level, amountComparable: true })),
  );
}

/**
 * The limits these rules name. It suffices to check with no limit exhausted and with each one exhausted alone:
 * combinations add nothing, because whichever limit hands a case to people, the same rules decide it then.
 */
export function limitNamesOf(rules: readonly Rule[]): readonly string[] {
  return [...new Set(rules.flatMap((rule) => rule.limits))];
}

/** True when the built-in rules leave this case to the file: money needs an order and an amount. */
export function isDecidedByFile({ movesMoney }: OperationRules, asked: Case): boolean {
  return !movesMoney || (asked.order !== null && asked.amountMinor !== null);
}
