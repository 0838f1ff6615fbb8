/** Help pages in several processes: what one of them saves or switches off, the others know at once. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { hearingOfChanges, pageShelf } from "#app/knowledge.ts";
import {
  switchOff,
  switchOn,
  writePage,
  type PageText,
  type PageWriter,
} from "#jobs/knowledge/pages.ts";
import { openPages, type OpenKnowledge } from "#knowledge/index.ts";
import { addSource, removeSource } from "#knowledge/sources/read-source.ts";
import { openStore, type Store } from "#store/db/database.ts";
import { WRITTEN } from "#store/knowledge/page-notes.ts";
import { migratedDatabase, NOW, silentLog } from "#test/store/bench.ts";
import { DATABASES, MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { temporaryFolder } from "#test/support/temporary-folder.ts";

const LEA: PageWriter = { email: "lea@ourshop.test", pseudonym: async () => "a pseudonym" };
const SKATES = {
  title: "Skates",
  url: "",
  body: "We sharpen skates in Hamburg.",
  language: "",
  brands: [],
  audience: "customers" as const,
  validFrom: null,
  validUntil: null,
  owner: "",
  labels: [],
  note: "",
};

async function searching(context: TestContext, store: Store): Promise<OpenKnowledge> {
  const clock = { now: () => NOW };
  const opened = await openPages({
    store,
    log: silentLog,
    pages: [],
    embedder: null,
    sources: [WRITTEN],
    clock,
  });
  const knowledge = hearingOfChanges(store, silentLog, opened);
  context.after(() => knowledge.close());
  return knowledge;
}

async function finds(knowledge: OpenKnowledge, question: string): Promise<boolean> {
  const found = await knowledge.search(question, 3, new AbortController().signal);
  return found.length > 0;
}

for (const kind of DATABASES)
  test(`a page that is written or switched in one process is found or not in another one, on ${kind}`, async (context) => {
    const database = await migratedDatabase(kind);
    context.after(() => database.close());
    const { store, databaseUrl } = database;
    const folder = temporaryFolder(context);
    const elsewhere =
      databaseUrl === null ? store : await openStore({ databaseUrl, folder, log: silentLog });
    if (elsewhere !== store) context.after(() => elsewhere.close());
    const other = await searching(context, elsewhere);
    const own = await searching(context, store);
    const shelf = pageShelf({ store, clock: { now: () => NOW }, knowledge: own, helpCenter: null });

    const name = await writePage(shelf, SKATES, { by: LEA, replaces: null });
    assert.equal(await finds(own, "sharpen skates"), true);
    await until("the other process to know it", () => finds(other, "sharpen skates"));

    const slug = `${WRITTEN}/${name}`;
    await switchOff(shelf, { slug, reason: "Wrong", by: LEA });
    assert.equal(await finds(own, "sharpen skates"), false);
    await until("it to be off there", async () => !(await finds(other, "sharpen skates")));
    await switchOn(shelf, { slug, by: LEA });
    await until("it to be on there", () => finds(other, "sharpen skates"));

    const pages = temporaryFolder(context);
    writeFileSync(join(pages, "sledges.md"), "# Sledges\n\nWe hire out sledges.\n");
    const source = { name: "hire", kind: "folder", location: pages, isLocal: false } as const;
    const reader = { store, clock: { now: () => NOW }, knowledge: own };
    await addSource(reader, source, () => undefined);
    await until("the added folder to be known there", () => finds(other, "sledges"));
    await removeSource(reader, "hire");
    await until("it to be gone there", async () => !(await finds(other, "sledges")));
  });

test("a new page that is saved again after a lost answer is one page; another text under its title is another", async (context) => {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store } = database;
  const knowledge = await searching(context, store);
  const shelf = pageShelf({ store, clock: { now: () => new Date() }, knowledge, helpCenter: null });
  const save = (text: PageText = SKATES, email = LEA.email) =>
    writePage(shelf, text, { by: { ...LEA, email }, replaces: null });
  const name = await save();
  assert.equal(await save(), name);
  const changed = { ...SKATES, labels: ["blades"] };
  const other = await save(changed);
  assert.notEqual(other, name);
  assert.equal(await save(changed), other);
  assert.ok(![name, other].includes(await save(SKATES, "another@lead.test")));
  await switchOff(shelf, { slug: `${WRITTEN}/${other}`, reason: "Wrong", by: LEA });
  assert.notEqual(await save(changed), other);
});

test("saving at the same time leaves the newest texts of all writers searchable", async (context) => {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store } = database;
  const knowledge = await searching(context, store);
  const shelf = pageShelf({ store, clock: { now: () => NOW }, knowledge, helpCenter: null });
  const words = ["anchor", "birch", "copper", "dahlia", "ember"];
  await Promise.all(
    words.map((word) =>
      writePage(shelf, { ...SKATES, title: word, body: word }, { by: LEA, replaces: null }),
    ),
  );
  for (const word of words) assert.equal(await finds(knowledge, word), true, word);
});
