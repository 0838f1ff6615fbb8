/** How customers ask for a section, and what no page answers, as owners write them into a page's fields. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withEmptyStore } from "#evals/knowledge/empty-store.ts";
import { openPages } from "#knowledge/index.ts";
import { parsedPage } from "#knowledge/pages.ts";
import { never } from "./bench.ts";

const FIELDS = "title: Gifts\nurl: https://help.example/gifts\nupdated: 2026-01-01";
const TEXT = "## Wrapping\n\nIt costs 3.50 USD.\n\n## Cards\n\nThey hold for 3 years.";
const WORDINGS = [
  "asked:",
  "  Wrapping: [make it pretty with a ribbon]",
  "  Cards: [voucher runs out]",
  "unanswered: [flowers and balloons]",
].join("\n");

function search(fields: string, question: string) {
  const pages = [parsedPage("gifts.md", `---\n${fields}\n---\n${TEXT}`)];
  return withEmptyStore(async ({ store, log }) => {
    const knowledge = await openPages({ store, log, pages, embedder: null });
    try {
      return await knowledge.search(question, 2, never);
    } finally {
      await knowledge.close();
    }
  });
}

test("a section is found by how customers ask for it, and their words are in no passage", async () => {
  const asked = `${FIELDS}\n${WORDINGS}`;
  const [ribbon, ...others] = await search(asked, "pretty ribbon");
  assert.equal(ribbon?.id, "gifts#wrapping");
  assert.ok(!JSON.stringify([ribbon, ...others]).includes("ribbon"));
  assert.equal((await search(asked, "does my voucher run out"))[0]?.id, "gifts#cards");
  assert.deepEqual(await search(FIELDS, "pretty ribbon"), []);
});

test("a question that is like what no page answers has less of a chance, and finds no passage by that", async () => {
  const question = "pretty wrapping with flowers and balloons";
  const [named] = await search(`${FIELDS}\n${WORDINGS}`, question);
  const [other] = await search(`${FIELDS}\n${WORDINGS}`, "pretty wrapping");
  assert.equal(named?.id, "gifts#wrapping");
  assert.ok((named?.score ?? 1) < (other?.score ?? 0) - 0.2, `${named?.score} ${other?.score}`);
  assert.deepEqual(await search(`${FIELDS}\n${WORDINGS}`, "balloons"), []);
});

test("what shares no word with a question says nothing of its chance, wherever it stands", async () => {
  const chance = async (fields: string) => (await search(fields, "wrapping cost"))[0]?.score;
  assert.equal(await chance(`${FIELDS}\nunanswered: [unicorns]`), await chance(FIELDS));
});
