/** Money, canonical form, seals and keys: the small values everything else rests on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { replyKey, proposalSeal, type Proposal } from "#core/values/action.ts";
import { canonical, digest } from "#core/values/canonical-json.ts";
import {
  formatAmount,
  formatMoney,
  fromDecimal,
  isBeyond,
  parseAmount,
  toDecimal,
} from "#core/values/money.ts";

test("an amount is digits with a point; everything else is refused with a reason", () => {
  for (const bad of [
    "",
    "0",
    "0.00",
    "-1",
    "1e9",
    "12,50",
    "25.005",
    "25.5",
    "NaN",
    "١٢",
    "25 USD",
    "12345678",
    ".5",
    "+3",
    "1_000",
  ])
    assert.ok("reason" in parseAmount(bad, "USD"), `“${bad}” must be refused`);
  assert.deepEqual(parseAmount(" 25 ", "USD"), { minor: 2500, currency: "USD" });
  assert.deepEqual(parseAmount("25.05", "USD"), { minor: 2505, currency: "USD" });
  assert.deepEqual(parseAmount("300", "JPY"), { minor: 300, currency: "JPY" });
  assert.ok("reason" in parseAmount("300.00", "JPY"));
  assert.deepEqual(parseAmount("12.345", "KWD"), { minor: 12_345, currency: "KWD" });
  assert.ok("reason" in parseAmount("12.34", "KWD"));
  assert.ok("reason" in parseAmount("12.345", "USD"));
});

test("what is shown is read back as the same amount, through text and through the shop's decimals", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 999_999_999 }), (minor) => {
      fc.pre(minor <= 99_999_999);
      const money = { minor, currency: "USD" };
      assert.deepEqual(parseAmount(formatAmount(money), "USD"), money);
      assert.deepEqual(fromDecimal(toDecimal(money), "USD"), money);
      assert.equal(formatMoney(money), `${formatAmount(money)} USD`);
    }),
  );
  assert.throws(() => fromDecimal(10.005, "USD"));
});

test("an amount in another currency than its limit is beyond it", () => {
  const limit = { minor: 5_000, currency: "USD" };
  assert.equal(isBeyond({ minor: 5_000, currency: "USD" }, limit), false);
  assert.equal(isBeyond({ minor: 5_001, currency: "USD" }, limit), true);
  assert.equal(isBeyond({ minor: 100, currency: "EUR" }, limit), true);
  assert.equal(isBeyond({ minor: 100, currency: "EUR" }, null), false);
});

test("the canonical form does not depend on the order of keys, and nothing else is the same", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const shuffled = Object.fromEntries(Object.entries(value).toReversed());
      assert.equal(canonical(shuffled), canonical(value));
      assert.deepEqual(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.notEqual(digest({ a: 1 }), digest({ a: "1" }));
  assert.notEqual(digest([1, 2]), digest([2, 1]));
});

const PROPOSAL: Proposal = {
  actions: [
    {
      key: "refund:shop:789:0",
      label: "Refund 120.00 USD",
      action: {
        target: "shop",
        operation: "refund",
        arguments: { orderId: "789", amount: { minor: 12000, currency: "USD" }, reason: "" },
      },
      facts: [
        {
          orderId: "789",
          customerId: "u123",
          status: "delivered",
          paid: { minor: 12000, currency: "USD" },
          refunded: { minor: 0, currency: "USD" },
          refundCount: 0,
          deliveredOn: "2026-11-08",
        },
      ],
    },
    {
      key: "reply:c1:x",
      label: "Reply",
      action: {
        target: "email",
        operation: "reply",
        arguments: { text: "Hello", to: { label: "a", audience: "private", address: {} } },
      },
      facts: [],
    },
  ],
};

/** Every leaf of the proposal that an attacker or a race could change. */
function* leaves(
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<readonly (string | number)[]> {
  if (value !== null && typeof value === "object")
    for (const [name, inner] of Object.entries(value))
      yield* leaves(inner, [...path, Array.isArray(value) ? Number(name) : name]);
  else yield path;
}

test("the seal moves with every single thing it covers, and with nothing it does not", () => {
  const sealed = { proposal: PROPOSAL, revision: "r1", rules: [{ rule: "refund.usual" }] };
  const seal = proposalSeal(sealed);
  for (const path of leaves(PROPOSAL)) {
    const changed = structuredClone(PROPOSAL);
    let at: unknown = changed;
    for (const step of path.slice(0, -1)) at = Reflect.get(Object(at), step);
    Reflect.set(Object(at), path.at(-1) ?? "", "changed");
    const isLabel = path.length === 3 && path[2] === "label";
    assert.equal(proposalSeal({ ...sealed, proposal: changed }) === seal, isLabel, path.join("."));
  }
  assert.notEqual(proposalSeal({ ...sealed, revision: "r2" }), seal);
  assert.notEqual(proposalSeal({ ...sealed, rules: [{ rule: "refund.large" }] }), seal);
  const swapped = { actions: PROPOSAL.actions.toReversed() };
  assert.notEqual(proposalSeal({ ...sealed, proposal: swapped }), seal);
});

test("a reply is the same reply whatever order its messages are named in, and another one for another place", () => {
  assert.equal(replyKey("c1", ["a", "b"]), replyKey("c1", ["b", "a"]));
  assert.notEqual(replyKey("c1", ["a"]), replyKey("c1", ["a", "b"]));
  assert.notEqual(replyKey("c1", ["a"]), replyKey("c2", ["a"]));
  assert.notEqual(replyKey("c1", ["a"]), replyKey("c1", ["a"], "handover"));
});
