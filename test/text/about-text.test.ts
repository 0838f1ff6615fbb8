/** Which of a customer's words name an order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mentionsOrder, namesOrder } from "#text/about-text.ts";

test("an order is named by its number alone, with the signs it has itself", () => {
  for (const [words, order] of [
    ["#1001, please", "1001"],
    ["(order 1001)", "1001"],
    ["my order 1001", "#1001"],
    ["where is ord_77?", "ORD_77"],
    ["it is 2024/17.", "2024/17"],
    ["About MÜ-12", "mü-12"],
  ] as const)
    assert.ok(namesOrder(words, order) && mentionsOrder(words, order), words);
});

test("what people are shown is looked for beside a hyphen too", () => {
  for (const words of ["Order-1001 arrived broken", "A-1001", "it cost 1001 EUR"]) {
    assert.ok(mentionsOrder(words, "1001"), words);
    assert.ok(!namesOrder(words, "1001"), words);
  }
});

test("a longer number, a part of another word, or an amount names none", () => {
  for (const [words, order] of [
    ["order 10011", "1001"],
    ["ordX77", "ord.77"],
    ["what about ---?", "---"],
  ] as const)
    assert.ok(!namesOrder(words, order) && !mentionsOrder(words, order), words);
  for (const words of ["order 2024-1001", "order 1001-A", "it cost $1001", "it cost 1001.50"])
    assert.ok(!namesOrder(words, "1001"), words);
});

test("where no spaces stand between words, a number is an order's unless money or a day follows it", () => {
  for (const words of ["订单1001的退款", "1001の返金をお願いします", "ขอคืนเงิน1001ค่ะ"])
    assert.ok(namesOrder(words, "1001"), words);
  for (const words of ["退款1001元", "1001 円を返金", "ขอคืน1001บาท", "1001年", "1001号"])
    assert.ok(!namesOrder(words, "1001"), words);
});
