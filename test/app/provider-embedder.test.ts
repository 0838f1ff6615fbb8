/** Embeddings of a provider, asked at the wire, and prices of models, without which no process works. */

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { PRICES, tokenCost, pricesWith } from "#agent/prices.ts";
import { providerEmbedder } from "#app/knowledge.ts";
import { readConfig } from "#config/environment.ts";
import { openPages } from "#knowledge/index.ts";
import { countingEmbedder, emptyStore, listeningLog, never, page } from "#test/knowledge/bench.ts";
import { json, provider } from "#test/support/model-provider.ts";
import { requirePrice } from "#app/current-checks.ts";
import { start } from "#app/start.ts";
import { modelsAsked } from "#config/language-model.ts";
import { silentLog } from "#test/store/bench.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const Asked = z.object({
  model: z.string(),
  input: z.array(z.string()),
  encoding_format: z.string(),
  dimensions: z.number().optional(),
});
type Asked = z.infer<typeof Asked>;

/** A vector of length 5 by what a text is about. */
function meaningOf(text: string): readonly number[] {
  return /parcel|box/i.test(text) ? [3, 4, 0] : [0, 3, 4];
}

/** A provider that gives its vectors in another order than the texts, as it may. */
async function wire(context: TestContext, setting = "openai:text-embedding-3-small:3") {
  const asked: Asked[] = [];
  const broken = { is: false };
  /** The status for the text "REFUSED". */
  const refuses = { with: 400 };
  const server = await provider(context, (body, response, request) => {
    assert.equal(request.url, "/v1/embeddings");
    if (broken.is) return json(response, 401, { error: { message: "no" } });
    const one = Asked.parse(JSON.parse(body));
    if (one.input.some((text) => text.includes("REFUSED")))
      return json(response, refuses.with, { error: { message: "no", param: "input" } });
    asked.push(one);
    const data = one.input.map((text, index) => ({ index, embedding: meaningOf(text) }));
    return json(response, 200, { data: data.toReversed(), usage: { prompt_tokens: 500_000 } });
  });
  const { environment } = readConfig({
    EMBEDDINGS: setting,
    OPENAI_API_KEY: "key-1",
    OPENAI_BASE_URL: server.url,
  });
  const lines: unknown[] = [];
  const log = {
    ...listeningLog(),
    info: (_: string, details?: unknown) => void lines.push(details),
  };
  const embedder = providerEmbedder(environment, { log, prices: PRICES });
  if (embedder === null) throw new Error("no provider");
  return { asked, broken, refuses, embedder, lines, server };
}

const PAGES = [
  page("returns", "Put it into a box and bring it to the parcel shop."),
  page("invoices", "An invoice comes by mail."),
];

test("a provider's embeddings come in the order of the texts, of length 1, and their price is told", async (context) => {
  const { asked, embedder, lines } = await wire(context);
  const vectors = await embedder.embed(["an invoice", "a parcel"]);
  assert.deepEqual(
    vectors.map((vector) => [...vector].map((number) => Number(number.toFixed(3)))),
    [
      [0, 0.6, 0.8],
      [0.6, 0.8, 0],
    ],
  );
  assert.deepEqual(asked, [
    {
      model: "text-embedding-3-small",
      input: ["an invoice", "a parcel"],
      encoding_format: "float",
      dimensions: 3,
    },
  ]);
  assert.deepEqual(lines, [
    { model: "text-embedding-3-small", texts: 2, inputTokens: 500_000, usd: 0.01 },
  ]);
  await embedder.close();
  await assert.rejects(embedder.embed(["late"]), /is closed/);
});

test("embeddings of another model are not compared: they are computed anew, and words answer meanwhile", async (context) => {
  const { store, destroy } = await emptyStore(MAIN_DATABASE);
  context.after(destroy);
  const before = await openPages({
    store,
    log: listeningLog(),
    pages: PAGES,
    embedder: countingEmbedder(),
  });
  await before.embedded();
  await before.close();
  const { asked, broken, embedder } = await wire(context);
  broken.is = true;
  const log = listeningLog();
  const changed = await openPages({ store, log, pages: PAGES, embedder });
  const [byWords] = await changed.search("an invoice", 3, never);
  assert.equal(byWords?.id, "invoices#top");
  assert.match(log.lines.join("\n"), /words alone/);
  await changed.close();

  const next = await wire(context);
  const opened = await openPages({ store, log, pages: PAGES, embedder: next.embedder });
  await opened.embedded();
  assert.deepEqual([asked.length, next.asked.length], [0, 1]);
  await opened.close();
  const again = await wire(context);
  const reopened = await openPages({ store, log, pages: PAGES, embedder: again.embedder });
  await reopened.embedded();
  assert.deepEqual(again.asked, [], "they are stored with the model's name");
  await reopened.close();
});

/** The texts that have their embedding, after two searches while this provider refuses one of them so. */
async function embeddedBeside(context: TestContext, status: number): Promise<readonly string[]> {
  const { store, destroy } = await emptyStore(MAIN_DATABASE);
  context.after(destroy);
  const { asked, refuses, embedder } = await wire(context);
  refuses.with = status;
  const pages = [page("a", "It takes three days."), page("b", "REFUSED"), page("c", "It is free.")];
  const knowledge = await openPages({ store, log: listeningLog(), pages, embedder });
  await knowledge.embedded().catch(() => undefined);
  for (const question of ["Delivery?", "Returns?"]) await knowledge.search(question, 3, never);
  await knowledge.close();
  return asked.flatMap(({ input }) => input);
}

for (const status of [400, 413, 422])
  test(`a text the provider refuses with ${status} takes the meaning of no other`, async (context) => {
    assert.deepEqual(await embeddedBeside(context, status), [
      "a",
      "a. It takes three days.",
      "c. It is free.",
      "Delivery?",
      "Returns?",
    ]);
  });

for (const status of [401, 402, 403, 404])
  test(`a provider that refuses everybody with ${status} is left alone for a while`, async (context) => {
    assert.deepEqual(await embeddedBeside(context, status), []);
  });

test("a text is not refused for good where the provider began to refuse everybody", async (context) => {
  const { store, destroy } = await emptyStore(MAIN_DATABASE);
  context.after(destroy);
  const { broken, refuses, embedder } = await wire(context);
  refuses.with = 400;
  const away = {
    ...embedder,
    async embed(texts: readonly string[]) {
      const vectors = await embedder.embed(texts);
      broken.is = true;
      return vectors;
    },
  };
  const pages = [page("a", "It takes three days."), page("b", "REFUSED")];
  const knowledge = await openPages({ store, log: listeningLog(), pages, embedder: away });
  await knowledge.embedded().catch(() => undefined);
  await assert.rejects(knowledge.embedded(), /a moment ago/);
  await knowledge.close();
});

const KEY = { OPENAI_API_KEY: "k" };

test("a process that works does not start with a model without a known price", async (context) => {
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
