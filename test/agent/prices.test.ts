import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenCost, PRICES, pricesWith } from "#agent/prices.ts";

test("cost is dollars for a million tokens of each kind; the rehearsal rules cost nothing", () => {
  assert.equal(tokenCost(PRICES, "gpt-4o", { input: 1_000_000, output: 100_000 }), 3.5);
  assert.equal(tokenCost(PRICES, "rehearsal", { input: 1_000, output: 1_000 }), 0);
});

test("a model that is not listed has no known cost, whatever its name", () => {
  for (const model of ["another-model", "gpt-4o-2099", "", "constructor", "__proto__"])
    assert.equal(tokenCost(PRICES, model, { input: 1, output: 1 }), null, model);
});

test("a dated snapshot and a router's name find the price of their model, and an own price comes first", () => {
  const tokens = { input: 1_000_000, output: 0 };
  for (const name of ["gpt-4.1-2025-04-14", "openai/gpt-4.1", "openai/gpt-4.1-2025-04-14"])
    assert.equal(tokenCost(PRICES, name, tokens), 2, name);
  const own = pricesWith(PRICES, [
    { model: "support", price: "0.5,0.05,4" },
    { model: "support", price: "9,9,9" },
    { model: "reader" },
  ]);
  assert.equal(
    tokenCost(own, "support", { input: 1_000_000, cached: 500_000, output: 1_000_000 }),
    4.275,
  );
  assert.equal(tokenCost(own, "gpt-4.1", tokens), 2);
});
