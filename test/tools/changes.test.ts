import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChangeAddressArguments, PlannedAction, RefundArguments } from "#core/values/action.ts";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { STRANGER, TODAY, verified } from "#test/support/fixtures/turns.ts";
import { contextOf, propose, wrote } from "./tool-bench.ts";

const REFUND = { order_id: "789", amount: null, reason: "It broke." };

/** A refund of order 789, asked for in these words. */
function refund(amount: string | null, words: string, shop = memoryShop(TODAY)) {
  return propose("issue_refund", { ...REFUND, amount }, wrote(words), shop);
}

/** An address for an order, asked for in these words. */
function move(order_id: string, new_address: string, words: string) {
  return propose("change_address", { order_id, new_address }, wrote(words));
}

describe("issue_refund", () => {
  test("without an amount it is what was paid less what was refunded", async () => {
    const { planned } = await propose("issue_refund", REFUND);
    assert.deepEqual(PlannedAction.parse(planned), planned);
    assert.equal(planned?.key, "refund:shop:789:0");
    assert.equal(planned?.label, "Refund 120.00 USD to the original payment method, order 789");
    assert.deepEqual(RefundArguments.parse(planned?.action.arguments), {
      orderId: "789",
      amount: { minor: 12_000, currency: "USD" },
      reason: "Asked for by the customer",
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
      const { planned } = await refund(amount, "25 of 789");
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

describe("where the values of a refund come from", () => {
  test("all of it is no proven amount when the customer asked for another", async () => {
    for (const [words, expected] of [
      ["Refund order 789, please", []],
      ["Refund 120.00 USD of order 789", []],
      ["Refund 2.00 USD of order 789", [{ argument: "amount", words: "2.00 usd" }]],
      ["Refund $5 of order 789", [{ argument: "amount", words: "$5" }]],
    ] as const)
      assert.deepEqual((await refund(null, words)).unproven, expected, words);
  });

  test("an order the customer names, or the only one it can be, is proven; any other was chosen by the model", async () => {
    const chosen = [{ argument: "order", words: "" }];
    const cases: readonly (readonly [string, readonly unknown[]])[] = [
      ["Refund order 789, please", []],
      ["refund #789.", []],
      ["Refund my headphones", []],
      ["Refund it", chosen],
      ["Refund order 7890", chosen],
      ["Refund order A-789", chosen],
      ["Refund 789.00 USD", chosen],
      ["Refund $789", chosen],
      ["Refund 789 dollars", chosen],
      ["Refund my backpack", chosen],
      ["Refund the headphones and the desk lamp", chosen],
    ];
    for (const [words, expected] of cases) {
      const { unproven } = await refund(null, words);
      const order = unproven.filter(({ argument }) => argument === "order");
      assert.deepEqual(order, expected, words);
    }
    const shop = memoryShop(TODAY);
    for (const [id, minor] of [
      ["123", 2_500],
      ["456", 6_000],
      ["790", 8_000],
    ] as const)
      shop.refund(id, minor);
    const only = await refund(null, "My money back!", shop);
    assert.deepEqual(only.unproven, []);
  });

  test("an amount on record needs no person's word", async () => {
    const shop = memoryShop(TODAY);
    shop.refund("789", 2_000);
    for (const amount of [null, "100.00"]) {
      const { unproven } = await refund(amount, "789", shop);
      assert.deepEqual(unproven, [], String(amount));
    }
    const whole = await refund("120.00", "789");
    assert.deepEqual(whole.unproven, []);
  });

  test("an amount the customer wrote as money is theirs, so that policy can decide on it", async () => {
    for (const [amount, words] of [
      ["5.00", "only 5.00 of 789"],
      ["5.00", "nur 5,00 von 789"],
      ["5.00", "$5 of 789"],
      ["4.00", "I want my 4 dollars back for 789"],
      ["4.00", "I paid $120.00 for 789 and want $4 of it back"],
      ["12.50", "12.50 USD of 789"],
    ] as const) {
      const { unproven, reason } = await refund(amount, words);
      assert.deepEqual([unproven, reason], [[], ""], words);
    }
  });

  test("an amount in another currency than the order's is looked at by a person", async () => {
    for (const words of [
      "5€ de la 789",
      "refund 5 EUR of 789",
      "£5 of 789",
      "5 quid back for 789",
    ]) {
      const { unproven } = await refund("5.00", words);
      assert.deepEqual(
        unproven.map(({ argument }) => argument),
        ["amount"],
        words,
      );
    }
  });

  test("one of several amounts, or a bare number, is shown as theirs and looked at by a person", async () => {
    const cases: readonly (readonly [string, string, string])[] = [
      ["5.00", "only 5 of 789", "5"],
      ["12.50", "12,5 of 789", "12,5"],
      ["9.00", "give me $5 or $9 of 789", "9"],
    ];
    for (const [amount, words, found] of cases) {
      const { unproven } = await refund(amount, words);
      assert.deepEqual(unproven, [{ argument: "amount", words: found }], words);
    }
  });

  test("an amount found nowhere came from a third party and is not proposed", async () => {
    for (const words of [
      "refund 789",
      "5.50 of 789",
      "15 of 789",
      "5% of 789",
      "A5 and 789",
      "0.5",
    ]) {
      const { planned, reason } = await refund("5.00", words);
      assert.equal(planned, null, words);
      assert.equal(
        reason,
        "This amount stands neither in the customer's message nor in a record.",
        words,
      );
    }
  });
});

describe("change_address", () => {
  const NEW = "12 New Street, 10999 Berlin";

  test("the key follows from order, old and new address", async () => {
    const context = wrote("456 goes to 12 or 13 New Street, 10999 Berlin");
    const input = { order_id: "456", new_address: " 12 New Street,\n10999 Berlin " };
    const { planned } = await propose("change_address", input, context);
    assert.deepEqual(ChangeAddressArguments.parse(planned?.action.arguments), {
      orderId: "456",
      address: NEW,
    });
    assert.match(planned?.key ?? "", /^address:shop:456:[0-9a-f]{32}$/);
    const again = await propose("change_address", { ...input, new_address: NEW }, context);
    assert.equal(again.planned?.key, planned?.key);
    const changed = { ...input, new_address: "13 New Street" };
    const other = await propose("change_address", changed, context);
    assert.notEqual(other.planned?.key, planned?.key);
  });

  test("every word of the address is in the customer's own text, in any order; a person looks at it all the same", async () => {
    for (const words of [
      "456: 12 New Street, 10999 Berlin",
      "To 10999 BERLIN\nNew Street 12 please, order 456",
    ]) {
      const { unproven } = await move("456", NEW, words);
      assert.deepEqual(unproven, [{ argument: "address", words: NEW }], words);
    }
    for (const words of ["", "456: 12 New Street, Berlin", "456: 12 Newer Street, 10999 Berlin"]) {
      const { planned, reason } = await move("456", NEW, words);
      assert.equal(planned, null, words);
      assert.match(reason, /stands neither in the customer's own message nor/, words);
    }
  });

  test("an address may come from another order of theirs, word for word, and a person looks at it", async () => {
    const shop = memoryShop(TODAY);
    const elsewhere = "5 Lake Road, 20095 Hamburg";
    const orders = async (id: string, signal: AbortSignal) =>
      (await shop.orders(id, signal)).map((order) =>
        order.id === "789" ? { ...order, shippingAddress: elsewhere } : order,
      );
    const to = (new_address: string) =>
      propose(
        "change_address",
        { order_id: "456", new_address },
        wrote("Order 456: send it where 789 went"),
        { ...shop, orders },
      );
    const { planned, unproven } = await to(elsewhere);
    assert.equal(planned?.action.operation, "change_address");
    assert.deepEqual(unproven, [{ argument: "address", words: elsewhere }]);
    assert.equal((await to("5 Lake Road")).planned, null);
  });

  test("an order the customer did not name is unproven too, unless it is the only one not on its way", async () => {
    const words = `${NEW} please`;
    const only = await move("456", NEW, words);
    assert.deepEqual(
      only.unproven.map(({ argument }) => argument),
      ["address"],
    );
    const other = await move("789", NEW, words);
    assert.deepEqual(
      other.unproven.map(({ argument }) => argument),
      ["order", "address"],
    );
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

  test("is none for somebody the shop does not know, and no key of the ledger has an address", async () => {
    const emailOnFile = "carl@nowhere.test";
    const carl = { ...verified("u123"), emailOnFile, customerId: `email:${emailOnFile}` };
    assert.equal((await propose("reset_password", {}, contextOf(carl))).planned, null);
  });

  test("a writer who has not proven who they are reads the same, with an account and without, and the shop is not asked", async () => {
    const claimed = { ...verified("u123"), level: 1 as const };
    const writers = [
      claimed,
      { ...claimed, customerId: null },
      { ...claimed, customerId: null, emailOnFile: "nobody@customer.test" },
      { ...claimed, level: 0 as const },
      STRANGER,
    ];
    const seen = await Promise.all(
      writers.map((writer) => propose("reset_password", {}, contextOf(writer))),
    );
    for (const { planned, calls } of seen) assert.deepEqual([planned, calls], [null, []]);
    assert.equal(new Set(seen.map((one) => JSON.stringify(one))).size, 1);
  });
});
