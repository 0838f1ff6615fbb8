/** Limits in dollars hold from the first turn on: a model without a known price is refused at the start. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenCost, pricesWith } from "#agent/prices.ts";
import { requirePrice } from "#app/current-checks.ts";
import { start } from "#app/start.ts";
import { modelsAsked } from "#config/language-model.ts";
import { readConfig } from "#config/environment.ts";
import { silentLog } from "#test/store/bench.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const KEY = { OPENAI_API_KEY: "k" };

test("a process that works does not start with a model whose price nobody knows", async (context) => {
  const folder = temporaryFolder(context);
  const config = readConfig({ ...KEY, DESKHAND_DATA: folder, DESKHAND_MODEL: "support" });
  await assert.rejects(start({ config, log: silentLog, say: () => {} }), /DESKHAND_MODEL_PRICE/);
});

test("a list price, one's own, a router's bill and the rehearsal rules are known prices", () => {
  for (const set of [
    {},
    KEY,
    { ...KEY, DESKHAND_MODEL: "support", DESKHAND_MODEL_PRICE: "0,0,0" },
    { ...KEY, DESKHAND_MODEL: "other/model", OPENAI_BASE_URL: "https://openrouter.ai/api/v1" },
    { ...KEY, DESKHAND_VERIFIER_MODEL: "reader", DESKHAND_VERIFIER_PRICE: "1,1,2" },
  ])
    requirePrice(readConfig({ DESKHAND_DATA: ".deskhand", ...set }));
});

test("the model that only reads drafts has a price of its own, since its tokens count in the same limits", () => {
  const set = { ...KEY, DESKHAND_DATA: ".deskhand", DESKHAND_VERIFIER_MODEL: "reader" };
  assert.throws(() => requirePrice(readConfig(set)), /DESKHAND_VERIFIER_PRICE: is missing/);
  const { environment } = readConfig({ ...set, DESKHAND_VERIFIER_PRICE: "1,0.5,2" });
  const prices = pricesWith(modelsAsked(environment));
  assert.equal(tokenCost(prices, "reader", { input: 1_000_000, output: 1_000_000 }), 3);
});

test("the model that gives a second opinion counts at its own price, or at that of the one it is", () => {
  const own = { ...KEY, DESKHAND_DATA: ".deskhand", DESKHAND_MODEL: "support" };
  const set = { ...own, DESKHAND_MODEL_PRICE: "2,2,2", DESKHAND_GUARD_OPINION_MODEL: "small" };
  assert.throws(() => requirePrice(readConfig(set)), /DESKHAND_GUARD_OPINION_PRICE: is missing/);
  const same = readConfig({ ...set, DESKHAND_GUARD_OPINION_MODEL: "support" });
  requirePrice(same);
  assert.equal(modelsAsked(same.environment).length, 1);
  const { environment } = readConfig({ ...set, DESKHAND_GUARD_OPINION_PRICE: "1,0.5,1" });
  const prices = pricesWith(modelsAsked(environment));
  const tokens = { input: 1_000_000, output: 1_000_000 };
  assert.deepEqual(
    ["support", "small"].map((model) => tokenCost(prices, model, tokens)),
    [4, 2],
  );
});
