/** Cancelling, returning and exchanging an order, and mailing its invoice, as a target of effects. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Action } from "#core/values/action.ts";
import {
  failsWith,
  foundAfterLostAnswers,
  open,
  signal,
  withAnswers,
  withShop,
} from "./shop-under-test.ts";

function ofOrder(operation: string, orderId: string): Action {
  return { target: "shop", operation, arguments: { orderId } };
}

function cancel(orderId: string, minor: number): Action {
  const amount = { minor, currency: "USD" };
  return { target: "shop", operation: "cancel_order", arguments: { orderId, amount } };
}

const ALL = [
  cancel("456", 6_000),
  ofOrder("start_return", "789"),
  ofOrder("exchange_item", "1001"),
  ofOrder("resend_invoice", "123"),
];

describe("changing a whole order at the shop", () => {
  test("every operation is found by its key when its answer was lost, absent before, and done once", async () => {
    await foundAfterLostAnswers(ALL, [
      "order_cancelled",
      "return_started",
      "exchange_started",
      "invoice_sent",
    ]);
  });

  test("in a shop that ignores keys the order itself shows what was done, but for an invoice", async () => {
    await withShop(async ({ target, fault }) => {
      await fault({ fault: "ignores_keys" });
      for (const action of ALL.slice(0, 3)) {
        assert.deepEqual(await target.find(action, "k", signal), { state: "absent" });
        await fault({ fault: "lost_response", times: 1 });
        await assert.rejects(target.commit(action, "k", signal), failsWith("shop.uncertain"));
        assert.equal((await target.find(action, "k", signal)).state, "done", action.operation);
      }
      assert.equal(
        (await target.find(ofOrder("start_return", "1001"), "k", signal)).state,
        "absent",
      );
    });
  });

  test("a cancellation gives back what was decided and shows on the order; another amount is refused", async () => {
    await withShop(async ({ target, reads, effects }) => {
      await assert.rejects(
        target.commit(cancel("456", 5_000), "k1", signal),
        failsWith("shop.refused", /refund must be 60\.00 USD/),
      );
      assert.deepEqual(await effects(), []);
      await target.commit(cancel("456", 6_000), "k2", signal);
      const order = await reads.order("456", signal);
      assert.deepEqual(
        [order?.status, order?.refunds.map(({ amount, key }) => [amount.minor, key])],
        ["cancelled", [[6_000, "k2"]]],
      );
    });
  });

  test("what is not possible any more is refused with its reason, and nothing is done", async () => {
    await withShop(async ({ target, effects }) => {
      const refused: readonly (readonly [Action, RegExp])[] = [
        [cancel("123", 2_500), /left the warehouse/],
        [ofOrder("start_return", "456"), /not been delivered/],
        [ofOrder("start_return", "790"), /more than 30 days ago/],
        [ofOrder("exchange_item", "790"), /more than 30 days ago/],
      ];
      for (const [action, reason] of refused)
        await assert.rejects(target.commit(action, "k", signal), failsWith("shop.refused", reason));
      await target.commit(ofOrder("start_return", "789"), "k1", signal);
      await assert.rejects(
        target.commit(ofOrder("exchange_item", "789"), "k2", signal),
        failsWith("shop.refused", /return of the order was started already/),
      );
      assert.deepEqual(await effects(), ["return_started"]);
    });
  });

  test("an order whose parcel is to come back says so, and since when", async () => {
    await withShop(async ({ target, reads }) => {
      assert.equal((await reads.order("1001", signal))?.returning, null);
      await target.commit(ofOrder("exchange_item", "1001"), "k", signal);
      const order = await reads.order("1001", signal);
      assert.deepEqual(order?.returning, { since: "2026-11-20", kind: "exchange" });
    });
  });

  test("labels and invoices go to the address on file and stand in no answer", async () => {
    await withShop(async ({ target, mails }) => {
      for (const action of ALL) {
        const committed = await target.commit(action, action.operation, signal);
        assert.doesNotMatch(JSON.stringify(committed), /@|http/);
      }
      const deadline = Date.now() + 2_000;
      while (mails.length < ALL.length && Date.now() < deadline) await new Promise(setImmediate);
      assert.deepEqual(
        mails.map(({ to }) => to),
        ["ann@customer.test", "ann@customer.test", "bob@elsewhere.test", "ann@customer.test"],
      );
    });
  });

  test("a receipt about another order, amount or kind contradicts what was asked", async () => {
    const cancelled = { order_id: "456", refunded: 60, currency: "USD" };
    const cases: readonly (readonly [Action, object])[] = [
      [cancel("456", 6_000), { ...cancelled, order_id: "457" }],
      [cancel("456", 6_000), { ...cancelled, refunded: 6 }],
      [ofOrder("start_return", "789"), { order_id: "789", kind: "exchange" }],
      [ofOrder("resend_invoice", "123"), { order_id: "124" }],
    ];
    for (const [action, body] of cases)
      await withAnswers(
        () => ({ status: 201, body: JSON.stringify(body) }),
        async (url) => {
          await assert.rejects(
            open(url).target.commit(action, "k", signal),
            failsWith("shop.contradicted"),
          );
        },
      );
  });
});
