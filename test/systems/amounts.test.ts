/** Amounts that a system writes in minor units are shown as money, or not at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withMoney } from "#systems/amounts.ts";

const RULE = { fields: ["paid", "parts.amount"], currency: "currency", digits: { ISK: 2 } };
const shown = (record: object): unknown => withMoney(record, { ...RULE, unit: "minor" });

test("an amount is shown with the digits of its currency, or with those that the system counts by", () => {
  for (const [currency, text] of [
    ["usd", "120.05 USD"],
    ["JPY", "12005 JPY"],
    ["kwd", "12.005 KWD"],
    ["isk", "120.05 ISK"],
  ])
    assert.deepEqual(shown({ paid: 12_005, currency }), { paid: text, currency });
  assert.deepEqual(shown({ parts: [{ amount: 1 }, { amount: null }], currency: "eur" }), {
    parts: [{ amount: "0.01 EUR" }, { amount: null }],
    currency: "eur",
  });
});

test("what is no whole number, or of no known currency, is left out rather than shown in another unit", () => {
  for (const record of [
    { paid: 12.5, currency: "usd" },
    { paid: "12,000", currency: "usd" },
    { paid: 12_000, currency: "dollars" },
    { paid: 12_000, currency: null },
    { paid: 12_000 },
  ])
    assert.deepEqual(shown(record), { ...record, paid: null });
  assert.deepEqual(shown({ currency: "usd" }), { currency: "usd" });
});

test("decimals are shown with the digits of their currency, and stay as they are where they have no such form", () => {
  const decimals = (record: object): unknown => withMoney(record, { ...RULE, unit: "decimal" });
  for (const [paid, currency, text] of [
    ["49.00", "EUR", "49.00 EUR"],
    ["120.0", "USD", "120.00 USD"],
    [12_000, "JPY", "12000 JPY"],
    ["-10.00", "EUR", "-10.00 EUR"],
    ["0.1255", "EUR", "0.1255"],
    ["49.00", null, "49.00"],
  ])
    assert.deepEqual(decimals({ paid, currency }), { paid: text, currency });
});
