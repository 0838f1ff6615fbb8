/** What a look-up found, in one line for people. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { foundText } from "#agent/found-text.ts";

const PHONE = {
  order_id: "2001",
  item: "phone",
  status: "shipped",
  paid: "640.00 USD",
  refunded: "0.00 USD",
  shipped_on: "2026-11-20",
  due_on: "2026-11-23",
  delivered_on: null,
};

test("each look-up is told in its own words, and an unknown result in none", () => {
  for (const [result, words] of [
    [
      { found: true, order: PHONE },
      "phone, paid 640.00 USD, shipped 2026-11-20, due 2026-11-23, not delivered, nothing refunded",
    ],
    [
      { found: true, orders: [PHONE, { ...PHONE, order_id: "7", delivered_on: "2026-11-21" }] },
      "2001 phone (shipped), 7 phone (shipped)",
    ],
    [
      {
        found: true,
        order_id: "1001",
        payments: [{ amount: "900.00 USD", method: "card", paid_on: "2026-11-01" }],
        refunds: [{ amount: "20.00 USD", refunded_on: "2026-11-02" }],
      },
      "one payment, 900.00 USD by card, refunded 20.00 USD",
    ],
    [{ passages: [{ title: "Refund policy" }, { title: "Refund policy" }] }, "Refund policy"],
    [{ passages: [] }, "no page fits"],
    [{ found: false, remark: "There is no such order." }, "There is no such order"],
    [{ something: "else" }, ""],
    [null, ""],
  ] as const)
    assert.equal(foundText(result), words);
});
