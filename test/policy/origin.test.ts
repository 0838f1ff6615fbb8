import assert from "node:assert/strict";
import { test } from "node:test";
import type { Origin } from "#core/values/action.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { ORDERS, question, sandboxText, withEdits } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");

const unasked: Origin = { asked: false, unproven: [] };
const foreignAmount: Origin = { asked: true, unproven: [{ argument: "amount", words: "9.00" }] };
const one = { count: 1, leads: 0 };

const sandboxWith = (words: string, instead: string) =>
  loadPolicy(withEdits([[words, instead]]), "changed.yaml");

test("what the customer did not plainly ask for is never allowed, only asked", () => {
  const { reason, ...decision } = policy.decide(
    question("refund", ORDERS.cable, 9, { origin: unasked }),
  );
  assert.deepEqual(decision, {
    verdict: "ask",
    rule: "refund.origin",
    approvers: one,
    reservations: policy.decide(question("refund", ORDERS.cable, 9)).reservations,
  });
  assert.equal(
    reason,
    "This was not asked for in a sentence of the customer's own, so a person decides.",
  );
});

test("who decides is told where the customer's sentence is there and could not be read a second time", () => {
  const origin: Origin = { asked: false, wish: "Refund it.", unread: true, unproven: [] };
  const { verdict, reason } = policy.decide(question("refund", ORDERS.cable, 9, { origin }));
  assert.equal(verdict, "ask");
  assert.equal(
    reason,
    "The customer's words could not be read a second time, so a person decides.",
  );
});

test("a value that stands in no record is named to the person who decides, and its words are not repeated", () => {
  const { verdict, rule, reason } = policy.decide(
    question("refund", ORDERS.cable, 9, { origin: foreignAmount }),
  );
  assert.deepEqual([verdict, rule], ["ask", "refund.origin"]);
  assert.equal(reason, "The amount stands in no record, so a person decides.");
  const both = policy.decide(
    question("refund", ORDERS.cable, 9, {
      origin: {
        asked: true,
        unproven: [
          { argument: "order_id", words: "call me" },
          { argument: "amount", words: "" },
          { argument: "amount", words: "9" },
          { argument: "payment_id", words: "" },
        ],
      },
    }),
  );
  // Of a value without the customer's words it is not known that no record has it: a look-up may have given it.
  assert.equal(
    both.reason,
    "The order id and the amount stand in no record, so a person decides. The payment id was not named by the customer, so a person decides.",
  );
});

test("asked for and proven, or from no conversation at all, the rule allows", () => {
  for (const origin of [null, { asked: true, unproven: [] }])
    assert.equal(policy.decide(question("refund", ORDERS.cable, 9, { origin })).verdict, "allow");
});

test("as many people look at it as the next rule that asks would want", () => {
  const strict = sandboxWith(
    "        up_to: 200.00\n        within_days: 30\n        approvers: { count: 1, leads: 0 }",
    "        up_to: 200.00\n        within_days: 30\n        approvers: { count: 2, leads: 1 }",
  );
  assert.deepEqual(
    strict.decide(question("refund", ORDERS.cable, 9, { origin: unasked })).approvers,
    { count: 2, leads: 1 },
  );
  assert.deepEqual(
    policy.decide(question("reset_password", null, null, { origin: unasked })).approvers,
    one,
    "where no rule asks, one person does",
  );
});

test("what is asked or denied anyway stays as it is", () => {
  for (const [about, amount, rule] of [
    [ORDERS.headphones, 120, "refund.usual"],
    [ORDERS.backpack, 80, "refund.too_late"],
    [ORDERS.phone, 640, "refund.large"],
  ] as const) {
    const decision = policy.decide(question("refund", about, amount, { origin: unasked }));
    assert.equal(decision.rule, rule);
    assert.doesNotMatch(decision.reason, /own words/);
  }
});

test("a used-up limit and missing words are both told, and neither softens the other", () => {
  const usage = { small_refunds_for_one: { count: 1, minor: 900 } };
  const { rule, reason } = policy.decide(
    question("refund", ORDERS.cable, 9, { origin: unasked, usage }),
  );
  assert.equal(rule, "refund.usual");
  assert.match(reason, /is used up\. This was not asked for in a sentence/);
  const thenNever = sandboxWith(
    "      - name: usual",
    "      - name: never\n        verdict: deny\n        reason: Nothing else is refunded.\n      - name: usual",
  );
  assert.equal(
    thenNever.decide(question("refund", ORDERS.cable, 9, { origin: unasked, usage })).verdict,
    "deny",
  );
});

test("a ticket and a one-time code need no words of the customer's own", () => {
  for (const operation of ["create_ticket", "send_code"])
    assert.equal(
      policy.decide(question(operation, null, null, { level: 0, origin: unasked })).verdict,
      "allow",
      operation,
    );
});

test("an operator can say that an operation needs no own words, and only that operation changes", () => {
  const loose = sandboxWith(
    "  reset_password:\n",
    "  reset_password:\n    own_words: not_needed\n",
  );
  assert.equal(
    loose.decide(question("reset_password", null, null, { origin: unasked })).verdict,
    "allow",
  );
  assert.equal(
    loose.decide(question("refund", ORDERS.cable, 9, { origin: unasked })).verdict,
    "ask",
  );
});
