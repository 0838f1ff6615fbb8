import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, useShop } from "./bench.ts";

const bench = useShop();

test("a refund is made once for its key and answered again for the same request", async () => {
  const first = await bench.post("/orders/789/refunds", "k1", { amount: 20.5, currency: "USD" });
  const again = await bench.post("/orders/789/refunds", "k1", { currency: "USD", amount: 20.5 });
  assert.equal(first.status, 201);
  assert.equal(first.body["payment_id"], "pay_789");
  assert.equal(again.status, 200);
  assert.equal(again.headers.get("idempotent-replay"), "true");
  assert.deepEqual(again.json, first.json);
  const order = (await bench.call("/orders/789")).body;
  assert.equal(order.refunded, 20.5);
  assert.deepEqual(order.refunds, [
    {
      id: first.body.id,
      amount: 20.5,
      currency: "USD",
      idempotency_key: "k1",
      created_at: NOW.toISOString(),
    },
  ]);
  assert.deepEqual(
    (await bench.call("/orders/789/refunds?idempotency_key=k1")).json,
    order.refunds,
  );
  assert.deepEqual((await bench.call("/orders/789/refunds?idempotency_key=k2")).json, []);
});

test("ten calls at once with one key make one refund", async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, () =>
      bench.post("/orders/1001/refunds", "burst", { amount: 900, currency: "USD" }),
    ),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 200).length, 9);
  assert.equal((await bench.call("/orders/1001")).body.refunds?.length, 1);
});

test("a key used for another amount, order or operation is refused and changes nothing", async () => {
  await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" });
  const attempts = [
    await bench.post("/orders/789/refunds", "k1", { amount: 21, currency: "USD" }),
    await bench.post("/orders/1002/refunds", "k1", { amount: 5, currency: "USD" }),
    await bench.post("/customers/u123/password-reset", "k1", {}),
  ];
  for (const { status, body } of attempts) {
    assert.equal(status, 409);
    assert.equal(body.error.code, "idempotency_conflict");
  }
  assert.equal((await bench.call("/orders/789")).body.refunded, 20);
  assert.deepEqual(bench.mails, []);
});

test("never more goes back than was paid less what went back, to the last cent", async () => {
  assert.equal(
    (await bench.post("/orders/1002/refunds", "a", { amount: 0.1, currency: "USD" })).status,
    201,
  );
  assert.equal(
    (await bench.post("/orders/1002/refunds", "b", { amount: 0.2, currency: "USD" })).status,
    201,
  );
  const over = await bench.post("/orders/1002/refunds", "c", { amount: 8.71, currency: "USD" });
  assert.equal(over.status, 422);
  assert.equal(over.body.error.code, "amount_exceeds_refundable");
  assert.equal(over.body.error.field, "amount");
  assert.match(over.body.error.message, /8\.70/);
  // The refused attempt used up nothing: the same key may carry the corrected amount.
  assert.equal(
    (await bench.post("/orders/1002/refunds", "c", { amount: 8.7, currency: "USD" })).status,
    201,
  );
  assert.equal((await bench.call("/orders/1002")).body.refunded, 9);
});
