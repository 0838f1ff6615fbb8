/** Limits in dollars hold from the first turn on: a model without a known price is refused at the start. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { requirePrice } from "#app/chosen-model.ts";
import { start } from "#app/start.ts";
import { readConfig } from "#config/environment.ts";
import { silentLog } from "#test/store/bench.ts";

const KEY = { OPENAI_API_KEY: "k" };

test("a process that works does not start with a model whose price nobody knows", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "price-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const config = readConfig({ ...KEY, DESKHAND_DATA: folder, DESKHAND_MODEL: "support" });
  await assert.rejects(start({ config, log: silentLog, say: () => {} }), /DESKHAND_MODEL_PRICE/);
});

test("a list price, one's own, a router's bill and the rehearsal rules are known prices", () => {
  for (const set of [
    {},
    KEY,
    { ...KEY, DESKHAND_MODEL: "support", DESKHAND_MODEL_PRICE: "0,0,0" },
    { ...KEY, DESKHAND_MODEL: "other/model", OPENAI_BASE_URL: "https://openrouter.ai/api/v1" },
  ])
    requirePrice(readConfig({ DESKHAND_DATA: ".deskhand", ...set }));
});
