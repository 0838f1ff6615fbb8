/** Grader: compares the proposed actions with the expected ones. */
import { z } from "zod";
import { formatMoney, Money } from "#core/values/money.ts";
import type { DecidedAction } from "#core/contracts/agent.ts";
import type { ExpectedAction } from "#evals/case.ts";
import type { Grader } from "#evals/grader.ts";

/** The arguments that cases check; each operation has further ones. */
const Arguments = z.looseObject({ orderId: z.string().optional(), amount: Money.optional() });

/** What an action does, to which order and with how much money, as cases write it: "refund 789 120.00 USD". */
export function actionWords({
  operation,
  arguments: given,
}: {
  readonly operation: string;
  readonly arguments: unknown;
}): string {
  const { orderId = "", amount } = Arguments.safeParse(given).data ?? {};
  const money = amount === undefined ? "" : formatMoney(amount);
  return [operation, orderId, money].filter((word) => word !== "").join(" ");
}

/** True when this proposed action matches the expected one, including the policy's verdict. */
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

/** Checks that exactly the expected changes are proposed, with the right order, amount and verdict. */
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
