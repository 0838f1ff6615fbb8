/** Which of a customer's words name an order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { namesOrder } from "#text/about-text.ts";

test("an order is named by its number as people write it", () => {
  for (const [words, order] of [
    ["Order-1001 arrived broken", "1001"],
    ["#1001, please", "1001"],
    ["(order 1001)", "1001"],
    ["where is ord_77?", "ORD_77"],
    ["it is 2024/17.", "2024/17"],
    ["About MÜ-12", "mü-12"],
  ] as const)
    assert.ok(namesOrder(words, order), words);
});

test("a longer number, a part of another word, or an amount names none", () => {
  for (const [words, order] of [
    ["order 10011", "1001"],
    ["order 2024-1001", "1001"],
    ["order 1001-A", "1001"],
    ["it cost 1001 EUR", "1001"],
    ["it cost $1001", "1001"],
    ["it cost 1001.50", "1001"],
    ["ordX77", "ord.77"],
    ["what about ---?", "---"],
  ] as const)
    assert.ok(!namesOrder(words, order), words);
});
