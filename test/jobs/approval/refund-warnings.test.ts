/** What the card of a refund warns of, by the records of the shop and of Deskhand. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { test } from "node:test";
import { refundKey, type PlannedAction } from "#core/values/action.ts";
import type { OrderOnCard } from "#core/values/card-context.ts";
import { refundWarnings } from "#jobs/approval/card-flags.ts";

const SINCE = "2026-11-21T02:15:00.000Z";
const usd = (minor: number) => ({ minor, currency: "USD" });

const ORDER: OrderOnCard = {
  orderId: "789",
  item: "headphones",
  paid: usd(12_000),
  paidBy: "",
  refunded: usd(0),
  status: "delivered",
  shippedOn: "2026-11-05",
  dueOn: null,
  deliveredOn: "2026-11-08",
  returnSince: null,
};
const SHIPPED: OrderOnCard = { ...ORDER, status: "shipped", deliveredOn: null };

function planned(operation: string, orderId = "789"): PlannedAction {
  return {
    key: refundKey(orderId, 0),
    action: { target: "shop", operation, arguments: { orderId, amount: usd(900), reason: "" } },
    label: "Refund",
    facts: [
      {
        orderId,
        customerId: "u123",
        status: "delivered",
        paid: usd(12_000),
        refunded: usd(0),
        refundCount: 0,
        deliveredOn: "2026-11-08",
      },
    ],
  };
}

function warned(order: OrderOnCard, words = "Please refund order 789", operation = "refund") {
  return refundWarnings({
    actions: [planned(operation)],
    orders: [order],
    words,
    since: SINCE,
  });
}

test("a refund of what is not delivered, not back or refunded before says so with what the record says", () => {
  const cases: readonly (readonly [OrderOnCard, string, readonly string[]])[] = [
    [ORDER, "It is broken, refund me", []],
    [
      SHIPPED,
      "It is broken, refund me",
      ["Order 789 is not delivered: shipped 5 Nov, not delivered"],
    ],
    [
      ORDER,
      "I want to return it and get my money back",
      ["The customer writes about a return of order 789, and the shop knows of none"],
    ],
    [
      ORDER,
      "Ich habe die Kopfhörer zurückgeschickt, bitte erstatten",
      ["The customer writes about a return of order 789, and the shop knows of none"],
    ],
    [
      { ...ORDER, returnSince: "2026-11-12" },
      "Refund me",
      ["Order 789 is to come back since 12 Nov, and the shop does not say that it has"],
    ],
    [{ ...ORDER, status: "returned", returnSince: "2026-11-12" }, "I want to return it", []],
    [{ ...ORDER, refunded: usd(2_500) }, "Refund me", ["Order 789 was refunded before: 25.00 USD"]],
  ];
  for (const [order, words, expected] of cases)
    assert.deepEqual(warned(order, words), expected, words);
});

test("nothing is said of a return where the order was not looked up", () => {
  assert.deepEqual(warned({ ...ORDER, item: "" }, "I want to return it"), []);
});

test("only a refund is warned of, and only about its own order", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("change_address", "cancel_order", "start_return", "reply"),
      fc.constantFrom(ORDER, SHIPPED, { ...ORDER, refunded: usd(1) }),
      fc.string(),
      (operation, order, words) => {
        assert.deepEqual(warned(order, words, operation), []);
        const other = { ...order, orderId: "1001" };
        assert.deepEqual(warned(other, words), []);
      },
    ),
  );
});
