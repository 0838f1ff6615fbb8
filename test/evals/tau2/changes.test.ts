/** What each change of the benchmark's shop does and refuses, and what its calculator takes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { calculate } from "#evals/tau2/calculate.ts";
import { passAt } from "#evals/tau2/pass-at.ts";
import { openRetailShop } from "#evals/tau2/retail-shop.ts";
import { retailTools } from "#evals/tau2/tools.ts";
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

test("a return takes the original method or a gift card, and an exchange rounds its difference", () => {
  for (const payment_method_id of ["card_1", "gift_card_1"]) {
    const given = { order_id: "#W2", item_ids: ["k1"], payment_method_id };
    assert.equal(tried("return_delivered_order_items", given).kind, "changed");
  }
  const both = { order_id: "#W2", item_ids: ["k1", "k1"], new_item_ids: ["k2", "k1"] };
  const changed = tried("exchange_delivered_order_items", { ...both, payment_method_id: "card_1" });
  assert.ok(changed.kind === "changed");
  const order = changed.state.orders["#W2"];
  assert.deepEqual(order?.["exchange_new_items"], ["k1", "k2"]);
  assert.equal(order["exchange_price_difference"], 2.3);
});

test("paying otherwise moves the whole amount between a card and a gift card", () => {
  const input = { order_id: "#W3", payment_method_id: "card_1" };
  const changed = tried("modify_pending_order_payment", input);
  assert.ok(changed.kind === "changed");
  assert.deepEqual(
    changed.state.orders["#W3"]?.payment_history.map((one) => [
      one.transaction_type,
      one.payment_method_id,
    ]),
    [
      ["payment", "gift_card_1"],
      ["payment", "card_1"],
      ["refund", "gift_card_1"],
    ],
  );
  const { balance } = changed.state.users["ada_test_1"]?.payment_methods["gift_card_1"] ?? {};
  assert.equal(balance, 80.7);
});

test("the calculator takes what an agent writes and nothing else", () => {
  const results = {
    "2 + 2": "4.0",
    "155.33 - 147.05 + 268.77 - 235.13": "41.92",
    "-(1 + .5) * 2 / 4": "-0.75",
    "1 / 0": null,
    "2 +": null,
    "(1": null,
    "process.exit()": null,
    "": null,
  };
  for (const [expression, result] of Object.entries(results))
    assert.equal(calculate(expression), result, expression);
});

test("there are sixteen tools, and those that change something can only propose", () => {
  const tools = retailTools(openRetailShop("test", OWN_SHOP));
  assert.equal(new Set(tools.map(({ name }) => name)).size, 16);
  const writing = tools.filter(({ kind }) => kind === "write");
  assert.equal(writing.length, 7);
  assert.ok(writing.every((tool) => !("run" in tool)));
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
