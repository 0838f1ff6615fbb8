import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicyQuestion } from "#core/contracts/policy.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { initText, order, ORDERS, question, sandboxText } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");

const one = { count: 1, leads: 0 };
const two = { count: 2, leads: 1 };
const noApprovers = { count: 0, leads: 0 };
const oneUsed = { small_refunds_for_one: { count: 1, minor: 900 } };

type Row = readonly [
  sentence: string,
  asked: PolicyQuestion,
  expected: readonly [verdict: string, rule: string, approvers: object],
];

const ROWS: readonly Row[] = [
  [
    "Ann's headphones ask one teammate",
    question("refund", ORDERS.headphones, 120),
    ["ask", "refund.usual", one],
  ],
  [
    "Bob's laptop asks two people, one a lead",
    question("refund", ORDERS.laptop, 900),
    ["ask", "refund.large", two],
  ],
  [
    "Bob's cable is approved by policy",
    question("refund", ORDERS.cable, 9),
    ["allow", "refund.small", noApprovers],
  ],
  [
    "his phone case after it asks one teammate",
    question("refund", ORDERS.phoneCase, 8, { usage: oneUsed }),
    ["ask", "refund.usual", one],
  ],
  [
    "a small refund asks when the day's 50.00 would be passed",
    question("refund", ORDERS.cable, 9, {
      usage: { small_refunds_for_all: { count: 5, minor: 4101 } },
    }),
    ["ask", "refund.usual", one],
  ],
  [
    "a small refund that fills the day's 50.00 exactly is allowed",
    question("refund", ORDERS.cable, 9, {
      usage: { small_refunds_for_all: { count: 5, minor: 4100 } },
    }),
    ["allow", "refund.small", noApprovers],
  ],
  [
    "Ann's backpack, 45 days, is denied",
    question("refund", ORDERS.backpack, 80),
    ["deny", "refund.too_late", noApprovers],
  ],
  [
    "a small part of it is denied as well",
    question("refund", ORDERS.backpack, 5),
    ["deny", "refund.too_late", noApprovers],
  ],
  [
    "day 30 is inside the window",
    question("refund", order("1", "u123", 9, { deliveredDaysAgo: 30 }), 9),
    ["allow", "refund.small", noApprovers],
  ],
  [
    "day 31 is outside",
    question("refund", order("1", "u123", 9, { deliveredDaysAgo: 31 }), 9),
    ["deny", "refund.too_late", noApprovers],
  ],
  [
    "10.00 is small",
    question("refund", ORDERS.headphones, 10),
    ["allow", "refund.small", noApprovers],
  ],
  ["10.01 is not", question("refund", ORDERS.headphones, 10.01), ["ask", "refund.usual", one]],
  ["200.00 asks one", question("refund", ORDERS.laptop, 200), ["ask", "refund.usual", one]],
  ["200.01 asks two", question("refund", ORDERS.laptop, 200.01), ["ask", "refund.large", two]],
  [
    "1000.00 asks two",
    question("refund", order("1", "u123", 2000, { deliveredDaysAgo: 1 }), 1000),
    ["ask", "refund.large", two],
  ],
  [
    "1000.01 is denied",
    question("refund", order("1", "u123", 2000, { deliveredDaysAgo: 1 }), 1000.01),
    ["deny", "refund.too_much", noApprovers],
  ],
  [
    "a small refund of an order on its way asks",
    question("refund", ORDERS.phone, 5),
    ["ask", "refund.usual", one],
  ],
  [
    "a large refund of an order on its way asks two",
    question("refund", ORDERS.phone, 640),
    ["ask", "refund.large", two],
  ],
  [
    "more than was paid is denied",
    question("refund", ORDERS.headphones, 120.01),
    ["deny", "refund.paid", noApprovers],
  ],
  [
    "more than is left is denied",
    question("refund", order("789", "u123", 120, { deliveredDaysAgo: 12, refunded: 25 }), 120),
    ["deny", "refund.paid", noApprovers],
  ],
  [
    "a stranger's order is denied",
    question("refund", ORDERS.laptop, 900, { customerId: "u123" }),
    ["deny", "refund.order", noApprovers],
  ],
  [
    "a refund without an order is denied",
    question("refund", null, 9),
    ["deny", "refund.order", noApprovers],
  ],
  [
    "a refund without an amount is denied",
    question("refund", ORDERS.cable, null),
    ["deny", "refund.order", noApprovers],
  ],
  [
    "a claimed sender gets no refund",
    question("refund", ORDERS.cable, 9, { level: 1 }),
    ["deny", "refund.level", noApprovers],
  ],
  [
    "an address before shipping asks",
    question("change_address", ORDERS.lamp, null),
    ["ask", "change_address.before_shipping", one],
  ],
  [
    "an address after shipping is denied",
    question("change_address", ORDERS.kettle, null),
    ["deny", "change_address.shipped", noApprovers],
  ],
  [
    "a claimed sender changes no address",
    question("change_address", ORDERS.lamp, null, { level: 1 }),
    ["deny", "change_address.level", noApprovers],
  ],
  [
    "a password reset is approved by policy, for a claimed sender too",
    question("reset_password", null, null, { level: 1 }),
    ["allow", "reset_password.to_address_on_file", noApprovers],
  ],
  [
    "the third reset of a day is allowed",
    question("reset_password", null, null, { usage: { resets_for_one: { count: 2, minor: 0 } } }),
    ["allow", "reset_password.to_address_on_file", noApprovers],
  ],
  [
    "the fourth reset of a day asks",
    question("reset_password", null, null, { usage: { resets_for_one: { count: 3, minor: 0 } } }),
    ["ask", "reset_password.otherwise", one],
  ],
  [
    "an unknown sender gets no reset",
    question("reset_password", null, null, { level: 0 }),
    ["deny", "reset_password.level", noApprovers],
  ],
  [
    "a reset for an unknown customer asks, since its limit counts by customer",
    question("reset_password", null, null, { level: 1, customerId: null }),
    ["ask", "reset_password.otherwise", one],
  ],
  [
    "any customer gets a ticket",
    question("create_ticket", null, null, { level: 0, customerId: null }),
    ["allow", "create_ticket.hand_over", noApprovers],
  ],
  [
    "an operation without a rule asks",
    question("hold_order", ORDERS.lamp, null),
    ["ask", "hold_order.unlisted", one],
  ],
  ["a reply by mail asks", question("reply", null, null), ["ask", "reply.autonomy", one]],
  [
    "a reply in chat goes out",
    question("reply", null, null, { channel: "chat" }),
    ["allow", "reply.autonomy", noApprovers],
  ],
];

for (const [sentence, asked, expected] of ROWS) {
  test(sentence, () => {
    const { verdict, rule, approvers } = policy.decide(asked);
    assert.deepEqual([verdict, rule, approvers], expected);
  });
}

test("another currency asks as many people as the most careful rule does", () => {
  const euros = { minor: 500, currency: "EUR" };
  const inEuros = {
    ...ORDERS.headphones,
    paid: { minor: 12_000, currency: "EUR" },
    refunded: { minor: 0, currency: "EUR" },
  };
  const decision = policy.decide(question("refund", inEuros, null, { amount: euros }));
  assert.deepEqual(
    [decision.verdict, decision.rule, decision.approvers],
    ["ask", "refund.currency", two],
  );
  assert.equal(
    policy.decide(question("refund", ORDERS.headphones, null, { amount: euros })).rule,
    "refund.paid",
    "an order is refunded in the currency it was paid in",
  );
  const late = { ...inEuros, deliveredOn: ORDERS.backpack.deliveredOn };
  assert.equal(
    policy.decide(question("refund", late, null, { amount: euros })).rule,
    "refund.too_late",
    "a refusal that does not depend on the amount holds in every currency",
  );
});

test("a refusal is one sentence a customer can be told", () => {
  assert.equal(
    policy.decide(question("refund", ORDERS.backpack, 80)).reason,
    "Refunds are possible within 30 days after delivery, and this order was delivered longer ago.",
  );
  const left = order("789", "u123", 120, { deliveredDaysAgo: 12, refunded: 25 });
  assert.equal(
    policy.decide(question("refund", left, 120)).reason,
    "At most 95.00 USD of order 789 can still be refunded.",
  );
});

test("the window ends at midnight in the policy's own zone", () => {
  const tokyo = loadPolicy(sandboxText.replace("zone: UTC", "zone: Asia/Tokyo"), "tokyo");
  const delivered = { ...ORDERS.headphones, deliveredOn: "2026-10-21" };
  const lastMinute = { at: new Date("2026-11-20T14:59:00Z") };
  const nextDay = { at: new Date("2026-11-20T15:00:00Z") };
  assert.equal(tokyo.decide(question("refund", delivered, 120, lastMinute)).verdict, "ask");
  assert.equal(tokyo.decide(question("refund", delivered, 120, nextDay)).rule, "refund.too_late");
  assert.equal(policy.decide(question("refund", delivered, 120, nextDay)).verdict, "ask");
});

test("what init writes allows nothing and sends nothing", () => {
  const init = loadPolicy(initText, "init.yaml");
  for (const operation of init.operations.filter((name) => name !== "reply"))
    for (const about of [null, ...Object.values(ORDERS)])
      for (const amount of [null, 5, 8])
        assert.notEqual(
          init.decide(question(operation, about, amount, { level: 3 })).verdict,
          "allow",
        );
  for (const channel of ["email", "zendesk", "slack", "chat"] as const) {
    assert.equal(init.replyAutonomy(channel, "faq"), "shadow");
    assert.equal(init.decide(question("reply", null, null, { channel })).verdict, "deny");
  }
});

test("a topic can have an autonomy of its own", () => {
  const text = sandboxText.replace(
    "email: { default: draft }",
    "email: { default: draft, topics: { faq: auto } }",
  );
  const promoted = loadPolicy(text, "promoted.yaml");
  assert.equal(promoted.replyAutonomy("email", "faq"), "auto");
  assert.equal(promoted.replyAutonomy("email", "refund"), "draft");
  assert.equal(promoted.replyAutonomy("email", "constructor"), "draft");
});

test("write operations without a rule can be told from those with one", () => {
  assert.deepEqual(policy.operations, [
    "refund",
    "change_address",
    "reset_password",
    "create_ticket",
    "send_code",
    "cancel_order",
    "start_return",
    "exchange_item",
    "resend_invoice",
    "reply",
  ]);
});
