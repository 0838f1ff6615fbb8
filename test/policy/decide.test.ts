import assert from "node:assert/strict";
import { test } from "node:test";
import type { OrderFacts } from "#core/values/action.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import {
  decidesAsShown,
  initText,
  NO_APPROVERS,
  ONE,
  order,
  ORDERS,
  question,
  sandboxText,
  TWO,
  type DecisionRows,
} from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");

const oneUsed = { small_refunds_for_one: { count: 1, minor: 900 } };

const refund = (about: OrderFacts | null, amount: number | null, changes = {}) =>
  question("refund", about, amount, changes);
const asks = (rule: string, approvers = ONE) => ["ask", rule, approvers] as const;
const denies = (rule: string) => ["deny", rule, NO_APPROVERS] as const;
const allows = (rule: string) => ["allow", rule, NO_APPROVERS] as const;

const ROWS: DecisionRows = {
  "Ann's headphones ask one teammate": [refund(ORDERS.headphones, 120), asks("refund.usual")],
  "Bob's laptop asks two people, one a lead": [
    refund(ORDERS.laptop, 900),
    asks("refund.large", TWO),
  ],
  "Bob's cable is approved by policy": [refund(ORDERS.cable, 9), allows("refund.small")],
  "the cable asks where nothing could tell afterwards whether it happened": [
    refund(ORDERS.cable, 9, { unfindable: true }),
    asks("refund.unfindable", TWO),
  ],
  "his phone case after it asks one teammate": [
    refund(ORDERS.phoneCase, 8, { usage: oneUsed }),
    asks("refund.usual"),
  ],
  "a small refund asks when the day's 50.00 would be passed": [
    refund(ORDERS.cable, 9, {
      usage: { small_refunds_for_all: { count: 5, minor: 4101 } },
    }),
    asks("refund.usual"),
  ],
  "a small refund that fills the day's 50.00 exactly is allowed": [
    refund(ORDERS.cable, 9, {
      usage: { small_refunds_for_all: { count: 5, minor: 4100 } },
    }),
    allows("refund.small"),
  ],
  "Ann's backpack, 45 days, is denied": [refund(ORDERS.backpack, 80), denies("refund.too_late")],
  "a small part of it is denied as well": [refund(ORDERS.backpack, 5), denies("refund.too_late")],
  "day 30 is inside the window": [
    refund(order("1", "u123", 9, { deliveredDaysAgo: 30 }), 9),
    allows("refund.small"),
  ],
  "day 31 is outside": [
    refund(order("1", "u123", 9, { deliveredDaysAgo: 31 }), 9),
    denies("refund.too_late"),
  ],
  "10.00 is small": [refund(ORDERS.headphones, 10), allows("refund.small")],
  "10.01 is not": [refund(ORDERS.headphones, 10.01), asks("refund.usual")],
  "200.00 asks one": [refund(ORDERS.laptop, 200), asks("refund.usual")],
  "200.01 asks two": [refund(ORDERS.laptop, 200.01), asks("refund.large", TWO)],
  "1000.00 asks two": [
    refund(order("1", "u123", 2000, { deliveredDaysAgo: 1 }), 1000),
    asks("refund.large", TWO),
  ],
  "1000.01 is denied": [
    refund(order("1", "u123", 2000, { deliveredDaysAgo: 1 }), 1000.01),
    denies("refund.too_much"),
  ],
  "a small refund of an order on its way asks": [refund(ORDERS.phone, 5), asks("refund.usual")],
  "a large refund of an order on its way asks two": [
    refund(ORDERS.phone, 640),
    asks("refund.large", TWO),
  ],
  "more than was paid is denied": [refund(ORDERS.headphones, 120.01), denies("refund.paid")],
  "more than is left is denied": [
    refund(order("789", "u123", 120, { deliveredDaysAgo: 12, refunded: 25 }), 120),
    denies("refund.paid"),
  ],
  "a stranger's order is denied": [
    refund(ORDERS.laptop, 900, { customerId: "u123" }),
    denies("refund.order"),
  ],
  "a refund without an order is denied": [refund(null, 9), denies("refund.order")],
  "a refund without an amount is denied": [refund(ORDERS.cable, null), denies("refund.order")],
  "a claimed sender gets no refund": [
    refund(ORDERS.cable, 9, { level: 1 }),
    denies("refund.level"),
  ],
  "an address before shipping asks": [
    question("change_address", ORDERS.lamp, null),
    asks("change_address.before_shipping"),
  ],
  "an address after shipping is denied": [
    question("change_address", ORDERS.kettle, null),
    denies("change_address.shipped"),
  ],
  "a claimed sender changes no address": [
    question("change_address", ORDERS.lamp, null, { level: 1 }),
    denies("change_address.level"),
  ],
  "a password reset is approved by policy": [
    question("reset_password", null, null),
    allows("reset_password.to_address_on_file"),
  ],
  "the third reset of a day is allowed": [
    question("reset_password", null, null, { usage: { resets_for_one: { count: 2, minor: 0 } } }),
    allows("reset_password.to_address_on_file"),
  ],
  "the fourth reset of a day asks": [
    question("reset_password", null, null, { usage: { resets_for_one: { count: 3, minor: 0 } } }),
    asks("reset_password.otherwise"),
  ],
  "a claimed sender gets no reset": [
    question("reset_password", null, null, { level: 1 }),
    denies("reset_password.level"),
  ],
  "a reset for an unknown customer asks, since its limit counts by customer": [
    question("reset_password", null, null, { customerId: null }),
    asks("reset_password.otherwise"),
  ],
  "any customer gets a ticket": [
    question("create_ticket", null, null, { level: 0, customerId: null }),
    allows("create_ticket.hand_over"),
  ],
  "an operation without a rule asks": [
    question("hold_order", ORDERS.lamp, null),
    asks("hold_order.unlisted"),
  ],
  "a reply by mail asks": [question("reply", null, null), asks("reply.autonomy")],
  "a reply in chat goes out": [
    question("reply", null, null, { channel: "chat" }),
    allows("reply.autonomy"),
  ],
  "a cancellation before shipping asks, with the money that goes back": [
    question("cancel_order", ORDERS.lamp, 60),
    asks("cancel_order.before_shipping"),
  ],
  "a cancellation after shipping is denied": [
    question("cancel_order", ORDERS.kettle, 25),
    denies("cancel_order.shipped"),
  ],
  "no cancellation gives back more than was paid": [
    question("cancel_order", ORDERS.lamp, 60.01),
    denies("cancel_order.paid"),
  ],
  "a return within 30 days asks": [
    question("start_return", ORDERS.headphones, null),
    asks("start_return.in_time"),
  ],
  "a return after 45 days is denied": [
    question("start_return", ORDERS.backpack, null),
    denies("start_return.too_late"),
  ],
  "an exchange of what has not arrived is denied": [
    question("exchange_item", ORDERS.phone, null),
    denies("exchange_item.not_delivered"),
  ],
  "an invoice goes out by itself": [
    question("resend_invoice", ORDERS.kettle, null),
    allows("resend_invoice.to_address_on_file"),
  ],
  "the fourth invoice of a day asks": [
    question("resend_invoice", ORDERS.kettle, null, {
      usage: { invoices_for_one: { count: 3, minor: 0 } },
    }),
    asks("resend_invoice.otherwise"),
  ],
  "another customer's invoice is denied": [
    question("resend_invoice", ORDERS.laptop, null, { customerId: "u123" }),
    denies("resend_invoice.order"),
  ],
};

decidesAsShown(ROWS);

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
    ["ask", "refund.currency", TWO],
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

test("until when an order can be refunded is the earliest end that refuses every amount, and none where nothing refuses", () => {
  const tooMuchLater = sandboxText.replace(
    "        verdict: deny\n        above: 1000.00\n",
    "        verdict: deny\n        above: 1000.00\n        after_days: 5\n",
  );
  assert.notEqual(tooMuchLater, sandboxText);
  const twoEnds = sandboxText.replace(
    "      - name: too_much\n",
    "      - name: much_too_late\n        verdict: deny\n        after_days: 20\n        reason: Longer ago than that is never possible.\n      - name: too_much\n",
  );
  assert.deepEqual(
    [sandboxText, initText, tooMuchLater, twoEnds].map(
      (text) => loadPolicy(text, "deskhand.policy.yaml").refundDays,
    ),
    [30, null, 30, 20],
  );
});
