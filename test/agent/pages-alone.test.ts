/** What a turn makes of the chance with which a page was found, where nothing but pages backs its reply. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryShop } from "#test/support/fixtures/memory-shop.ts";
import { CAPS, TODAY } from "#test/support/fixtures/turns.ts";
import { allTools } from "#tools/index.ts";
import { calls, lastTold, play, reply, STATUS } from "./play.ts";

/** Plays a turn that searches, finds one page of this chance, and answers from it. */
function answeredFrom(score: number, caps: Partial<typeof CAPS> & { pagesMin?: number } = {}) {
  const found = {
    id: "p#one",
    title: "Sizes",
    url: "https://help.ourshop.test/p",
    text: "S",
    score,
  };
  const tools = allTools({ shop: memoryShop(TODAY), knowledge: { search: async () => [found] } });
  const search = { name: "search_faq", input: { queries: ["Does Linux run on it?"] } };
  const steps = [calls(search), calls(reply("I see."))];
  return play(steps, { tools, caps: () => ({ ...CAPS, ...caps }) });
}

test("passages of which no page is likely to answer say so below them, and those of one that is do not", async () => {
  assert.match(
    lastTold((await answeredFrom(0.13)).requests),
    />>\nNo page is likely to answer this\.$/,
  );
  assert.match(lastTold((await answeredFrom(0.45)).requests), />>$/);
});

test("an answer from pages alone needs the chance that the policy demands of them", async () => {
  const end = async (caps: Parameters<typeof answeredFrom>[1]) =>
    (await answeredFrom(0.6, caps)).result.ending.kind;
  assert.equal(await end({ pagesMin: 0.7 }), "escalate");
  assert.equal(await end({ pagesMin: 0.5 }), "reply");
  assert.equal(await end({}), "reply");
});

test("a page that nothing reads is one that may help, unless it is found with a chance that surely answers", async () => {
  const doubts = async (score: number, caps: Parameters<typeof answeredFrom>[1]) =>
    (await answeredFrom(score, caps)).result.passages.map(({ doubt }) => doubt);
  const doubt = "it may help, but nothing has read whether it answers";
  assert.deepEqual(await doubts(0.95, { pagesMin: 0.5 }), [doubt]);
  assert.deepEqual(await doubts(0.96, { pagesMin: 0.5 }), [undefined]);
  assert.deepEqual(await doubts(0.6, {}), [undefined]);
});

test("no page is in doubt where a record backs the answer beside it", async () => {
  const found = { id: "p#one", title: "Sizes", url: "", text: "S", score: 0.6 };
  const tools = allTools({ shop: memoryShop(TODAY), knowledge: { search: async () => [found] } });
  const search = { name: "search_faq", input: { queries: ["Where is it?"] } };
  const { result } = await play([calls(search), calls(STATUS), calls(reply("Processing."))], {
    tools,
    caps: () => ({ ...CAPS, pagesMin: 0.5 }),
  });
  assert.deepEqual(
    result.passages.map(({ doubt }) => doubt),
    [undefined],
  );
});
