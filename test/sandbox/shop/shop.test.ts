import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { startSampleShop } from "#sandbox/shop/index.ts";
import { NOW, useShop } from "./bench.ts";

const bench = useShop();

test("an order shows its amounts as decimal numbers and its dates as days before the world was made", async () => {
  const { status, json } = await bench.call("/orders/789");
  assert.equal(status, 200);
  assert.deepEqual(json, {
    id: "789",
    customer_id: "u123",
    item: "headphones",
    amount: 120,
    currency: "USD",
    status: "delivered",
    paid: 120,
    refunded: 0,
    ordered_on: "2026-03-04",
    shipped_on: "2026-03-05",
    delivered_on: "2026-03-08",
    tracking: "OS-00000789",
    shipping_address: "Ann Fields, 12 Orchard Lane, Springfield, OR 97477, US",
    refunds: [],
  });
  const phone = await bench.call("/orders/2001");
  assert.deepEqual([phone.body["shipped_on"], phone.body["due_on"]], ["2026-03-19", "2026-03-22"]);
});

test("a customer is found by id and by address in any case, with all orders", async () => {
  assert.equal((await bench.call("/customers/u456")).body["email"], "bob@elsewhere.test");
  assert.deepEqual(
    (await bench.call("/customers?email=Ann@Customer.test")).list.map(({ id }) => id),
    ["u123"],
  );
  assert.deepEqual((await bench.call("/customers?email=nobody@customer.test")).json, []);
  const orders = (await bench.call("/customers/u123/orders")).list;
  assert.deepEqual(
    orders.map(({ id }) => id),
    ["123", "456", "789", "790"],
  );
});

test("what does not exist is 404 with a code, also for names every object has", async () => {
  assert.equal((await bench.call("/orders/9999")).body.error.code, "order_not_found");
  assert.equal((await bench.call("/orders/constructor")).status, 404);
  assert.equal((await bench.call("/customers/__proto__")).body.error.code, "customer_not_found");
  assert.equal((await bench.call("/operations/none")).body.error.code, "operation_not_found");
  assert.equal((await bench.call("/elsewhere")).body.error.code, "not_found");
});

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

test("a fault plays as often as asked and no more", async () => {
  await bench.fault({ fault: "down", times: 2 });
  const statuses: number[] = [];
  for (let index = 0; index < 3; index += 1)
    statuses.push((await bench.call("/orders/789")).status);
  assert.deepEqual(statuses, [503, 503, 200]);
  await bench.fault({ fault: "down" });
  assert.equal((await bench.call("/orders/789")).body.error.code, "unavailable");
  assert.deepEqual((await bench.call("/_sandbox/faults")).json, [{ fault: "down" }]);
  await bench.call("/_sandbox/faults", { method: "DELETE" });
  assert.equal((await bench.call("/orders/789")).status, 200);
  assert.equal((await bench.fault({ fault: "fire" })).status, 422);
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

test("a refused refund has no effect, and slowness delays", async () => {
  await bench.fault({ fault: "refuse_refunds", times: 1 });
  const refused = await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" });
  assert.deepEqual([refused.status, refused.body.error.code], [422, "refund_refused"]);
  assert.deepEqual((await bench.call("/orders/789")).body.refunds, []);
  await bench.fault({ fault: "slow", delay_ms: 200, times: 1 });
  const started = performance.now();
  await bench.call("/orders/789");
  assert.ok(performance.now() - started >= 195);
});

test("the journal lists effects in order, and only effects", async () => {
  await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" });
  await bench.post("/orders/789/refunds", "k1", { amount: 20, currency: "USD" });
  await bench.post("/orders/789/refunds", "k2", { amount: 500, currency: "USD" });
  await bench.post("/orders/456/address", "k3", { shipping_address: "9 New Road, Salem" });
  await bench.post("/customers/u123/password-reset", "k4", {});
  const journal = (await bench.call("/_sandbox/journal")).list;
  assert.deepEqual(
    journal.map((entry) => entry["effect"]),
    ["refund_created", "address_changed", "password_reset_sent"],
  );
});

test("a second shop on a port in use is refused", async () => {
  const port = Number(new URL(bench.shop.url).port);
  const second = await mkdtemp(join(tmpdir(), "shop-"));
  await assert.rejects(
    startSampleShop({ directory: second, port, now: () => NOW, sendMail: () => Promise.resolve() }),
    { code: "EADDRINUSE" },
  );
  await rm(second, { recursive: true });
});
