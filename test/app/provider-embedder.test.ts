/** Embeddings of a provider, asked at the wire. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import { PRICES } from "#agent/prices.ts";
import { providerEmbedder } from "#app/knowledge.ts";
import { readConfig } from "#config/environment.ts";
import { openPages } from "#knowledge/index.ts";
import { countingEmbedder, emptyStore, listeningLog, never, page } from "#test/knowledge/bench.ts";
import { json, provider } from "#test/support/model-provider.ts";

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
  const server = await provider(context, (body, response, request) => {
    assert.equal(request.url, "/v1/embeddings");
    if (broken.is) return json(response, 401, { error: { message: "no" } });
    const one = Asked.parse(JSON.parse(body));
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
  return { asked, broken, embedder, lines, server };
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
  const { store, destroy } = await emptyStore("pglite");
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
