/** Cancellations, addresses, returns and ends of subscriptions by the ready-made shops: once, known, and said why not. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { systemSettings } from "#config/secret.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import type { StartedShop, ShopFault } from "#sandbox/shops/index.ts";
import { askOnce } from "#systems/ask-once.ts";
import { declaredReadTool } from "#systems/declared-tools.ts";
import { shownRequest } from "#systems/target.ts";
import { initText } from "#test/policy/policy-files.ts";
import { ANN, carriedOut, connected, plannedIn, portsFor } from "./connected.ts";
import { READY_MADE, type ReadyMade } from "./shops.ts";

function shopCalled(name: string): ReadyMade {
  const found = READY_MADE.find((shop) => shop.name === name);
  if (found === undefined) throw new Error(`no shop ${name}`);
  return found;
}

const SHOPIFY = shopCalled("shopify");
const WOO = shopCalled("woocommerce");
const order = (number: string): string => `gid://shopify/Order/${number}`;
const NEW_ADDRESS = {
  street: "5 New Road",
  street_2: "",
  city: "Quebec",
  postcode: "G1A",
  country: "CA",
};
const SHOPIFY_ADDRESS = { ...NEW_ADDRESS, order_id: order("1004"), province: "QC" };
const WOO_ADDRESS = { ...NEW_ADDRESS, order_id: "1004", state: "QC" };
const SHOPIFY_RETURN = {
  order_id: order("1001"),
  item_id: "gid://shopify/FulfillmentLineItem/1001",
  quantity: 1,
  reason: "too bright",
};
const WOO_RETURN = { order_id: "1001", items: "1 desk lamp", reason: "too bright" };

/** A change, what the shop has to show of it afterwards, and what refuses it. */
interface Case {
  readonly shop: ReadyMade;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The same for an order of Bob's. */
  readonly strange: Readonly<Record<string, unknown>>;
  /** How often it was done, as far as the shop counts; zero before. */
  readonly done: (running: StartedShop) => number;
  /** An input that a precondition forbids, and what is said of it. */
  readonly refused: readonly [Readonly<Record<string, unknown>>, RegExp] | null;
}

const CASES: readonly Case[] = [
  {
    shop: SHOPIFY,
    operation: "shopify_cancel",
    input: { order_id: order("1004") },
    strange: { order_id: order("2002") },
    done: (running) => running.order("1004").cancels,
    refused: [{ order_id: order("1001") }, /has left .*it can be returned/],
  },
  {
    shop: SHOPIFY,
    operation: "shopify_address",
    input: SHOPIFY_ADDRESS,
    strange: { ...SHOPIFY_ADDRESS, order_id: order("2002") },
    done: (running) => (running.order("1004").address?.["address1"] === "5 New Road" ? 1 : 0),
    refused: [{ ...SHOPIFY_ADDRESS, order_id: order("1001") }, /can no longer be changed/],
  },
  {
    shop: SHOPIFY,
    operation: "shopify_return",
    input: SHOPIFY_RETURN,
    strange: {
      ...SHOPIFY_RETURN,
      order_id: order("2001"),
      item_id: "gid://shopify/FulfillmentLineItem/2001",
    },
    done: (running) => running.order("1001").returns.length,
    refused: null,
  },
  {
    shop: WOO,
    operation: "woocommerce_cancel",
    input: { order_id: "1004" },
    strange: { order_id: "2002" },
    done: (running) => (running.order("1004").cancelled === "cancelled" ? 1 : 0),
    refused: [{ order_id: "1001" }, /has left or is closed/],
  },
  {
    shop: WOO,
    operation: "woocommerce_address",
    input: WOO_ADDRESS,
    strange: { ...WOO_ADDRESS, order_id: "2002" },
    done: (running) => (running.order("1004").address?.["address_1"] === "5 New Road" ? 1 : 0),
    refused: [{ ...WOO_ADDRESS, order_id: "1001" }, /can no longer be changed/],
  },
  {
    shop: WOO,
    operation: "woocommerce_return",
    input: WOO_RETURN,
    strange: { ...WOO_RETURN, order_id: "2001" },
    done: (running) => running.order("1001").notes.length,
    refused: [{ ...WOO_RETURN, order_id: "1004" }, /nothing of it can come back yet/],
  },
  {
    shop: shopCalled("stripe"),
    operation: "stripe_subscription_end",
    input: { subscription_id: "sub_1001" },
    strange: { subscription_id: "sub_2001" },
    done: (running) => (running.order("1001").cancelled === null ? 0 : 1),
    refused: null,
  },
];

const FAULTS: readonly ShopFault[] = [
  { kind: "lost" },
  { kind: "failed-after", status: 502 },
  { kind: "busy" },
];

for (const { shop, operation, input, strange, done, refused } of CASES)
  describe(operation, () => {
    test("is made once for the customer's own, and a stranger's is the same as none", async (context) => {
      const { running, target, proposed } = await connected(context, shop);
      const other = await proposed(strange, operation);
      assert.equal(other.kind, "impossible");
      const none = Object.fromEntries(
        Object.entries(strange).map(([name, value]) => [
          name,
          typeof value === "string" ? value.replace(/200\d$/, "$&9") : value,
        ]),
      );
      assert.deepEqual(other, await proposed(none, operation));
      const planned = plannedIn(await proposed(input, operation));
      assert.equal(done(running), 0);
      assert.equal((await carriedOut(target, planned)).state, "done");
      assert.equal(done(running), 1);
    });

    for (const fault of FAULTS)
      test(`is known and not made twice: ${fault.kind}`, async (context) => {
        const { running, target, proposed } = await connected(context, shop);
        const planned = plannedIn(await proposed(input, operation));
        running.fault("write", fault);
        assert.equal((await carriedOut(target, planned)).state, "done");
        assert.equal(done(running), 1);
      });

    if (refused !== null)
      test("says why not, before it is decided and after it was decided", async (context) => {
        const { running, target, proposed } = await connected(context, shop);
        const result = await proposed(refused[0], operation);
        assert.equal(result.kind, "impossible");
        assert.match(JSON.stringify(result), refused[1]);
        // It was good when people decided, and is not any more.
        const { action, key } = plannedIn(await proposed(input, operation));
        running.changeStatus("1004");
        running.changeStatus("1001");
        await assert.rejects(target.commit(action, key, ANN.signal), {
          code: "system.refused",
          message: /Nothing was sent to/,
        });
        assert.equal(done(running), 0);
      });
  });

test("a cancellation that Shopify has taken on is done only when the order and its money show it", async (context) => {
  const { running, target, proposed } = await connected(context, SHOPIFY);
  const planned = plannedIn(await proposed({ order_id: order("1004") }, "shopify_cancel"));
  assert.match(planned.label, /Cancel order #1004 at Shopify, 45\.00 USD/);
  const { action, key } = planned;
  await assert.rejects(target.commit(action, key, ANN.signal), { code: "system.uncertain" });
  assert.equal(running.order("1004").cancelled, null);
  await assert.rejects(target.find(action, key, ANN.signal), {
    code: "system.unavailable",
    message: /does not tell whether it was taken on/,
  });
  // Now it is cancelled, and the money has not gone back yet.
  assert.notEqual(running.order("1004").cancelled, null);
  assert.equal(running.refunds().length, 0);
  assert.equal((await target.find(action, key, ANN.signal)).state, "done");
  assert.deepEqual(
    running.refunds().map(({ amount }) => amount),
    ["45.00"],
  );
  const again = await proposed({ order_id: order("1004") }, "shopify_cancel");
  assert.match(JSON.stringify(again), /cancelled already/);
});

test("an address keeps name and phone and loses every line of the old one", async (context) => {
  for (const [shop, operation, input, kept] of [
    [
      SHOPIFY,
      "shopify_address",
      SHOPIFY_ADDRESS,
      { firstName: "Ann", phone: "+15550100", address2: null },
    ],
    [WOO, "woocommerce_address", WOO_ADDRESS, { first_name: "Ann", address_2: "" }],
  ] as const) {
    const { running, target, proposed } = await connected(context, shop);
    const asked = await proposed(input, operation);
    assert.ok(asked.kind === "proposed");
    // A second line that there is none of is nothing to have been named.
    assert.ok(!asked.unproven?.some(({ argument }) => argument === "street_2"));
    await carriedOut(target, plannedIn(asked));
    const address = running.order("1004").address ?? {};
    assert.deepEqual({ ...address, ...kept }, address);
  }
});

test("an address that somebody else changed after people decided is not overwritten", async (context) => {
  for (const [shop, operation, input, other] of [
    [SHOPIFY, "shopify_address", SHOPIFY_ADDRESS, { address2: "Flat 3" }],
    [SHOPIFY, "shopify_address", SHOPIFY_ADDRESS, { phone: "+15550199" }],
    [WOO, "woocommerce_address", WOO_ADDRESS, { postcode: "62702" }],
  ] as const) {
    const { running, target, proposed } = await connected(context, shop);
    const { action, key } = plannedIn(await proposed(input, operation));
    running.order("1004").address = other;
    await assert.rejects(target.commit(action, key, ANN.signal), {
      code: "system.refused",
      message: /changed since it was decided: shipping(?:Address)?\. Nothing was sent/,
    });
    assert.deepEqual(running.order("1004").address, other);
  }
});

test("the end of a subscription that was taken back can be asked for again, and is never made again by itself", async (context) => {
  const { running, target, proposed } = await connected(context, shopCalled("stripe"));
  const subscription = running.order("1001");
  const proposal = async () =>
    plannedIn(await proposed({ subscription_id: "sub_1001" }, "stripe_subscription_end"));
  const first = await proposal();
  running.fault("write", { kind: "lost" });
  const looked = await carriedOut(target, first, () => (subscription.cancelled = null));
  assert.equal(looked.state, "unknowable");
  assert.equal(subscription.cancelled, null);
  const second = await proposal();
  assert.notEqual(second.key, first.key);
  assert.equal((await carriedOut(target, second)).state, "done");
  assert.notEqual(subscription.cancelled, null);
});

test("a change that somebody else made after people decided is not made again, and the refusal says so", async (context) => {
  const { running, target, proposed } = await connected(context, shopCalled("stripe"));
  const input = { subscription_id: "sub_1001" };
  const { action, key } = plannedIn(await proposed(input, "stripe_subscription_end"));
  running.order("1001").cancelled = "in the Dashboard";
  await assert.rejects(target.commit(action, key, ANN.signal), {
    code: "system.refused",
    message: /^The subscription ends with the time that is paid for already\. Nothing was sent/,
  });
  assert.deepEqual(running.order("1001").metadata, {});
});

test("a return is found by its key alone, whatever the shop makes of the words around it", async (context) => {
  const { running, target, proposed } = await connected(context, WOO);
  const reason = "too bright & too loud";
  const planned = plannedIn(await proposed({ ...WOO_RETURN, reason }, "woocommerce_return"));
  running.fault("write", { kind: "lost" });
  assert.equal((await carriedOut(target, planned)).state, "done");
  assert.equal(running.order("1001").notes.length, 1);
});

// The order does not show the note of a return at WooCommerce, so it is the same as before.
for (const { shop, operation, input, done } of CASES.filter(({ input }) => input !== WOO_RETURN))
  test(`what arrived after it was given up on is known as ours, and not done again: ${operation}`, async (context) => {
    const { running, target, proposed } = await connected(context, shop);
    const planned = plannedIn(await proposed(input, operation));
    const first = await carriedOut(target, planned);
    assert.ok(first.state === "done");
    const { action, key } = planned;
    assert.deepEqual(await target.commit(action, key, ANN.signal), first.committed);
    assert.equal(done(running), 1);
  });

test("an order of WooCommerce that is not paid has nothing to give back", async (context) => {
  const { running, proposed } = await connected(context, WOO);
  running.order("1001").cancelled = "on-hold";
  const asked = await proposed({ order_id: "1001", amount: null });
  assert.match(JSON.stringify(asked), /"impossible".*does not say that it is paid/);
});

test("an order of WooCommerce that no payment company took is left to people", async (context) => {
  const { proposed } = await connected(context, WOO);
  const asked = await proposed({ order_id: "1004", amount: null });
  assert.match(JSON.stringify(asked), /"impossible".*a teammate has to pay it back/);
});

test("a paid order of WooCommerce is refunded and not cancelled, since that would keep the money", () => {
  const cancel = WOO.tools.find(({ name }) => name === "cancel_woocommerce_order");
  assert.ok(cancel?.kind === "write");
  assert.ok(cancel.about.must?.some(({ field, is }) => field === "date_paid" && is.includes(null)));
});

test("the policy that init writes asks about every change, and an older one asks about all but the refunds", () => {
  const init = loadPolicy(initText, "init.yaml");
  for (const { operation, withoutRule } of READY_MADE.flatMap(({ tools }) =>
    tools.flatMap((tool) => (tool.kind === "write" ? [tool] : [])),
  )) {
    assert.ok(init.operations.includes(operation), operation);
    assert.deepEqual(init.rulesThatAllow(operation), []);
    assert.equal(withoutRule, operation.endsWith("_refund") ? undefined : "ask", operation);
  }
});

test("the items that can come back are shown with their ids, and one that is not among them is none", async (context) => {
  const { running, proposed } = await connected(context, SHOPIFY);
  const items = SHOPIFY.tools.find(({ name }) => name === "shopify_returnable_items");
  assert.ok(items?.kind === "read");
  const tool = declaredReadTool(items, portsFor(running.settings, SHOPIFY.tools));
  const shown = JSON.stringify(await tool.run({ order_id: order("1001") }, ANN));
  assert.match(shown, /FulfillmentLineItem\/1001.*desk lamp/);
  assert.match(JSON.stringify(await tool.run({ order_id: order("2001") }, ANN)), /"found":false/);
  const other = { ...SHOPIFY_RETURN, item_id: "gid://shopify/FulfillmentLineItem/2001" };
  assert.equal((await proposed(other, "shopify_return")).kind, "impossible");
});

test("a right that the app lacks is said each time, and the other look-ups stay in use", async (context) => {
  const { running, looked, proposed } = await connected(context, SHOPIFY);
  running.hide("returns");
  for (let asked = 0; asked < 6; asked += 1)
    await assert.rejects(proposed(SHOPIFY_RETURN, "shopify_return"), {
      code: "system.unavailable",
      message: /Required access: `read_returns`/,
    });
  assert.match(await looked(), /"found":true/);
});

describe("Shopify's sign-in", () => {
  test("fetches a token with id and secret in the body, sends it in Shopify's header, and another one when it ended", async (context) => {
    const { running, looked, proposed } = await connected(context, SHOPIFY);
    assert.match(await looked(), /"found":true/);
    running.endTokens();
    assert.match(await looked(), /"found":true/);
    const planned = plannedIn(await proposed({ order_id: order("1004") }, "shopify_cancel"));
    const shown = shownRequest(SHOPIFY.tools, systemSettings(running.settings), planned) ?? "";
    assert.match(shown, /X-Shopify-Access-Token: \[a token for SHOPIFY_CLIENT_ID\]/);
  });

  test("takes the lasting token of an older app where no client is set", async (context) => {
    const { running } = await connected(context, SHOPIFY);
    const { SHOPIFY_ADDRESS: address = "" } = running.settings;
    const asked = async (settings: Readonly<Record<string, string>>) => {
      const found = await askOnce(SHOPIFY.tools, portsFor(settings, SHOPIFY.tools), ANN.signal);
      return found.map(({ problem }) => problem?.message ?? "");
    };
    const older = { SHOPIFY_ADDRESS: address, SHOPIFY_TOKEN: "shpat_standin" };
    assert.deepEqual(await asked(older), [""]);
    // A client that is set is used: a token that was left behind does not hide that it is wrong.
    const both = await asked({
      ...older,
      SHOPIFY_CLIENT_ID: "wrong",
      SHOPIFY_CLIENT_SECRET: "wrong",
    });
    assert.match(both.join(), /refuses the client: invalid_client/);
  });

  test("is found wanting where the plan hides the e-mail of orders, or the app may not see customers, returns or old orders", async (context) => {
    for (const [how, says] of [
      ["email", /not approved to use the email field.*protected customer data of level 2/],
      ["email silently", /shows no email in any of 6 records.*protected customer data of level 2/],
      ["customers", /Required access: `read_customers`/],
      ["returns", /^Shopify does not grant write_returns$/],
      ["all_orders", /^Shopify does not grant read_all_orders$/],
    ] as const) {
      const { running } = await connected(context, SHOPIFY);
      const ports = portsFor(running.settings, SHOPIFY.tools);
      running.hide(how);
      const asked = await askOnce(SHOPIFY.tools, ports, ANN.signal);
      assert.match(asked[0]?.problem?.message ?? "", says);
    }
  });
});
