import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { DeskhandError } from "#core/values/errors.ts";
import { sealedOrderFacts } from "#core/contracts/shop.ts";
import { deadUrl, failsWith, open, signal, withAnswers, withShop } from "./shop-under-test.ts";
import { amountAsked } from "#core/values/money.ts";
import { orderView } from "#tools/own-order.ts";

describe("reading the shop", () => {
  test("an order, its customer and its payment come in the shapes of core, in whole minor units", async () => {
    await withShop(async ({ reads }) => {
      const order = await reads.order("789", signal);
      assert.ok(order);
      assert.deepEqual(sealedOrderFacts(order), {
        orderId: "789",
        customerId: "u123",
        status: "delivered",
        paid: { minor: 12_000, currency: "USD" },
        refunded: { minor: 0, currency: "USD" },
        refundCount: 0,
        deliveredOn: "2026-11-08",
      });
      assert.equal(order.dueOn, null);
      assert.deepEqual(await reads.customerByEmail("ANN@customer.test", signal), {
        id: "u123",
        name: "Ann Fields",
        email: "ann@customer.test",
      });
      assert.equal((await reads.customer("u456", signal))?.name, "Bob Marsh");
      const orders = await reads.orders("u123", signal);
      assert.deepEqual(
        orders.map(({ id }) => id),
        ["123", "456", "789", "790"],
      );
      const [payment] = await reads.payments("789", signal);
      assert.equal(payment?.amount.minor, 12_000);
      assert.equal(payment.method, "card ending in 4242");
    });
  });

  test("what does not exist is null or empty, not a failure", async () => {
    await withShop(async ({ reads }) => {
      assert.equal(await reads.order("no-such-order", signal), null);
      assert.equal(await reads.customer("nobody", signal), null);
      assert.equal(await reads.customerByEmail("nobody@customer.test", signal), null);
      assert.equal(await reads.customerByEmail("not an address", signal), null);
      assert.deepEqual(await reads.orders("nobody", signal), []);
      assert.deepEqual(await reads.payments("no-such-order", signal), []);
    });
  });

  test("an id never reaches another path of the shop", async () => {
    await withAnswers(
      () => ({ status: 404, body: "{}" }),
      async (url, calls) => {
        const { reads } = open(url);
        await fc.assert(
          fc.asyncProperty(
            fc.oneof(fc.string(), fc.constantFrom(".", "..", "../customers", "%2e%2e", "a?b", "#")),
            async (id) => {
              fc.pre(id.isWellFormed());
              calls.length = 0;
              assert.equal(await reads.order(id, signal), null);
              for (const call of calls) assert.match(call.url, /^\/orders\/[^/?#]+$/);
            },
          ),
        );
      },
    );
  });

  test("a shop that fails once is asked again; one that stays down is unavailable, which is not absence", async () => {
    await withShop(async ({ reads, fault }) => {
      await fault({ fault: "down", times: 1 });
      assert.equal((await reads.order("456", signal))?.status, "processing");
      await fault({ fault: "down" });
      await assert.rejects(reads.order("456", signal), (error: DeskhandError) => {
        assert.equal(error.retryAfterMs, 1_000);
        return failsWith("shop.unavailable", /down for a moment/)(error);
      });
    });
  });

  test("a shop that is slow, gone or answers nonsense is unavailable", async () => {
    await withShop(
      async ({ reads, fault }) => {
        await fault({ fault: "slow", delay_ms: 400 });
        await assert.rejects(reads.order("456", signal), failsWith("shop.unavailable"));
      },
      { timeoutMs: 100 },
    );
    const gone = open(await deadUrl());
    await assert.rejects(gone.reads.order("456", signal), failsWith("shop.unavailable"));
    for (const body of ["<html>", "{}", "[]", '{"id":"456"}', ""]) {
      await withAnswers(
        () => ({ status: 200, body }),
        async (url) => {
          await assert.rejects(open(url).reads.order("456", signal), failsWith("shop.unavailable"));
        },
      );
    }
  });

  test("an amount with more digits than its currency has is refused instead of rounded", async () => {
    const payment = { order_id: "1", amount: 12.345, currency: "USD", method: "card" };
    await withAnswers(
      () => ({ status: 200, body: JSON.stringify([{ ...payment, paid_on: "2026-11-01" }]) }),
      async (url) => {
        await assert.rejects(open(url).reads.payments("1", signal), failsWith("shop.unavailable"));
      },
    );
  });

  test("refunds in another currency than their order's are not added up: what of it can go back is not known", async () => {
    const order = {
      id: "1",
      customer_id: "u1",
      item: "lamp",
      amount: 12_000,
      currency: "JPY",
      status: "delivered",
      paid: 12_000,
      shipping_address: "1 Old Street",
    };
    const refund = { id: "r1", amount: 80, created_at: "2026-11-01" };
    for (const [currency, refundable] of [
      ["JPY", "11920 JPY"],
      ["USD", "not known"],
    ] as const)
      await withAnswers(
        () => ({
          status: 200,
          body: JSON.stringify({ ...order, refunds: [{ ...refund, currency }] }),
        }),
        async (url) => {
          const read = await open(url).reads.order("1", signal);
          assert.ok(read);
          const view = orderView(read, { refundDays: () => null, matters: [] });
          assert.deepEqual([view.paid, view.refundable], ["12000 JPY", refundable]);
          const asked = amountAsked(null, sealedOrderFacts(read), "It");
          assert.equal("reason" in asked, refundable === "not known");
        },
      );
  });

  test("a refused key is the operator's trouble, never 'no such order'", async () => {
    await withShop(async ({ url }) => {
      const { reads } = open(url, "wrong");
      await assert.rejects(reads.order("456", signal), failsWith("shop.unavailable"));
    });
  });

  test("the key does not follow a redirect", async () => {
    await withAnswers(
      () => ({ status: 404, body: "{}" }),
      async (elsewhere, reached) => {
        await withAnswers(
          () => ({ status: 302, body: "", headers: { Location: `${elsewhere}/orders/456` } }),
          async (url) => {
            const { reads } = open(url);
            await assert.rejects(reads.order("456", signal), failsWith("shop.unavailable"));
            assert.deepEqual(reached, []);
          },
        );
      },
    );
  });

  test("an answer that is too long is no answer, whatever it holds", async () => {
    const order = { id: "456", note: "x".repeat(2 * 1024 * 1024) };
    await withAnswers(
      () => ({ status: 200, body: JSON.stringify(order) }),
      async (url) => {
        await assert.rejects(open(url).reads.order("456", signal), (error: DeskhandError) => {
          assert.match(error.message, /more than 2097152 bytes/);
          return failsWith("shop.unavailable")(error);
        });
      },
    );
  });

  test("two customers under one address prove neither", async () => {
    const twins = ["a", "b"].map((id) => ({ id, name: id, email: "ann@customer.test" }));
    await withAnswers(
      () => ({ status: 200, body: JSON.stringify(twins) }),
      async (url) => {
        assert.equal(await open(url).reads.customerByEmail("ann@customer.test", signal), null);
      },
    );
  });
});
