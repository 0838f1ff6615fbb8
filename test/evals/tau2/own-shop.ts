/** A tiny shop with tasks of our own, in the form of the benchmark's files. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Order, RetailState, User } from "#evals/tau2/data.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const HOME = {
  address1: "1 Mill Lane",
  address2: "",
  city: "Bridgetown",
  state: "OR",
  country: "USA",
  zip: "97001",
};

/** Where the customer of the tasks moves to. */
const NEW_HOME = { ...HOME, address1: "9 Hill Road", zip: "97009" };

const ADA: User = {
  user_id: "ada_test_1",
  name: { first_name: "Ada", last_name: "Tést" },
  address: HOME,
  email: "ada@customer.test",
  payment_methods: {
    card_1: { id: "card_1", source: "credit_card" },
    gift_card_1: { id: "gift_card_1", source: "gift_card", balance: 20.5 },
  },
  orders: ["#W1", "#W2", "#W3"],
};

const KETTLE = { name: "Kettle", product_id: "p1", item_id: "k1", price: 30.1 };

function order(order_id: string, status: string, methodId: string): Order {
  return {
    order_id,
    user_id: ADA.user_id,
    address: HOME,
    status,
    items: [
      { ...KETTLE, options: { colour: "red" } },
      { ...KETTLE, options: { colour: "red" } },
    ],
    payment_history: [{ transaction_type: "payment", amount: 60.2, payment_method_id: methodId }],
  };
}

/** One customer with a pending order paid by card, a delivered one, and a pending one paid by gift card. */
export const OWN_SHOP: RetailState = {
  products: {
    p1: {
      name: "Kettle",
      product_id: "p1",
      variants: {
        k1: { item_id: "k1", options: { colour: "red" }, available: true, price: 30.1 },
        k2: { item_id: "k2", options: { colour: "blue" }, available: true, price: 32.4 },
        k3: { item_id: "k3", options: { colour: "gold" }, available: false, price: 90 },
      },
    },
    p2: {
      name: "Lamp",
      product_id: "p2",
      variants: { l1: { item_id: "l1", options: {}, available: true, price: 12 } },
    },
  },
  users: { [ADA.user_id]: ADA },
  orders: {
    "#W1": order("#W1", "pending", "card_1"),
    "#W2": order("#W2", "delivered", "card_1"),
    "#W3": order("#W3", "pending", "gift_card_1"),
  },
};

type Calls = readonly { readonly name: string; readonly arguments: object }[];

function task(id: string, reason: string, actions: Calls, told: readonly string[] = []) {
  return {
    id,
    user_scenario: {
      persona: null,
      instructions: {
        task_instructions: "You are brief.",
        domain: "retail",
        reason_for_call: reason,
        known_info: "You are Ada Tést in zip code 97001.",
        unknown_info: "You do not remember your email address.",
      },
    },
    evaluation_criteria: { actions, communicate_info: told },
  };
}

const FIND = {
  name: "find_user_id_by_name_zip",
  arguments: { first_name: "ada", last_name: "Test", zip: "97001" },
};
const SWAP = { item_ids: ["k1"], new_item_ids: ["k2"], payment_method_id: "gift_card_1" };

/** Two tasks: an address with other kettles for one order, and a cancellation with a call that is refused. */
const OWN_TASKS = [
  task("swap", "You move, and want one kettle of #W1 in blue.", [
    FIND,
    { name: "get_order_details", arguments: { order_id: "#W1" } },
    { name: "calculate", arguments: { expression: "32.4 - (30.1)" } },
    { name: "modify_pending_order_address", arguments: { order_id: "#W1", ...NEW_HOME } },
    { name: "modify_pending_order_items", arguments: { order_id: "#W1", ...SWAP } },
    { name: "modify_user_address", arguments: { user_id: ADA.user_id, ...NEW_HOME } },
  ]),
  task(
    "cancel",
    "You want order #W3 cancelled: you ordered it by mistake.",
    [
      { name: "get_order_details", arguments: { order_id: "#none" } },
      {
        name: "return_delivered_order_items",
        arguments: { order_id: "#W3", item_ids: ["k1"], payment_method_id: "card_1" },
      },
      {
        name: "cancel_pending_order",
        arguments: { order_id: "#W3", reason: "ordered by mistake" },
      },
      { name: "transfer_to_human_agents", arguments: { summary: "asks for a person" } },
    ],
    ["60.20"],
  ),
];

const [kettle, other] = OWN_SHOP.orders["#W1"]?.items ?? [];
const paidW1 = OWN_SHOP.orders["#W1"]?.payment_history ?? [];
const paidW3 = OWN_SHOP.orders["#W3"]?.payment_history ?? [];

/** What has to come of the tasks, written out by hand. */
export const OWN_EXPECTED = {
  swap: {
    orders: {
      "#W1": {
        ...OWN_SHOP.orders["#W1"],
        address: NEW_HOME,
        status: "pending (item modified)",
        items: [{ ...kettle, item_id: "k2", price: 32.4, options: { colour: "blue" } }, other],
        payment_history: [
          ...paidW1,
          {
            transaction_type: "payment",
            amount: 32.4 - 30.1,
            payment_method_id: "gift_card_1",
          },
        ],
      },
    },
    users: {
      ada_test_1: {
        ...ADA,
        address: NEW_HOME,
        payment_methods: {
          ...ADA.payment_methods,
          gift_card_1: { id: "gift_card_1", source: "gift_card", balance: 18.2 },
        },
      },
    },
  },
  cancel: {
    orders: {
      "#W3": {
        ...OWN_SHOP.orders["#W3"],
        status: "cancelled",
        cancel_reason: "ordered by mistake",
        payment_history: [
          ...paidW3,
          { transaction_type: "refund", amount: 60.2, payment_method_id: "gift_card_1" },
        ],
      },
    },
    users: {
      ada_test_1: {
        ...ADA,
        payment_methods: {
          ...ADA.payment_methods,
          gift_card_1: { id: "gift_card_1", source: "gift_card", balance: 80.7 },
        },
      },
    },
  },
};

/** Writes the files into a folder that is deleted with the test; `changes` replaces some of them. */
export function ownFolder(context: TestContext, changes: Readonly<Record<string, unknown>> = {}) {
  const folder = temporaryFolder(context);
  const files = {
    "db.json": OWN_SHOP,
    "tasks.json": OWN_TASKS,
    "expected_changes.json": OWN_EXPECTED,
    ...changes,
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), JSON.stringify(content));
  writeFileSync(
    join(folder, "policy.md"),
    "# Policy\n\nAsk for a yes before you change something.\n",
  );
  return folder;
}
