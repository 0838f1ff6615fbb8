import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Decision, type PolicyQuestion } from "#core/contracts/policy.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { NOON, order, sandboxText } from "./policy-files.ts";
import { runs } from "#test/support/tiers.ts";

const policy = loadPolicy(sandboxText, "deskhand.policy.yaml");
const STRICTNESS = { allow: 0, ask: 1, deny: 2 };

const usage = fc.record({ count: fc.nat(6), minor: fc.nat(8_000) });
const anyQuestion: fc.Arbitrary<PolicyQuestion> = fc.record({
  operation: fc.constantFrom(
    "refund",
    "cancel_order",
    "start_return",
    "exchange_item",
    "resend_invoice",
    "change_address",
    "reset_password",
    "create_ticket",
    "reply",
    "cancel",
  ),
  channel: fc.constantFrom("email" as const, "zendesk" as const, "slack" as const, "chat" as const),
  brand: fc.constant("OurShop"),
  topic: fc.constantFrom("refund", "faq", "other"),
  level: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
  actingLevel: fc.constantFrom(undefined, 1 as const),
  customerId: fc.constantFrom("u123", "u456", null),
  amount: fc.option(
    fc.record({ minor: fc.nat(150_000), currency: fc.constantFrom("USD", "USD", "EUR") }),
  ),
  order: fc.option(
    fc
      .record({
        customerId: fc.constantFrom("u123", "u456"),
        paid: fc.nat(2_000),
        refunded: fc.nat(100),
        deliveredDaysAgo: fc.option(fc.integer({ min: -2, max: 60 })),
        status: fc.constantFrom("processing", "shipped", "delivered", "lost"),
      })
      .map(({ customerId, paid, ...rest }) => order("1", customerId, paid, rest)),
  ),
  origin: fc.option(
    fc.record({
      asked: fc.boolean(),
      unproven: fc.array(
        fc.record({ argument: fc.constantFrom("amount", "order_id"), words: fc.constant("") }),
        { maxLength: 2 },
      ),
    }),
  ),
  at: fc.constant(NOON),
  usage: fc.record({
    small_refunds_for_one: usage,
    small_refunds_for_all: usage,
    resets_for_one: usage,
  }),
});

test("a larger amount never gets a laxer verdict or fewer people", () => {
  fc.assert(
    fc.property(anyQuestion, fc.nat(150_000), (asked, more) => {
      if (asked.amount === null) return;
      const larger = { ...asked, amount: { ...asked.amount, minor: asked.amount.minor + more } };
      const small = policy.decide(asked);
      const large = policy.decide(larger);
      assert.ok(
        STRICTNESS[large.verdict] >= STRICTNESS[small.verdict],
        `${small.rule} ${large.rule}`,
      );
      if (large.verdict === "ask" && small.verdict === "ask") {
        assert.ok(large.approvers.count >= small.approvers.count);
        assert.ok(large.approvers.leads >= small.approvers.leads);
      }
    }),
    { numRuns: runs(3_000) },
  );
});

test("the same question gets the same answer and is left as it was", () => {
  const again = loadPolicy(sandboxText, "elsewhere.yaml");
  fc.assert(
    fc.property(anyQuestion, (asked) => {
      const before = JSON.stringify(asked);
      const first = policy.decide(asked);
      assert.equal(JSON.stringify(asked), before);
      assert.deepEqual(policy.decide(asked), first);
      assert.deepEqual(again.decide(asked), first);
    }),
  );
});

test("every decision is well formed, names its rule as operation.rule, and asks at least one person when it asks", () => {
  fc.assert(
    fc.property(anyQuestion, (asked) => {
      const decision = Decision.parse(policy.decide(asked));
      assert.match(decision.rule, /^[a-z][a-z_]*\.[a-z][a-z0-9_]*$/);
      assert.ok(decision.rule.startsWith(`${asked.operation}.`));
      assert.equal(decision.verdict === "ask", decision.approvers.count > 0);
      assert.ok(decision.approvers.leads <= decision.approvers.count);
      if (decision.verdict === "deny") assert.deepEqual(decision.reservations, []);
    }),
    { numRuns: runs(1_000) },
  );
});

test("no refund is ever allowed beyond what is left, for a stranger's order, unverified, or before delivery", () => {
  fc.assert(
    fc.property(anyQuestion, (asked) => {
      const decision = policy.decide({ ...asked, operation: "refund" });
      if (decision.verdict !== "allow") return;
      const { order: about, amount, customerId, level, origin } = asked;
      assert.ok(about !== null && amount !== null);
      assert.ok(amount.minor <= about.paid.minor - about.refunded.minor);
      assert.equal(about.customerId, customerId);
      assert.ok(level >= 2 && about.deliveredOn !== null && amount.minor <= 1_000);
      const used = asked.usage["small_refunds_for_one"];
      assert.equal(used?.count, 0);
      assert.ok(origin === null || (origin.asked && origin.unproven.length === 0));
    }),
    { numRuns: runs(3_000) },
  );
});

test("an amount cut into slices asks as many people as the whole: no tier is passed alone", () => {
  const small = fc.integer({ min: 1, max: 90_000 });
  fc.assert(
    fc.property(fc.array(small, { minLength: 1, maxLength: 12 }), (slices) => {
      let refunded = 0;
      let byOne = 0;
      for (const minor of slices) {
        const decision = policy.decide({
          operation: "refund",
          channel: "email",
          brand: "OurShop",
          topic: "refund",
          level: 2,
          actingLevel: undefined,
          customerId: "u123",
          amount: { minor, currency: "USD" },
          order: {
            ...order("1001", "u123", 900, { deliveredDaysAgo: 3, status: "delivered" }),
            refunded: { minor: refunded, currency: "USD" },
          },
          origin: null,
          at: NOON,
          usage: {},
        });
        if (decision.verdict === "deny") continue;
        if (decision.approvers.count <= 1 && decision.approvers.leads === 0) {
          refunded += minor;
          byOne = refunded;
        }
      }
      assert.ok(
        byOne <= 20_000,
        `one support person refunded ${byOne} in slices of ${slices.join()}`,
      );
    }),
    { numRuns: runs(400) },
  );
});
