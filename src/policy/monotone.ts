import { formatMoney } from "#core/money.ts";
import { type Case, matches, type OperationRules, type Rule, rulesOf } from "./rules.ts";
import type { PolicyDocument, Problem } from "./schema.ts";

/** More would make the check below slow; nobody needs more limits on one operation. */
const LIMITS_MAX = 8;

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

/**
 * Finds rules that let a larger amount pass more easily than a smaller one. Such a file would reward asking for more,
 * and is a slip in the order of the rules. Every case the conditions can tell apart is looked at, with each set of
 * limits used up in turn.
 */
export function laxerForMore(document: PolicyDocument): readonly Problem[] {
  return Object.entries(document.operations).flatMap(([operation, entry]): readonly Problem[] => {
    const compiled = rulesOf(operation, entry, document);
    const limits = [...new Set(compiled.rules.flatMap((rule) => rule.limits))];
    const path = ["operations", operation, "rules"];
    if (limits.length > LIMITS_MAX)
      return [{ path, reason: `at most ${LIMITS_MAX} limits on one operation` }];
    const amounts = amountsOf(compiled);
    for (const usedUp of subsets(limits)) {
      for (const shape of shapesOf(compiled)) {
        const slip = slipIn(compiled, { shape, amounts, usedUp: new Set(usedUp) });
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

type Outcome = Pick<Rule, "id" | "verdict" | "approvers">;

interface Slip {
  /** -1 when the larger amount has no rule at all and is asked for that reason. */
  readonly index: number;
  readonly amountMinor: number;
  readonly smaller: string;
}

function slipIn(
  operation: OperationRules,
  world: {
    readonly shape: Omit<Case, "amountMinor">;
    readonly amounts: readonly number[];
    readonly usedUp: ReadonlySet<string>;
  },
): Slip | null {
  let before: Outcome | undefined;
  for (const amountMinor of world.amounts) {
    const asked: Case = { ...world.shape, amountMinor };
    const index = winnerOf(operation, asked, world.usedUp);
    const outcome: Outcome = operation.rules[index] ?? {
      id: "no rule at all",
      verdict: "ask",
      approvers: operation.strictest,
    };
    if (before !== undefined && isLaxer(outcome, before))
      return { index, amountMinor, smaller: before.id };
    before = outcome;
  }
  return null;
}

function winnerOf(
  { rules, movesMoney }: OperationRules,
  asked: Case,
  usedUp: ReadonlySet<string>,
): number {
  let overrun = false;
  return rules.findIndex((rule) => {
    if (!matches(rule, asked, movesMoney)) return false;
    if (rule.verdict !== "allow") return true;
    overrun ||= rule.limits.some((name) => usedUp.has(name));
    return !overrun;
  });
}

function isLaxer(rule: Outcome, before: Outcome): boolean {
  if (rule.verdict !== before.verdict) return STRICTNESS[rule.verdict] < STRICTNESS[before.verdict];
  return (
    rule.approvers.count < before.approvers.count || rule.approvers.leads < before.approvers.leads
  );
}

/** The amounts at which a condition can change its mind, smallest first. */
function amountsOf({ rules }: OperationRules): readonly number[] {
  const edges = rules.flatMap(({ upToMinor, aboveMinor }) => [upToMinor ?? 0, aboveMinor ?? 0]);
  return [...new Set(edges.flatMap((edge) => [edge, edge + 1]))].toSorted((a, b) => a - b);
}

function shapesOf({ rules }: OperationRules): readonly Omit<Case, "amountMinor">[] {
  const edges = rules.flatMap(({ withinDays, afterDays }) => [withinDays ?? 0, afterDays ?? 0]);
  const ages = [null, ...new Set(edges.flatMap((edge) => [edge, edge + 1]))];
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

function subsets(names: readonly string[]): readonly (readonly string[])[] {
  return names.reduce<readonly (readonly string[])[]>(
    (sets, name) => [...sets, ...sets.map((set) => [...set, name])],
    [[]],
  );
}
