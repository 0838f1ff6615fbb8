import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import type { ToolContext } from "#core/contracts/tool.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { STRANGER, TODAY, verified } from "#test/support/fixtures/turns.ts";
import { contextOf, lookUp, propose } from "./tool-bench.ts";

const ORDER_TOOLS: readonly (readonly [string, Record<string, unknown>])[] = [
  ["get_order_status", {}],
  ["get_payments", {}],
];
const CHANGES: readonly (readonly [string, Record<string, unknown>])[] = [
  ["issue_refund", { amount: null, reason: "It broke." }],
  ["cancel_order", {}],
  ["start_return", {}],
  ["exchange_item", {}],
  ["resend_invoice", {}],
  ["change_address", { new_address: "12 New Street, 10999 Berlin" }],
];

/** All who must not see order 123, and a customer who asks for one that does not exist. */
const OUTSIDERS: readonly (readonly [string, ToolContext])[] = [
  ["another customer", contextOf(verified("u456"))],
  ["an unknown person", contextOf(STRANGER)],
  ["a claimed address", contextOf({ ...verified("u123"), level: 1 })],
  ["the owner where others read along", contextOf(verified("u123"), { audience: "shared" })],
];

describe("whose data a tool touches", () => {
  test("absent, foreign and unverified get the same words after the same outbound calls", async () => {
    for (const [name, input] of ORDER_TOOLS) {
      const absent = await lookUp(name, { ...input, order_id: "999" });
      for (const [who, context] of OUTSIDERS) {
        const seen = await lookUp(name, { ...input, order_id: "123" }, context);
        assert.deepEqual(
          seen.output,
          { ...Object(absent.output), order_id: "123" },
          `${name}, ${who}`,
        );
        const calls = absent.calls.map((call) => call.replace("999", "123"));
        assert.deepEqual(seen.calls, calls, `${name}, ${who}`);
      }
    }
  });

  test("the number that was not found is told again, so that several at once can be told apart", async () => {
    for (const [name, input] of ORDER_TOOLS) {
      const { output } = await lookUp(name, { ...input, order_id: "#999" });
      assert.deepEqual(output, {
        found: false,
        order_id: "999",
        remark: "There is no such order for this customer.",
      });
    }
  });

  test("the same holds for proposals", async () => {
    for (const [name, input] of CHANGES) {
      const absent = await propose(name, { ...input, order_id: "999" });
      assert.equal(absent.planned, null);
      for (const [who, context] of OUTSIDERS) {
        const seen = await propose(name, { ...input, order_id: "123" }, context);
        assert.equal(seen.planned, null, `${name}, ${who}`);
        assert.equal(seen.reason, absent.reason, `${name}, ${who}`);
        assert.deepEqual(
          seen.calls,
          absent.calls.map((call) => call.replace("999", "123")),
        );
      }
    }
  });

  test("the owner sees amounts with their currency and ISO dates", async () => {
    const { output } = await lookUp("get_order_status", { order_id: "#789" });
    assert.deepEqual(output, {
      found: true,
      order: {
        order_id: "789",
        item: "headphones",
        status: "delivered",
        amount: "120.00 USD",
        paid: "120.00 USD",
        refunded: "0.00 USD",
        refundable: "120.00 USD",
        ordered_on: "2025-01-03",
        shipped_on: "2026-11-05",
        due_on: null,
        delivered_on: "2026-11-08",
        refund_until: "2026-12-08",
        return_started_on: null,
        tracking: "OS-00000789",
        shipping_address: "1 Old Street, 10115 Berlin",
      },
    });
  });

  test("until when a refund is possible follows from the policy, and is not said before delivery", async () => {
    const { output } = await lookUp("list_orders", {});
    const ends = JSON.stringify(output).match(/"refund_until":[^,}]+/g);
    assert.deepEqual(ends, [
      '"refund_until":null',
      '"refund_until":null',
      '"refund_until":"2026-12-08"',
      '"refund_until":"2026-11-05"',
    ]);
  });

  test("a list is whole where something can still become of an order, so that no look-up has to follow it", async () => {
    const { output } = await lookUp("list_orders", {});
    const shown = z.object({ orders: z.array(z.looseObject({ order_id: z.string() })) });
    const whole = shown.parse(output).orders.filter((one) => "shipping_address" in one);
    assert.deepEqual(
      whole.map((one) => [one.order_id, one["tracking"]]),
      [
        ["123", "OS-00000123"],
        ["456", null],
      ],
    );
  });

  test("lists and account show what belongs to the bound customer, and nothing to others", async () => {
    const { output } = await lookUp("list_orders", {});
    assert.deepEqual(JSON.stringify(output).match(/"order_id":"\d+"/g), [
      '"order_id":"123"',
      '"order_id":"456"',
      '"order_id":"789"',
      '"order_id":"790"',
    ]);
    const account = await lookUp("get_customer", {});
    assert.deepEqual(account.output, {
      found: true,
      name: "Ann Fields",
      email: "ann@customer.test",
    });
    for (const [who, context] of OUTSIDERS.slice(1))
      for (const name of ["list_orders", "get_customer"]) {
        const seen = await lookUp(name, {}, context);
        assert.match(JSON.stringify(seen.output), /^\{"found":false/, `${name}, ${who}`);
      }
  });

  test("no input names a customer, and unknown properties are refused", async () => {
    for (const [name, input] of ORDER_TOOLS)
      await assert.rejects(lookUp(name, { ...input, order_id: "123", customer_id: "u123" }));
    await assert.rejects(lookUp("list_orders", { customer_id: "u456" }));
    await assert.rejects(lookUp("get_order_status", { order_id: "../customers/u456" }));
  });

  test("a shop that is down is something else than an order that is not there", async () => {
    const shop = memoryShop(TODAY);
    shop.goDown();
    await assert.rejects(lookUp("get_order_status", { order_id: "456" }, contextOf(), shop), {
      code: "shop.unavailable",
    });
  });
});
