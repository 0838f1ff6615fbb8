/** A shop that is still at the first request under a key answers the second with 409 (the IETF's draft, section 2.6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Action } from "#core/values/action.ts";
import { failsWith, open, signal, withAnswers } from "./shop-under-test.ts";

const refund789: Action = {
  target: "shop",
  operation: "refund",
  arguments: {
    orderId: "789",
    amount: { minor: 12_000, currency: "USD" },
    reason: "broken headphones",
  },
};

test("a request that meets its own first attempt may still be done", async () => {
  const body = JSON.stringify({
    error: { code: "in_progress", message: "a request with this Idempotency-Key is under way" },
  });
  await withAnswers(
    () => ({ status: 409, body }),
    async (url) => {
      await assert.rejects(
        open(url).target.commit(refund789, "refund:789:0", signal),
        failsWith("shop.uncertain"),
      );
    },
  );
});
