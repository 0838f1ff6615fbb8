/** Finds the cases that the rules of a new policy decide more easily than those of the old one. */
import { formatMoney } from "#core/values/money.ts";
import {
  amountsOf,
  isDecidedByFile,
  limitNamesOf,
  type Shape,
  shapesOf,
} from "#policy/rule-cases.ts";
import { approversInWords } from "#policy/on-duty.ts";
import { isLaxer, type Outcome, outcomeOf, type World } from "#policy/match-rule.ts";
import { type Case, type OperationRules, rulesOf } from "#policy/rules.ts";
import type { PolicyDocument } from "#policy/schema.ts";

/** Something the new file permits and the old one does not. */
export interface Relaxation {
  /** The path in the new file, such as `operations.refund.rules.small`. */
  readonly path: string;
  /** One sentence for the person who has to agree to it. */
  readonly words: string;
}

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

/**
 * Every kind of case that the new file decides more leniently than the old one, each with an example. Checks every case
 * that conditions of either file distinguish, with each limit used up in turn, and with or without a request in the
 * customer's own words. Both files must use the same currency.
 */
export function laxerCases(before: PolicyDocument, after: PolicyDocument): readonly Relaxation[] {
  const names = new Set([...Object.keys(before.operations), ...Object.keys(after.operations)]);
  return [...names].flatMap((name) => {
    const old = compiled(before, name);
    const now = compiled(after, name);
    const found = new Map<string, CaseDifference>();
    for (const pair of pairsOf([old, now], [before, after])) {
      const world = worldOf(pair);
      const from = outcomeOf(old, pair.before, world);
      const to = outcomeOf(now, pair.after, world);
      if (!isLaxer(to, from)) continue;
      const finding = {
        path: pathOf(name, to),
        pair,
        from: inWords(name, from),
        to: inWords(name, to),
      };
      const key = `${finding.from} ${finding.to}`;
      const best = found.get(key);
      if (best === undefined || isPlainer(pair, best.pair)) found.set(key, finding);
    }
    return [...found.values()].map(({ path, pair, from, to }) => ({
      path,
      words: `${name}${caseInWords(pair, after.currency)}: before, ${from}; now, ${to}`,
    }));
  });
}

function compiled(document: PolicyDocument, name: string): OperationRules | undefined {
  const entry = Object.hasOwn(document.operations, name) ? document.operations[name] : undefined;
  return entry === undefined ? undefined : rulesOf(name, entry, document);
}

function* pairsOf(
  versions: readonly (OperationRules | undefined)[],
  [before, after]: readonly [PolicyDocument, PolicyDocument],
): Generator<Pair> {
  const known = versions.filter((version) => version !== undefined);
  const rules = known.flatMap((version) => version.rules);
  const speakOfAmounts = rules.some((rule) => rule.upToMinor !== null || rule.aboveMinor !== null);
  const isMoney = known.some(({ movesMoney }) => movesMoney);
  const amounts = [null, ...(speakOfAmounts || isMoney ? amountsOf(rules) : [])];
  const restated = (from: PolicyDocument, to: PolicyDocument): boolean =>
    from.unshipped_statuses.some((status) => !to.unshipped_statuses.includes(status));
  const flips = new Map([
    [true, restated(before, after)],
    [false, restated(after, before)],
  ]);
  for (const shape of shapesIn(rules))
    for (const amountMinor of amounts)
      for (const after of shippedAnew(shape, flips)) {
        const asked = { ...shape, amountMinor };
        if (!known.every((version) => isDecidedByFile(version, asked))) continue;
        for (const limit of [null, ...limitNamesOf(rules)])
          for (const proven of [true, false])
            yield { before: asked, after: { ...after, amountMinor }, limit, proven };
      }
}

/** The cases of one file, and each once more with an amount in a currency the file does not cover. */
function shapesIn(rules: OperationRules["rules"]): readonly Shape[] {
  return shapesOf(rules).flatMap((shape) => [shape, { ...shape, amountComparable: false }]);
}

/** An order whose status moves into or out of those before shipping is a different case in the new file. */
function shippedAnew(shape: Shape, flips: ReadonlyMap<boolean, boolean>): readonly Shape[] {
  const { order } = shape;
  return order === null || flips.get(order.beforeShipping) !== true
    ? [shape]
    : [shape, { ...shape, order: { ...order, beforeShipping: !order.beforeShipping } }];
}

function worldOf({ limit, proven }: Pair): World {
  return { isOver: (rule) => limit !== null && rule.limits.includes(limit), proven };
}

/** The example shown has the fewest conditions, and among those the largest amount. */
function isPlainer(pair: Pair, than: Pair): boolean {
  const oddness = ({ before, after, limit, proven }: Pair): number =>
    (limit === null ? 0 : 1) +
    (proven ? 0 : 1) +
    (before.amountComparable ? 0 : 2) +
    (before.order?.beforeShipping === after.order?.beforeShipping ? 0 : 1);
  const difference = oddness(pair) - oddness(than);
  return difference === 0
    ? (pair.before.amountMinor ?? -1) > (than.before.amountMinor ?? -1)
    : difference < 0;
}

function pathOf(name: string, { rule }: Outcome): string {
  // Rule ids start with their operation: refund.small.
  return `operations.${name}${rule === null ? "" : `.rules${rule.id.slice(name.length)}`}`;
}

function inWords(name: string, { verdict, approvers, rule, by }: Outcome): string {
  const id = by === "rule" ? (rule?.id ?? name) : `${name}.${by}`;
  return `${verdictInWords(verdict, approvers)} (${id})`;
}

/** "one person approves", "it happens by itself", "it is refused". */
export function verdictInWords(
  verdict: Outcome["verdict"],
  approvers: Outcome["approvers"],
): string {
  if (verdict === "allow") return "it happens by itself";
  if (verdict === "deny") return "it is refused";
  const people = approversInWords(approvers);
  return `${people}${people.includes(",") ? "," : ""} ${approvers.count === 1 ? "approves" : "approve"}`;
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
