/** How cards and lists call the changes of an order: in the words of a team, not by their names in code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { changeName, type PlannedAction } from "#core/values/action.ts";
import { cardHeadline } from "#jobs/approval/card-lines.ts";

const SIXTY = { minor: 6_000, currency: "USD" };

function headline(operation: string, given: PlannedAction["action"]["arguments"]): string {
  const action = { target: "shop" as const, operation, arguments: { orderId: "456", ...given } };
  const actions = [{ key: "k", action, label: "l", facts: [] }];
  const about = { kind: "proposal", actions, orders: [], topic: "", page: "", who: null } as const;
  return cardHeadline(about).withoutName;
}

test("a headline says what happens, and with a cancellation what goes back", () => {
  assert.equal(headline("cancel_order", { amount: SIXTY }), "Cancel order, 60.00 USD back");
  assert.equal(headline("refund", { amount: SIXTY, reason: "" }), "Refund 60.00 USD · order 456");
  assert.equal(headline("start_return", {}), "Start return");
  assert.equal(headline("resend_invoice", {}), "Resend invoice");
});

test("before “of order 456” a change has a noun, and an operator's own its name", () => {
  const names = ["refund", "cancel_order", "start_return", "exchange_item", "resend_invoice"];
  assert.deepEqual(names.map(changeName), [
    "refund",
    "cancellation",
    "return",
    "exchange",
    "invoice",
  ]);
  assert.equal(changeName("hold_shipment"), "hold shipment");
});
