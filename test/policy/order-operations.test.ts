/** What the sandbox's policy says about cancelling, returning, exchanging and the invoice of an order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPolicy } from "#policy/load-policy.ts";
import {
  decidesAsShown,
  initText,
  NO_APPROVERS,
  ONE,
  ORDERS,
  question,
  sandboxText,
  type DecisionRows,
} from "./policy-files.ts";

const ROWS: DecisionRows = {
  "a cancellation before shipping asks, with the money that goes back": [
    question("cancel_order", ORDERS.lamp, 60),
    ["ask", "cancel_order.before_shipping", ONE],
  ],
  "a cancellation after shipping is denied": [
    question("cancel_order", ORDERS.kettle, 25),
    ["deny", "cancel_order.shipped", NO_APPROVERS],
  ],
  "no cancellation gives back more than was paid": [
    question("cancel_order", ORDERS.lamp, 60.01),
    ["deny", "cancel_order.paid", NO_APPROVERS],
  ],
  "a return within 30 days asks": [
    question("start_return", ORDERS.headphones, null),
    ["ask", "start_return.in_time", ONE],
  ],
  "a return after 45 days is denied": [
    question("start_return", ORDERS.backpack, null),
    ["deny", "start_return.too_late", NO_APPROVERS],
  ],
  "an exchange of what has not arrived is denied": [
    question("exchange_item", ORDERS.phone, null),
    ["deny", "exchange_item.not_delivered", NO_APPROVERS],
  ],
  "an invoice goes out by itself": [
    question("resend_invoice", ORDERS.kettle, null),
    ["allow", "resend_invoice.to_address_on_file", NO_APPROVERS],
  ],
  "the fourth invoice of a day asks": [
    question("resend_invoice", ORDERS.kettle, null, {
      usage: { invoices_for_one: { count: 3, minor: 0 } },
    }),
    ["ask", "resend_invoice.otherwise", ONE],
  ],
  "another customer's invoice is denied": [
    question("resend_invoice", ORDERS.laptop, null, { customerId: "u123" }),
    ["deny", "resend_invoice.order", NO_APPROVERS],
  ],
};

decidesAsShown(ROWS);

test("the file that init writes asks about all of them", () => {
  const init = loadPolicy(initText, "init.yaml");
  for (const [operation, amount] of [
    ["cancel_order", 60],
    ["start_return", null],
    ["exchange_item", null],
    ["resend_invoice", null],
  ] as const)
    assert.equal(init.decide(question(operation, ORDERS.lamp, amount)).verdict, "ask", operation);
});

test("no rule lets a cancellation happen by itself, since the order has not arrived", () => {
  const text = sandboxText.replace(
    "      - name: before_shipping\n        verdict: ask\n        before_shipping: true\n        reason: A teammate approves a cancellation",
    "      - name: before_shipping\n        verdict: allow\n        up_to: 100\n        before_shipping: true\n        reason: A teammate approves a cancellation",
  );
  assert.notEqual(text, sandboxText);
  const lax = loadPolicy(text, "lax.yaml");
  assert.notEqual(lax.decide(question("cancel_order", ORDERS.lamp, 60)).verdict, "allow");
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
