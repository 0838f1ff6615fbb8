/** For whom a help page is and how long it holds: who finds it, and what the model never sees. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { z } from "zod";
import type { Asking, Knowledge } from "#core/contracts/knowledge.ts";
import { documentReader } from "#knowledge/documents/reading-thread.ts";
import { openPages } from "#knowledge/index.ts";
import { readFolder } from "#knowledge/sources/folder-source.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { searchFaq } from "#tools/search-faq.ts";
import { contextOf } from "#test/tools/tool-bench.ts";
import { emptyStore, listeningLog, never } from "./bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const TODAY = new Date("2026-11-22T12:00:00Z");

/** Pages as a folder source reads them from these files, by the fields each begins with. */
async function shelf(context: TestContext, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "deskhand-attributes-"));
  for (const [name, fields] of Object.entries(files))
    writeFileSync(
      join(folder, `${name}.md`),
      `---\n${fields}\n---\nThe parcel of ${name} costs nine dollars.\n`,
    );
  const { store, destroy } = await emptyStore(MAIN_DATABASE);
  const reader = documentReader();
  const reading = await readFolder(folder, reader, { signal: never, progress: () => undefined });
  await reader.close();
  const clock = { now: () => TODAY };
  const open = () =>
    openPages({ store, clock, log: listeningLog(), pages: [], embedder: null, sources: ["help"] });
  const knowledge = await open();
  await knowledge.take("help", reading.pages);
  await knowledge.reload();
  context.after(async () => {
    await knowledge.close();
    await destroy();
    rmSync(folder, { recursive: true });
  });
  const find = async (asking: Asking) => {
    const found = await knowledge.search("what does the parcel cost", 20, never, asking);
    return found
      .map(({ id, caution = "" }) =>
        `${/\/(?<name>\w+)/.exec(id)?.groups?.["name"]} ${caution}`.trim(),
      )
      .toSorted((one, other) => (one < other ? -1 : 1));
  };
  return { store, knowledge, find, reading };
}

test("a customer's question finds the pages for customers that hold today; a teammate's finds all, with the reason", async (context) => {
  const { find } = await shelf(context, {
    plain: "title: Plain",
    public: "audience: customers",
    secret: "audience: team",
    past: "valid_until: 2026-11-21",
    lastday: "valid_until: 2026-11-22",
    firstday: "valid_from: 2026-11-22",
    future: "valid_from: 2026-11-23",
    lamps: "brand: lamps",
  });
  assert.deepEqual(await find({}), ["firstday", "lastday", "plain", "public"]);
  assert.deepEqual(await find({ reader: "customer", brand: "lamps" }), [
    "firstday",
    "lamps",
    "lastday",
    "plain",
    "public",
  ]);
  assert.deepEqual(await find({ reader: "teammate" }), [
    "firstday",
    "future holds from 2026-11-23",
    "lamps",
    "lastday",
    "past held until 2026-11-21",
    "plain",
    "public",
    "secret for the team alone",
  ]);
});

test("what a site generator keeps from readers is left out, with its field as the reason", async (context) => {
  const { find, reading } = await shelf(context, {
    ready: "draft: false\npublished: true",
    dated: "published: 2026-11-01",
    draft: "draft: true",
    withheld: "published: false",
    unlisted: "unlisted: true",
    hidden: "hidden: true",
  });
  assert.deepEqual(await find({ reader: "teammate" }), ["dated", "ready"]);
  const reasons = reading.leftOut.map(({ reason }) => reason).toSorted();
  assert.deepEqual(
    reasons,
    ["draft is true", "hidden is true", "published is false", "unlisted is true"].map(
      (what) => `its field ${what}`,
    ),
  );
});

test("what a page says of itself is stored, and each change of it counts one version more", async (context) => {
  const { store, knowledge, reading } = await shelf(context, {
    fees: "lang: pt_BR\nbrands: [lamps, chairs]\naudience: team\nvalid_from: 2026-01-01\nvalid_until: 2027-01-01\nowner: Ann of Returns",
  });
  const stored = () =>
    store.run((transaction) =>
      rowsOf(
        transaction,
        z.record(z.string(), z.unknown()),
        sql`select language, brands, audience, valid_from::text as first, valid_until::text as last, owner, version
            from help_page where source = 'help'`,
      ),
    );
  const row = {
    language: "pt-br",
    brands: ["lamps", "chairs"],
    audience: "team",
    first: "2026-01-01",
    last: "2027-01-01",
    owner: "Ann of Returns",
    version: 1,
  };
  assert.deepEqual(await stored(), [row]);
  await knowledge.take("help", reading.pages);
  assert.deepEqual(await stored(), [row]);
  await knowledge.take(
    "help",
    reading.pages.map((page) => ({ ...page, audience: "customers" as const })),
  );
  assert.deepEqual(await stored(), [{ ...row, audience: "customers", version: 2 }]);
});

test("a page that becomes the team's own is found no more by a process that read it before", async (context) => {
  const { knowledge, find, reading } = await shelf(context, { fees: "title: Fees" });
  assert.deepEqual(await find({}), ["fees"]);
  await knowledge.take(
    "help",
    reading.pages.map((page) => ({ ...page, audience: "team" as const })),
  );
  await knowledge.reload();
  assert.deepEqual(await find({}), []);
});

test("the model's search tool asks as a customer, tells the best of each page from what stands around, and drops what a search gives it with a caution", async () => {
  const asked: Asking[] = [];
  const knowledge: Knowledge = {
    async search(_query, _limit, _signal, asking = {}) {
      asked.push(asking);
      const passage = { title: "Fees", url: "", text: "Nine dollars.", score: 0.9 };
      return [
        { ...passage, id: "team#top", caution: "for the team alone" },
        { ...passage, id: "fees#top" },
        { ...passage, id: "customs#top" },
        { ...passage, id: "fees#when" },
      ];
    },
  };
  const result = await searchFaq({ knowledge }).run({ queries: ["fees"] }, contextOf());
  const Ids = z.array(z.object({ id: z.string() }));
  assert.deepEqual(z.object({ hits: Ids, around: Ids }).parse(result), {
    hits: [{ id: "fees#top" }, { id: "customs#top" }],
    around: [{ id: "fees#when" }],
  });
  assert.deepEqual(
    asked.map(({ reader, brand }) => ({ reader, brand })),
    [{ reader: undefined, brand: undefined }],
  );
});
