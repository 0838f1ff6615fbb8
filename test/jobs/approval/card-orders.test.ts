/** What a card says of orders: its headline, warnings before a refund, and where words and records disagree. */
import { deliveredFacts } from "#test/jobs/customers.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { orderLines } from "#core/values/card-text.ts";
import { conflictsBetween, ordersOnCard } from "#jobs/approval/card-orders.ts";
import { NO_CARD_CONTEXT, type OrderOnCard } from "#core/values/card-context.ts";
import { changeName, type PlannedAction, refundKey } from "#core/values/action.ts";
import { cardHeadline } from "#jobs/approval/card-lines.ts";
import { refundWarnings } from "#jobs/approval/card-flags.ts";

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
    [
      "I was charged 9500 INR.",
      { ...DELIVERED, paid: { minor: 990_000, currency: "INR" } },
      "says 9500.00 INR was charged; shop: paid 9900.00 INR",
    ],
    [
      "I was charged 700.00 all in all.",
      DELIVERED,
      "says 700.00 USD was charged; shop: paid 640.00 USD",
    ],
    ["I was charged 700.00 USD.", DELIVERED, "says 700.00 USD was charged; shop: paid 640.00 USD"],
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
    ["I was charged ¥9,900.", { ...DELIVERED, paid: { minor: 9_900, currency: "JPY" } }],
    ["I never got my refund.", DELIVERED],
    ["Please change the delivery address.", SHIPPED],
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
      deliveredFacts("9", 900, {
        customerId: "u",
        refunded: usd(100),
        refundCount: 1,
        deliveredOn: "2026-11-16",
      }),
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

const SIXTY = usd(6_000);

function headline(operation: string, given: PlannedAction["action"]["arguments"]): string {
  const action = { target: "shop" as const, operation, arguments: { orderId: "456", ...given } };
  const actions = [{ key: "k", action, label: "l", facts: [] }];
  const about = { kind: "proposal", actions, orders: [], topic: "", page: "", who: null } as const;
  return cardHeadline(about).withoutName;
}

test("a headline says what happens, and with a cancellation what goes back", () => {
  assert.equal(
    headline("cancel_order", { amount: SIXTY }),
    "Cancel order, 60.00 USD back · order 456",
  );
  assert.equal(headline("refund", { amount: SIXTY, reason: "" }), "Refund 60.00 USD · order 456");
  assert.equal(headline("start_return", {}), "Start return · order 456");
  assert.equal(headline("resend_invoice", {}), "Resend invoice · order 456");
});

test("before “of order 456” a change has a noun, and an operator's own its name", () => {
  const names = ["refund", "cancel_order", "start_return", "exchange_item", "resend_invoice"];
  assert.deepEqual(names.map(changeName), [
    "refund",
    "cancellation",
    "return",
    "exchange",
    "invoice",
  ]);
  assert.equal(changeName("hold_shipment"), "hold shipment");
});

const ORDER: OrderOnCard = {
  ...SHIPPED,
  orderId: "789",
  item: "headphones",
  paid: usd(12_000),
  status: "delivered",
  shippedOn: "2026-11-05",
  dueOn: null,
  deliveredOn: "2026-11-08",
};

const SENT_ORDER: OrderOnCard = { ...ORDER, status: "shipped", deliveredOn: null };

function planned(operation: string, orderId = "789"): PlannedAction {
  return {
    key: refundKey(orderId, 0),
    action: { target: "shop", operation, arguments: { orderId, amount: usd(900), reason: "" } },
    label: "Refund",
    facts: [deliveredFacts(orderId, 12_000)],
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
      SENT_ORDER,
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
      fc.constantFrom(ORDER, SENT_ORDER, { ...ORDER, refunded: usd(1) }),
      fc.string(),
      (operation, order, words) => {
        assert.deepEqual(warned(order, words, operation), []);
        const other = { ...order, orderId: "1001" };
        assert.deepEqual(warned(other, words), []);
      },
    ),
  );
});
