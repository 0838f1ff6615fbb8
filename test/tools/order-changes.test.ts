import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CancelOrderArguments, OrderArguments, PlannedAction } from "#core/values/action.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { TODAY } from "#test/support/fixtures/turns.ts";
import { propose, wrote } from "./tool-bench.ts";

describe("cancel_order", () => {
  test("before shipping it is proposed with what goes back, once for an order", async () => {
    const shop = memoryShop(TODAY);
    shop.refund("456", 1_000);
    const { planned, unproven } = await propose(
      "cancel_order",
      { order_id: "456" },
      wrote("Please cancel my order"),
      shop,
    );
    assert.deepEqual(PlannedAction.parse(planned), planned);
    assert.equal(planned?.key, "cancel:shop:456");
    assert.deepEqual(CancelOrderArguments.parse(planned?.action.arguments), {
      orderId: "456",
      amount: { minor: 5_000, currency: "USD" },
    });
    assert.equal(
      planned?.label,
      "Cancel order 456, 50.00 USD goes back to the original payment method",
    );
    // It is her only order that has not left.
    assert.deepEqual(unproven, []);
  });

  test("after shipping, after delivery and a second time it is impossible, and says why", async () => {
    const shop = memoryShop(TODAY);
    shop.change("456", { status: "cancelled" });
    const cases: readonly (readonly [string, RegExp])[] = [
      ["123", /shipped on 2025-01-10/],
      ["789", /delivered on 2026-11-08/],
      ["456", /cancelled already/],
    ];
    for (const [order_id, reason] of cases) {
      const result = await propose("cancel_order", { order_id }, wrote("cancel it"), shop);
      assert.equal(result.planned, null, order_id);
      assert.match(result.reason, reason, order_id);
    }
  });
});

describe("start_return and exchange_item", () => {
  for (const [name, key, label] of [
    ["start_return", "return:shop:789", /^Start the return of order 789, label to the address/],
    ["exchange_item", "exchange:shop:789", /^Exchange order 789 for a new one of the same item/],
  ] as const)
    test(`${name} is about one delivered order, whatever it costs`, async () => {
      const { planned, unproven } = await propose(name, { order_id: "789" }, wrote("order 789"));
      assert.deepEqual(PlannedAction.parse(planned), planned);
      assert.equal(planned?.key, key);
      assert.match(planned?.label ?? "", label);
      assert.deepEqual(OrderArguments.parse(planned?.action.arguments), { orderId: "789" });
      assert.deepEqual(unproven, []);
    });

  test("an order on its way, or one whose parcel is to come back already, is impossible and says why", async () => {
    const shop = memoryShop(TODAY);
    shop.change("790", { returning: { since: "2026-11-18", kind: "return" } });
    shop.change("789", { returning: { since: "2026-11-19", kind: "exchange" } });
    for (const name of ["start_return", "exchange_item"])
      for (const [order_id, reason] of [
        ["123", /not been delivered/],
        ["790", /^A return of order 790 was started on 2026-11-18 already/],
        ["789", /^An exchange of order 789 was started on 2026-11-19 already/],
      ] as const) {
        const result = await propose(name, { order_id }, wrote("it"), shop);
        assert.equal(result.planned, null, `${name} ${order_id}`);
        assert.match(result.reason, reason);
      }
  });

  test("an order the customer did not choose is named as the model's choice", async () => {
    const { unproven } = await propose("start_return", { order_id: "790" }, wrote("send it back"));
    assert.deepEqual(unproven, [{ argument: "order", words: "" }]);
  });
});

describe("resend_invoice", () => {
  test("is bound to the order and to the messages it answers, and names no address", async () => {
    const first = await propose("resend_invoice", { order_id: "123" }, wrote("invoice of 123"));
    assert.deepEqual(OrderArguments.parse(first.planned?.action.arguments), { orderId: "123" });
    assert.doesNotMatch(JSON.stringify(first.planned), /@/);
    const later = await propose(
      "resend_invoice",
      { order_id: "123" },
      wrote("invoice of 123", ["m2"]),
    );
    assert.notEqual(later.planned?.key, first.planned?.key);
  });
});
