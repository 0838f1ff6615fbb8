/** Finds the cases of an operation that the rules of a new policy decide more easily than those of the old one. */

import { formatMoney } from "#core/values/money.ts";
import { verdictInWords } from "#policy/roles.ts";
import { ruleLimitNames, type Shape, caseShapes } from "#policy/cross-check.ts";
import {
  type Case,
  edgeAmounts,
  type OperationRules,
  preparedRules,
  isLaxer,
  type Outcome,
  ruleOutcome,
  type World,
} from "#policy/rules.ts";
import type { PolicyDocument } from "#policy/schema.ts";
import type { Place, Relaxation } from "./setting.ts";

/** One case in both files: the meaning of an order status may differ between them. */
interface Pair {
  readonly before: Case;
  readonly after: Case;
  readonly limit: string | null;
  readonly proven: boolean;
}

interface CaseDifference {
  readonly path: string;
  readonly pair: Pair;
  readonly from: string;
  readonly to: string;
}

/** Orders whose status means the same in both files, or those that only one file counts as unshipped. */
type Orders = "same" | "moved";

/**
 * Every kind of case that the new file decides more leniently than the old one, each with an example. Checks every case
 * that conditions of either file distinguish, with each limit used up in turn, and with or without a request in the
 * customer's own words.
 */
export function laxerCases(
  name: string,
  { before, after }: Pick<Place, "before" | "after">,
  orders: Orders,
): readonly Relaxation[] {
  const [old, now] = [compiled(before, name), compiled(after, name)];
  const known = [old, now].filter((version) => version !== undefined);
  const amounts = [null, ...amountsIn(known)];
  if (amounts.length > 1 && before.currency !== after.currency) return [];
  const found = new Map<string, CaseDifference>();
  for (const shapes of shapePairs(known, orders === "same" ? null : { before, after }))
    for (const pair of casePairs(known, shapes, amounts)) {
      const { limit, proven } = pair;
      const world: World = {
        isOver: (rule) => limit !== null && rule.limits.includes(limit),
        proven,
      };
      const from = ruleOutcome(old, pair.before, world);
      const to = ruleOutcome(now, pair.after, world);
      if (!isLaxer(to, from)) continue;
      const words = { from: inWords(name, from), to: inWords(name, to) };
      const key = `${words.from} ${words.to}`;
      const best = found.get(key);
      if (best === undefined || isPlainer(pair, best.pair))
        found.set(key, { path: outcomePath(name, to), pair, ...words });
    }
  return [...found.values()].map(({ path, pair, from, to }) => ({
    path,
    words: `${name}${caseInWords(pair, after.currency)}: before, ${from}; now, ${to}`,
  }));
}

function compiled(document: PolicyDocument, name: string): OperationRules | undefined {
  const entry = Object.hasOwn(document.operations, name) ? document.operations[name] : undefined;
  return entry === undefined ? undefined : preparedRules(name, entry, document);
}

function amountsIn(known: readonly OperationRules[]): readonly number[] {
  const rules = known.flatMap((version) => version.rules);
  const speakOfAmounts = rules.some((rule) => rule.upToMinor !== null || rule.aboveMinor !== null);
  return speakOfAmounts || known.some(({ movesMoney }) => movesMoney) ? edgeAmounts(rules) : [];
}

/** Each shape in both files, once more with an amount in a currency the file does not cover. */
function shapePairs(
  known: readonly OperationRules[],
  moved: Pick<Place, "before" | "after"> | null,
): readonly (readonly [before: Shape, after: Shape])[] {
  const shapes = caseShapes(known.flatMap(({ rules }) => rules)).flatMap((shape) => [
    shape,
    { ...shape, amountComparable: false },
  ]);
  if (moved === null) return shapes.map((shape) => [shape, shape]);
  const [old, now] = [moved.before.unshipped_statuses, moved.after.unshipped_statuses];
  const left = old.some((status) => !now.includes(status));
  const joined = now.some((status) => !old.includes(status));
  return shapes.flatMap((shape) => {
    const { order } = shape;
    if (order === null || !(order.beforeShipping ? left : joined)) return [];
    return [[shape, { ...shape, order: { ...order, beforeShipping: !order.beforeShipping } }]];
  });
}

/** A pair of shapes with every amount, every limit used up in turn, and with and without the customer's own words. */
function casePairs(
  known: readonly OperationRules[],
  [before, after]: readonly [Shape, Shape],
  amounts: readonly (number | null)[],
): readonly Pair[] {
  const limits = ruleLimitNames(known.flatMap(({ rules }) => rules));
  return amounts
    .filter((amountMinor) =>
      // The built-in rules leave a case to the file: money needs an order and an amount.
      known.every(
        ({ movesMoney }) => !movesMoney || (before.order !== null && amountMinor !== null),
      ),
    )
    .flatMap((amountMinor) =>
      [null, ...limits].flatMap((limit) =>
        [true, false].map((proven) => ({
          before: { ...before, amountMinor },
          after: { ...after, amountMinor },
          limit,
          proven,
        })),
      ),
    );
}

/** The example shown has the fewest conditions, and among those the largest amount. */
function isPlainer(pair: Pair, than: Pair): boolean {
  const oddness = ({ before, limit, proven }: Pair): number =>
    (limit === null ? 0 : 1) + (proven ? 0 : 1) + (before.amountComparable ? 0 : 2);
  const difference = oddness(pair) - oddness(than);
  return difference === 0
    ? (pair.before.amountMinor ?? -1) > (than.before.amountMinor ?? -1)
    : difference < 0;
}

function outcomePath(name: string, { rule }: Outcome): string {
  // Rule ids start with their operation: refund.small.
  return `operations.${name}${rule === null ? "" : `.rules${rule.id.slice(name.length)}`}`;
}

function inWords(name: string, { verdict, approvers, rule, by }: Outcome): string {
  const id = by === "rule" ? (rule?.id ?? name) : `${name}.${by}`;
  return `${verdictInWords(verdict, approvers)} (${id})`;
}

function caseInWords({ before, after, limit, proven }: Pair, currency: string): string {
  const { amountMinor, amountComparable, order, level } = before;
  const amount = amountMinor === null ? "" : ` of ${formatMoney({ minor: amountMinor, currency })}`;
  return [
    amountComparable ? amount : " in another currency",
    order === null ? "" : orderInWords(order),
    order?.beforeShipping === after.order?.beforeShipping
      ? ""
      : `, with a status that ${after.order?.beforeShipping === true ? "now" : "no longer"} counts as unshipped`,
    `, level ${level}`,
    limit === null ? "" : `, with ${limit} used up`,
    proven ? "" : ", not asked for in the customer's own words",
  ].join("");
}

function orderInWords({ daysSinceDelivery, beforeShipping }: NonNullable<Case["order"]>): string {
  if (daysSinceDelivery === 0) return ", delivered today";
  if (daysSinceDelivery !== null) return `, delivered ${daysSinceDelivery} days ago`;
  return beforeShipping ? ", not shipped" : ", not delivered";
}
