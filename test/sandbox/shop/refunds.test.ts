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

for (const [what, amount] of [
  ["a text", '"-1"'],
  ["a negative number", "-1"],
  ["zero", "0"],
  ["a billion", "1e9"],
  ["infinity", "1e999"],
  ["a fraction of a cent", "10.005"],
  ["next to nothing", "1e-9"],
  ["the text NaN", '"NaN"'],
  ["a comma number", '"12,50"'],
  ["null", "null"],
  ["a list", "[5]"],
] as const) {
  test(`a refund of ${what} is refused naming field and reason`, async () => {
    const { status, body } = await bench.post(
      "/orders/789/refunds",
      "k",
      `{"amount":${amount},"currency":"USD"}`,
    );
    assert.equal(status, 422);
    assert.equal(body.error.field, "amount");
    assert.match(body.error.message, /^amount must be /);
    assert.equal((await bench.call("/orders/789")).body.refunded, 0);
  });
}

test("another currency, another payment or an unknown field is refused", async () => {
  const refusal = async (body: object) =>
    (await bench.post("/orders/789/refunds", "k", body)).body.error;
  assert.equal((await refusal({ amount: 5, currency: "EUR" })).code, "currency_mismatch");
  assert.equal((await refusal({ amount: 5, currency: "usd" })).field, "currency");
  assert.equal(
    (await refusal({ amount: 5, currency: "USD", payment_id: "pay_1001" })).code,
    "payment_mismatch",
  );
  assert.equal((await refusal({ amount: 5, currency: "USD", iban: "DE1" })).field, "iban");
  assert.equal((await refusal({})).field, "amount");
});

test("a write without a usable Idempotency-Key is refused", async () => {
  for (const key of [undefined, "a b", "x".repeat(256)]) {
    const { status, body } = await bench.post("/orders/789/refunds", key, {
      amount: 5,
      currency: "USD",
    });
    assert.equal(status, 400);
    assert.equal(body.error.code, "invalid_idempotency_key");
  }
});

test("JSON that is no object is refused as such", async () => {
  for (const body of ["5", "null", '"text"', "[]"]) {
    const answer = await bench.post("/orders/789/refunds", "k", body);
    assert.deepEqual([answer.status, answer.body.error.code], [422, "invalid_request"]);
    assert.match(answer.body.error.message, /^the body /);
  }
});

test("bytes that are no JSON are 400 and a body over 64 kB is 413", async () => {
  for (const body of ["{", "amount=5", "NaN", "\xff\xfe"]) {
    const answer = await bench.post("/orders/789/refunds", "k", body);
    assert.equal(answer.status, 400);
    assert.equal(answer.body.error.code, "invalid_json");
  }
  const large = await bench.post("/orders/789/refunds", "k", {
    amount: 5,
    currency: "USD",
    reason: "x".repeat(66_000),
  });
  assert.equal(large.status, 413);
  assert.equal(large.body.error.code, "body_too_large");
});
