import assert from "node:assert/strict";
import { test } from "node:test";
import { costOf, priceOf, PRICES, pricesWith } from "#agent/prices.ts";
import { DEFAULT_MODEL } from "#config/language-model.ts";

test("the price table says of which day it is and where it was read", () => {
  assert.match(PRICES.asOf, /^\d{4}-\d{2}-\d{2}$/);
  assert.ok(Date.parse(PRICES.asOf) > 0);
  assert.equal(new URL(PRICES.source).protocol, "https:");
});

test("cost is dollars for a million tokens of each kind; the rehearsal rules cost nothing", () => {
  assert.equal(costOf(PRICES, "gpt-4o", { input: 1_000_000, output: 100_000 }), 3.5);
  assert.equal(costOf(PRICES, "rehearsal", { input: 1_000, output: 1_000 }), 0);
});

test("input the provider had kept costs what the table says for it, and the full price where it says nothing", () => {
  const tokens = { input: 1_000_000, cached: 800_000, output: 0 };
  assert.equal(costOf(PRICES, "gpt-4.1", tokens), 0.2 * 2 + 0.8 * 0.5);
  const plain = { ...PRICES, models: { own: { inputUsd: 2, outputUsd: 8 } } };
  assert.equal(costOf(plain, "own", tokens), 2);
  assert.equal(costOf(PRICES, "gpt-4.1", { ...tokens, cached: 9_000_000 }), 0.5);
});

test("a model that is not listed has no known cost, whatever its name", () => {
  for (const model of ["another-model", "gpt-4o-2099", "", "constructor", "__proto__"])
    assert.equal(costOf(PRICES, model, { input: 1, output: 1 }), null, model);
});

test("the default model has a price, and no end within ninety days of the day the table was read", () => {
  const price = priceOf(PRICES, DEFAULT_MODEL);
  assert.ok(price !== undefined);
  const daysLeft =
    (Date.parse(price.endsOn ?? "9999-12-31") - Date.parse(PRICES.asOf)) / 86_400_000;
  assert.ok(daysLeft > 90, `${DEFAULT_MODEL} ends on ${price.endsOn}`);
});

test("a dated snapshot and a router's name find the price of their model, and an own price comes first", () => {
  const tokens = { input: 1_000_000, output: 0 };
  for (const name of ["gpt-4.1-2025-04-14", "openai/gpt-4.1", "openai/gpt-4.1-2025-04-14"])
    assert.equal(costOf(PRICES, name, tokens), 2, name);
  const own = pricesWith(PRICES, [
    { model: "support", price: "0.5,0.05,4" },
    { model: "support", price: "9,9,9" },
    { model: "reader" },
  ]);
  assert.equal(
    costOf(own, "support", { input: 1_000_000, cached: 500_000, output: 1_000_000 }),
    4.275,
  );
  assert.equal(costOf(own, "gpt-4.1", tokens), 2);
});
