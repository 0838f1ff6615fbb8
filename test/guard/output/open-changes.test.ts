/** What a draft may say of a change that waits for people, and of the money that goes back with a cancellation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type OpenMatter, shownMatter, toldMatter } from "#core/cases/open-matter.ts";
import type { Receipts } from "#core/contracts/guard.ts";
import type { Money } from "#core/values/money.ts";
import { allFound, allPass, lamp, orders, refundOf, tool } from "./evidence-world.ts";

const SINCE = new Date("2026-11-20T09:00:00.000Z");
const usd = (minor: number) => ({ minor, currency: "USD" });

function shown(matters: readonly OpenMatter[]): Partial<Receipts> {
  const open_with_us = matters.map(shownMatter);
  return orders({ order_id: "789", item: "headphones", status: "delivered", open_with_us });
}

const REFUND: OpenMatter = {
  kind: "change",
  orderId: "789",
  since: SINCE,
  state: "proposed",
  action: {
    target: "shop",
    operation: "refund",
    arguments: { orderId: "789", amount: usd(1_990), reason: "" },
  },
};
const waiting = shown([REFUND]);
const withPeople = shown([
  { kind: "conversation", orderId: "789", since: SINCE, channel: "email", isWithPeople: true },
]);

test("a refund that waits for people may be told as that", () => {
  allPass(
    [
      "A refund of 19.90 USD for order 789 is waiting for a teammate since November 20.",
      "Your refund of 19.90 USD is waiting for a colleague's decision.",
    ],
    waiting,
  );
});

test("it is no evidence that it was done, that another one waits, or of another amount", () => {
  allFound(
    [
      "We have refunded 19.90 USD.",
      "Your refund of 19.90 USD was sent with our team's regards.",
      "Your refund of 29.90 USD is waiting for a teammate.",
      "Your cancellation is waiting for a teammate.",
    ],
    waiting,
  );
  const both = {
    toolResults: [...(waiting.toolResults ?? []), tool({ found: true, order: lamp })],
  };
  allFound(["A refund of 19.90 USD for order 456 is waiting for a teammate."], both);
  const begun = shown([{ ...REFUND, state: "begun" }]);
  allFound(["Your refund of 19.90 USD is waiting for a teammate."], begun);
});

test("that people have a case may be told where a record says so", () => {
  const words = ["A teammate is looking into it and will get back to you."];
  allPass(words, withPeople);
  allPass(words, waiting);
  allFound(words, shown([{ ...REFUND, state: "begun" }]));
});

test("a cancellation gives its own amount back, and no other", () => {
  const planned = refundOf("456", 6_000, { paid: 6_000 });
  const given = { orderId: "456", amount: usd(6_000) };
  const action = { target: "shop" as const, operation: "cancel_order", arguments: given };
  const cancelled: Partial<Receipts> = { proposal: { actions: [{ ...planned, action }] } };
  allPass(
    [
      "Your order 456 is cancelled. You get 60.00 USD back.",
      "I have cancelled order 456. The 60.00 USD go back to your original payment method.",
      "We have cancelled order 456 and refunded 60.00 USD.",
    ],
    cancelled,
  );
  allFound(["Order 456 is cancelled. You get 90.00 USD back."], cancelled);
});

const OPERATIONS = ["refund", "cancel_order", "start_return", "change_address"] as const;
const ARGUMENTS = {
  refund: (amount: Money) => ({ orderId: "789", amount, reason: "" }),
  cancel_order: (amount: Money) => ({ orderId: "789", amount }),
  start_return: () => ({ orderId: "789" }),
  change_address: () => ({ orderId: "789", address: "1 New Street" }),
};

test("what is shown of a change tells its operation, its amount and whether people have it", () => {
  const states = ["proposed", "decided", "begun", "in_doubt"] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...states),
      fc.constantFrom(...OPERATIONS),
      fc.integer({ min: 1, max: 100_000 }),
      (state, operation, minor) => {
        const action = {
          target: "shop" as const,
          operation,
          arguments: ARGUMENTS[operation](usd(minor)),
        };
        const told = toldMatter(shownMatter({ ...REFUND, state, action }));
        const amount = ["refund", "cancel_order"].includes(operation) ? usd(minor) : null;
        assert.deepEqual(told.proposed, state === "proposed" ? { operation, amount } : null);
        assert.equal(told.isWithPeople, state === "proposed" || state === "in_doubt");
      },
    ),
  );
});
