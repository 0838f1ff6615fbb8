import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChangeAddressArguments, PlannedAction, RefundArguments } from "#core/action.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { STRANGER, TODAY, verified } from "#test/support/fixtures/turns.ts";
import { contextOf, propose } from "./tool-bench.ts";

const REFUND = { order_id: "789", amount: null, reason: "It broke." };

describe("issue_refund", () => {
  test("without an amount it is what was paid less what was refunded", async () => {
    const { planned } = await propose("issue_refund", REFUND);
    assert.deepEqual(PlannedAction.parse(planned), planned);
    assert.equal(planned?.key, "refund:shop:789:0");
    assert.equal(planned?.label, "Refund 120.00 USD to the original payment method, order 789");
    assert.deepEqual(RefundArguments.parse(planned?.action.arguments), {
      orderId: "789",
      amount: { minor: 12_000, currency: "USD" },
      reason: "It broke.",
    });
    assert.equal(planned?.facts[0]?.refundCount, 0);
  });

  test("after a partial refund the rest has a key of its own", async () => {
    const shop = memoryShop(TODAY);
    shop.refund("789", 2_500);
    const { planned } = await propose("issue_refund", REFUND, contextOf(), shop);
    assert.equal(planned?.key, "refund:shop:789:1");
    assert.match(planned?.label ?? "", /95\.00 USD/);
    shop.refund("789", 9_500);
    const done = await propose("issue_refund", REFUND, contextOf(), shop);
    assert.equal(done.planned, null);
    assert.match(done.reason, /refunded already, 120\.00 USD/);
  });

  test("an amount is taken as typed or refused with the reason", async () => {
    for (const amount of ["25.00", "25", "25.00 USD"]) {
      const { planned } = await propose("issue_refund", { ...REFUND, amount });
      assert.match(planned?.label ?? "", /^Refund 25\.00 USD/, amount);
    }
    const refused: readonly (readonly [string, RegExp])[] = [
      ["-1", /digits with a point/],
      ["1e9", /digits with a point/],
      ["12,50", /digits with a point/],
      ["25.00 EUR", /digits with a point/],
      ["0", /more than zero/],
      ["120.01", /At most 120\.00 USD/],
      ["9999999", /At most 120\.00 USD/],
    ];
    for (const [amount, reason] of refused) {
      const result = await propose("issue_refund", { ...REFUND, amount });
      assert.equal(result.planned, null, amount);
      assert.match(result.reason, reason, amount);
    }
  });
});

describe("change_address", () => {
  test("the key follows from order, old and new address", async () => {
    const input = { order_id: "456", new_address: " 12 New Street,\n10999 Berlin " };
    const { planned } = await propose("change_address", input);
    assert.deepEqual(ChangeAddressArguments.parse(planned?.action.arguments), {
      orderId: "456",
      address: "12 New Street, 10999 Berlin",
    });
    assert.match(planned?.key ?? "", /^address:shop:456:[0-9a-f]{32}$/);
    const again = await propose("change_address", {
      ...input,
      new_address: "12 New Street, 10999 Berlin",
    });
    assert.equal(again.planned?.key, planned?.key);
    const other = await propose("change_address", { ...input, new_address: "13 New Street" });
    assert.notEqual(other.planned?.key, planned?.key);
  });

  test("the address it has already is no change", async () => {
    const input = { order_id: "456", new_address: "1 Old Street, 10115 Berlin" };
    const { planned, reason } = await propose("change_address", input);
    assert.equal(planned, null);
    assert.match(reason, /this address already/);
  });
});

describe("reset_password", () => {
  test("is bound to the customer and to the messages it answers", async () => {
    const { planned } = await propose("reset_password", {});
    assert.deepEqual(planned?.action.arguments, { customerId: "u123" });
    assert.doesNotMatch(JSON.stringify(planned), /http|@/);
    const later = await propose(
      "reset_password",
      {},
      contextOf(verified("u123"), { answers: ["m2"] }),
    );
    assert.notEqual(later.planned?.key, planned?.key);
  });

  test("a claimed address is enough when it is on file, an unknown writer is not", async () => {
    const claimed = { ...verified("u123"), level: 1 as const, customerId: null };
    const { planned, calls } = await propose("reset_password", {}, contextOf(claimed));
    assert.deepEqual(planned?.action.arguments, { customerId: "u123" });
    assert.deepEqual(calls, ["customerByEmail ann@customer.test"]);
    const unknown = await propose("reset_password", {}, contextOf(STRANGER));
    assert.equal(unknown.planned, null);
    const unproven = await propose("reset_password", {}, contextOf({ ...claimed, level: 0 }));
    assert.equal(unproven.planned, null);
  });
});
