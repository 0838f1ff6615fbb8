/** What each change of the benchmark's shop does and refuses, and what its calculator takes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { passAt } from "#evals/tau2/pass-at.ts";
import { openRetailShop } from "#evals/tau2/retail-shop.ts";
import { NEW_HOME, OWN_SHOP } from "./own-shop.ts";

const SWAP = { item_ids: ["k1"], new_item_ids: ["k2"], payment_method_id: "card_1" };

function tried(operation: string, input: object) {
  return openRetailShop("test", OWN_SHOP).tried(operation, input);
}

test("a change that the policy does not allow is refused with its reason", () => {
  const refusals: readonly (readonly [string, object, RegExp])[] = [
    ["cancel_pending_order", { order_id: "#none", reason: "no longer needed" }, /not found/],
    ["cancel_pending_order", { order_id: "#W2", reason: "no longer needed" }, /Non-pending/],
    ["cancel_pending_order", { order_id: "#W1", reason: "too dear" }, /Invalid reason/],
    ["modify_pending_order_address", { order_id: "#W2", ...NEW_HOME }, /Non-pending/],
    ["modify_user_address", { user_id: "none", ...NEW_HOME }, /User not found/],
    ["modify_pending_order_payment", { order_id: "#W1", payment_method_id: "card_9" }, /not found/],
    ["modify_pending_order_payment", { order_id: "#W1", payment_method_id: "card_1" }, /different/],
    [
      "modify_pending_order_payment",
      { order_id: "#W1", payment_method_id: "gift_card_1" },
      /Insufficient/,
    ],
    ["modify_pending_order_items", { order_id: "#W2", ...SWAP }, /Non-pending/],
    ["modify_pending_order_items", { order_id: "#W1", ...SWAP, new_item_ids: ["k1"] }, /different/],
    ["modify_pending_order_items", { order_id: "#W1", ...SWAP, new_item_ids: ["k3"] }, /available/],
    ["modify_pending_order_items", { order_id: "#W1", ...SWAP, new_item_ids: ["l1"] }, /available/],
    ["modify_pending_order_items", { order_id: "#W1", ...SWAP, new_item_ids: [] }, /match/],
    [
      "exchange_delivered_order_items",
      { order_id: "#W2", ...SWAP, item_ids: ["k1", "k1", "k1"] },
      /k1 not found/,
    ],
    ["exchange_delivered_order_items", { order_id: "#W1", ...SWAP }, /Non-delivered/],
    [
      "return_delivered_order_items",
      { order_id: "#W2", item_ids: ["k2"], payment_method_id: "card_1" },
      /Some item/,
    ],
    ["no_such_change", {}, /no change/],
  ];
  for (const [operation, input, reason] of refusals) {
    const changed = tried(operation, input);
    assert.equal(changed.kind, "refused", operation);
    if (changed.kind === "refused") assert.match(changed.reason, reason);
  }
});

test("pass^k is the chance that k conversations drawn from the trials of a task all pass", () => {
  const tasks = [
    { trials: 4, passed: 4 },
    { trials: 4, passed: 2 },
    { trials: 4, passed: 0 },
  ];
  assert.deepEqual(
    [1, 2, 3, 4].map((k) => passAt(k, tasks)),
    [1.5 / 3, (1 + 1 / 6) / 3, 1 / 3, 1 / 3],
  );
  assert.equal(passAt(5, tasks), null);
});
