import assert from "node:assert/strict";
import { test } from "node:test";
import { useShop } from "./bench.ts";

const bench = useShop();

test("without the right key nothing is answered but the document", async () => {
  for (const key of [
    "",
    "wrong",
    `${bench.shop.key}x`,
    bench.shop.key.slice(1),
    bench.shop.key.slice(0, -1),
  ]) {
    const answer = await bench.call("/orders/789", { key });
    assert.equal(answer.status, 401);
    assert.equal(answer.body.error.code, "unauthorized");
  }
  assert.equal((await bench.call("/_sandbox/journal", { key: "wrong" })).status, 401);
  assert.equal((await fetch(bench.shop.openapi)).status, 200);
});

test("a restart days later finds key, dates, refunds and keys again", async () => {
  await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" });
  const before = (await bench.call("/orders/789")).json;
  const { key } = bench.shop;
  await bench.restart(new Date("2026-04-20T12:00:00Z"));
  assert.equal(bench.shop.key, key);
  assert.deepEqual((await bench.call("/orders/789")).json, before);
  assert.equal(
    (await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" })).status,
    200,
  );
  assert.equal(
    (await bench.post("/orders/789/refunds", "k2", { amount: 100.01, currency: "USD" })).status,
    422,
  );
});

test("a lost response leaves the effect, which its key finds", async () => {
  await bench.fault({ fault: "lost_response", times: 1 });
  await assert.rejects(bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" }));
  assert.equal((await bench.call("/orders/789/refunds?idempotency_key=k1")).list.length, 1);
  assert.equal(
    (await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" })).status,
    200,
  );
  assert.equal((await bench.call("/orders/789")).body.refunded, 20);
});
