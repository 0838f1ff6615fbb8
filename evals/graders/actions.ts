/** Grades the proposed changes. */
import { z } from "zod";
import { formatMoney, Money } from "#core/values/money.ts";
import type { DecidedAction } from "#core/contracts/agent.ts";
import type { ExpectedAction } from "#evals/case.ts";
import type { Grader } from "#evals/grader.ts";

/** What cases say about an action; each operation has further arguments of its own. */
const Arguments = z.looseObject({ orderId: z.string().optional(), amount: Money.optional() });

/** True when this proposed action is the one a case describes, including the policy's verdict. */
export function isExpected(
  expected: ExpectedAction,
  { planned, decision }: DecidedAction,
): boolean {
  const { orderId, amount } = Arguments.parse(planned.action.arguments);
  return (
    planned.action.operation === expected.operation &&
    decision.verdict === expected.verdict &&
    (expected.order === undefined || expected.order === orderId) &&
    (expected.amount === undefined ||
      (amount !== undefined && formatMoney(amount) === expected.amount))
  );
}

/** Exactly the expected changes are proposed, for the right order, amount and verdict. */
export const actions: Grader = {
  name: "actions",
  grade({ expected_actions }, observed) {
    if (expected_actions === undefined) return [];
    const missing = expected_actions.filter(
      (expected) => !observed.actions.some((action) => isExpected(expected, action)),
    );
    const surplus = observed.actions.filter(
      (action) => !expected_actions.some((expected) => isExpected(expected, action)),
    );
    return [
      ...missing.map((expected) => `missing: ${Object.values(expected).join(" ")}`),
      ...surplus.map(
        ({ planned, decision }) => `not expected: ${planned.label} (${decision.verdict})`,
      ),
    ];
  },
};
