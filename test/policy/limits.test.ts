import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicyQuestion } from "#core/contracts/policy.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { NOON, ORDERS, question, sandboxText } from "./policy-files.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
const oneUsed = { small_refunds_for_one: { count: 1, minor: 900 } };

test("a used-up limit of a rule that asks takes a lead, whatever rule comes next", () => {
  const large = "approvers: { count: 2, leads: 1 }";
  const limited = loadPolicy(
    sandboxText.replace(
      large,
      "approvers: { count: 2, leads: 0 }\n        limits: [small_refunds_for_one]",
    ),
    "limited",
  );
  const asked = (usage: PolicyQuestion["usage"]) =>
    limited.decide(question("refund", ORDERS.phone, 300, { usage }));
  const first = asked({});
  assert.deepEqual(first.approvers, { count: 2, leads: 0 });
  assert.deepEqual(
    first.reservations.map(({ limit, minor }) => [limit, minor]),
    [["small_refunds_for_one", 30_000]],
  );
  const second = asked(oneUsed);
  assert.equal(second.verdict, "ask");
  assert.deepEqual(second.approvers, { count: 2, leads: 1 });
  assert.match(second.reason, /small_refunds_for_one .* is used up/);
  assert.deepEqual(
    second.usedUp?.map(({ name }) => name),
    ["small_refunds_for_one"],
  );
});

test("what policy allows books its limits, and what a rule without limits asks books none", () => {
  assert.deepEqual(policy.decide(question("refund", ORDERS.cable, 9)).reservations, [
    {
      limit: "small_refunds_for_one",
      subject: "u456",
      minor: 900,
      since: new Date(
        Date.UTC(NOON.getUTCFullYear(), NOON.getUTCMonth(), NOON.getUTCDate() - 89),
      ).toISOString(),
      countMax: 1,
      minorMax: null,
    },
    {
      limit: "small_refunds_for_all",
      subject: "all",
      minor: 900,
      since: `${NOON.toISOString().slice(0, 10)}T00:00:00.000Z`,
      countMax: null,
      minorMax: 5000,
    },
  ]);
  assert.deepEqual(policy.decide(question("refund", ORDERS.headphones, 120)).reservations, []);
  assert.deepEqual(
    policy.decide(question("refund", ORDERS.phoneCase, 8, { usage: oneUsed })).reservations,
    [],
  );
});

test("money for an order on its way is never allowed by policy, whatever the rules say", () => {
  const careless = loadPolicy(sandboxText.replace("        delivered: true\n", ""), "careless");
  assert.equal(careless.decide(question("refund", ORDERS.cable, 9)).verdict, "allow");
  assert.equal(careless.decide(question("refund", ORDERS.phone, 9)).rule, "refund.usual");
});

test("a used-up limit hands the request to people, also when a later rule would allow it", () => {
  const second =
    "        reason: A reset link is sent to the address on file.\n      - name: again\n        verdict: allow\n        reason: A second rule that allows.\n";
  const twoRules = loadPolicy(
    sandboxText.replace("        reason: A reset link is sent to the address on file.\n", second),
    "two-rules",
  );
  const used = { resets_for_one: { count: 3, minor: 0 } };
  const decision = twoRules.decide(question("reset_password", null, null, { usage: used }));
  assert.deepEqual([decision.verdict, decision.rule], ["ask", "reset_password.otherwise"]);
});

test("a used-up limit is named to the person who is asked", () => {
  const { reason } = policy.decide(question("refund", ORDERS.phoneCase, 8, { usage: oneUsed }));
  assert.match(reason, /small_refunds_for_one \(once in 90 days for each customer\) is used up/);
});

test("the limits to count are named with calendar-day windows, today included", () => {
  assert.deepEqual(policy.limitsNeeded("refund", "u456", NOON), [
    {
      limit: "small_refunds_for_one",
      subject: "u456",
      since: new Date("2026-08-23T00:00:00Z"),
      countMax: 1,
      minorMax: null,
    },
    {
      limit: "small_refunds_for_all",
      subject: "all",
      since: new Date("2026-11-20T00:00:00Z"),
      countMax: null,
      minorMax: 5_000,
    },
  ]);
  assert.deepEqual(
    policy.limitsNeeded("refund", null, NOON).map(({ limit }) => limit),
    ["small_refunds_for_all"],
  );
  assert.deepEqual(policy.limitsNeeded("reply", "u456", NOON), []);
});
