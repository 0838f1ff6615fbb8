/** A burst: all customers write at once, and none waits for an answer. */
import { inLanes } from "#test/support/program.ts";
import type { Customers } from "./customers.ts";
import type { Plan } from "./plan.ts";

const LANES = 100;

/**
 * Writes the whole plan, one message of each conversation after the other. A message is taken as accepted as soon as
 * the database has it; the customer's client hangs up then.
 */
export async function flood(given: {
  readonly customers: Customers;
  readonly plan: Plan;
}): Promise<void> {
  const { customers, plan } = given;
  const rounds = Math.max(...plan.conversations.map(({ messages }) => messages.length));
  const waiting = Array.from({ length: rounds }, (_, round) =>
    plan.conversations.flatMap((conversation) => {
      const message = conversation.messages[round];
      return message === undefined ? [] : [{ conversation, message }];
    }),
  );
  // Round after round, so that a conversation's next message leaves when its last one is in.
  for (const round of waiting)
    await inLanes(round, LANES, ({ conversation, message }) =>
      customers.drop(conversation, message),
    );
}
