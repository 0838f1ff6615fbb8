/** Where a customer's words and the shop's record disagree, and which orders a card is about. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type OrderOnCard, NO_CARD_CONTEXT } from "#core/values/card-context.ts";
import { orderLines } from "#core/values/card-text.ts";
import { conflictsBetween, ordersOnCard } from "#jobs/approval/card-orders.ts";

const SINCE = "2026-11-21T02:15:00.000Z";
const usd = (minor: number) => ({ minor, currency: "USD" });

const SHIPPED: OrderOnCard = {
  orderId: "2001",
  item: "phone",
  paid: usd(64_000),
  paidBy: "",
  refunded: usd(0),
  status: "shipped",
  shippedOn: "2026-11-20",
  dueOn: "2026-11-23",
  deliveredOn: null,
  returnSince: null,
};
const DELIVERED: OrderOnCard = { ...SHIPPED, status: "delivered", deliveredOn: "2026-11-09" };
const WAITING: OrderOnCard = {
  ...SHIPPED,
  status: "processing",
  shippedOn: null,
  dueOn: null,
};

const against = (text: string, orders: readonly OrderOnCard[], payments = new Map()) =>
  conflictsBetween(text, { orders, payments }, SINCE);

test("words that the record contradicts are named with what the shop says", () => {
  for (const [text, order, conflict] of [
    [
      "It arrived cracked.",
      SHIPPED,
      "says it arrived; shop: shipped 20 Nov, due 23 Nov, not delivered",
    ],
    ["It arrived cracked.", WAITING, "says it arrived; shop: processing, not shipped"],
    ["It never arrived.", DELIVERED, "says it never arrived; shop: delivered 9 Nov"],
    [
      "I never got my refund.",
      { ...DELIVERED, refunded: usd(2_500) },
      "says no refund came; shop: 25.00 USD refunded",
    ],
    ["You refunded me 5 USD.", DELIVERED, "says it was refunded; shop: nothing refunded"],
    ["I was charged 700.00 USD.", DELIVERED, "says 700.00 USD was charged; shop: paid 640.00 USD"],
    [
      "Please change the delivery address to 5 Elm Street.",
      SHIPPED,
      "asks for a new address; shop: shipped 20 Nov, due 23 Nov, not delivered",
    ],
  ] as const)
    assert.deepEqual(against(text, [order]), [conflict], text);
});

test("words that the record agrees with, or does not tell about, are no conflict", () => {
  for (const [text, order] of [
    ["It never arrived.", SHIPPED],
    ["It arrived cracked.", DELIVERED],
    ["It arrived cracked.", { ...SHIPPED, status: "returned" }],
    ["I was charged 640.00 USD.", DELIVERED],
    ["I was charged 560 EUR.", DELIVERED],
    ["I never got my refund.", DELIVERED],
    ["Please change the delivery address.", WAITING],
    ["Where is my order?", DELIVERED],
  ] as const)
    assert.deepEqual(against(text, [order]), [], text);
  assert.deepEqual(against("It arrived cracked.", []), []);
});

test("what does not work is no parcel that arrived, unless the order is named; then it says what they write", () => {
  for (const text of ["It doesn't work. Please help.", "Es funktioniert leider nicht."])
    assert.deepEqual(against(text, [SHIPPED]), [], text);
  for (const text of ["My phone does not work.", "Order 2001 is broken."])
    assert.deepEqual(
      against(text, [SHIPPED]),
      ["writes as if they had it; shop: shipped 20 Nov, due 23 Nov, not delivered"],
      text,
    );
  assert.deepEqual(against("My phone does not work.", [DELIVERED]), []);
});

test("a claim that fits one of several orders is no conflict", () => {
  assert.deepEqual(against("It arrived cracked.", [SHIPPED, DELIVERED]), []);
});

test("charged twice is held against the payments, where they were looked up", () => {
  const text = "I was charged twice.";
  assert.deepEqual(against(text, [DELIVERED]), []);
  assert.deepEqual(against(text, [DELIVERED], new Map([["2001", 2]])), []);
  assert.deepEqual(against(text, [DELIVERED], new Map([["2001", 1]])), [
    "says it was charged twice; shop: one payment, 640.00 USD",
  ]);
});

const shown = (id: string, item: string) => ({
  order_id: id,
  item,
  status: "shipped",
  amount: "640.00 USD",
  paid: "640.00 USD",
  refunded: "0.00 USD",
  refundable: "640.00 USD",
  shipped_on: "2026-11-20",
  due_on: "2026-11-23",
  delivered_on: null,
});

test("a card has one line for each order it is about, with how it was paid where that was looked up", () => {
  const results = [
    {
      tool: "list_orders",
      result: { found: true, orders: [shown("2001", "phone"), shown("2002", "lamp")] },
    },
    {
      tool: "get_payments",
      result: {
        found: true,
        order_id: "2001",
        payments: [{ amount: "640.00 USD", method: "card" }],
        refunds: [],
      },
    },
  ];
  const { orders, payments } = ordersOnCard(results, [], "My phone is cracked");
  assert.deepEqual(orderLines({ ...NO_CARD_CONTEXT, since: SINCE, orders: [...orders] }), [
    "📦 Order 2001 · phone · paid 640.00 USD by card · shipped 20 Nov, due 23 Nov, not delivered · nothing refunded",
  ]);
  assert.equal(payments.get("2001"), 1);
  const named = ordersOnCard(results, [], "orders 2002 and 2001").orders;
  assert.deepEqual(
    named.map(({ orderId }) => orderId),
    ["2001", "2002"],
  );
  assert.deepEqual(ordersOnCard(results, [], "order 20").orders, []);
});

test("the order an action changes comes first, and is known by its facts where nothing was looked up", () => {
  const refund = {
    key: "refund:shop:9:0",
    action: {
      target: "shop" as const,
      operation: "refund",
      arguments: { orderId: "9", amount: usd(100), reason: "x" },
    },
    label: "Refund",
    facts: [
      {
        orderId: "9",
        customerId: "u",
        status: "delivered",
        paid: usd(900),
        refunded: usd(100),
        refundCount: 1,
        deliveredOn: "2026-11-16",
      },
    ],
  };
  const results = [
    { tool: "get_order_status", result: { found: true, order: shown("2001", "phone") } },
  ];
  const { orders } = ordersOnCard(results, [refund], "refund 9, and where is 2001?");
  assert.deepEqual(orderLines({ ...NO_CARD_CONTEXT, since: SINCE, orders: [...orders] }), [
    "📦 Order 9 · paid 9.00 USD · delivered 16 Nov · 1.00 USD refunded",
    "📦 Order 2001 · phone · paid 640.00 USD · shipped 20 Nov, due 23 Nov, not delivered · nothing refunded",
  ]);
});
