/** The stories of approvals are over a shop that tells little. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ORDERS } from "#sandbox/world.ts";
import { createJournal } from "./journal.ts";
import { createMemoryShop } from "./memory-shop.ts";

const ALL_UNTOLD = { orderedOn: null, tracking: null, payments: [] };

test("no order tells its day, its tracking or its payments, also after a new beginning", async () => {
  const clock = { now: () => new Date("2026-03-01T10:00:00Z") };
  const shop = createMemoryShop(clock, createJournal(clock));
  const { signal } = new AbortController();
  for (const start of [() => undefined, () => shop.reset()]) {
    start();
    for (const { id } of ORDERS) {
      const { orderedOn, tracking } = shop.order(id);
      const payments = await shop.reads.payments(id, signal);
      assert.deepEqual({ orderedOn, tracking, payments }, ALL_UNTOLD);
    }
  }
});
