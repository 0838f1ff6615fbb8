import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import type { Embedder } from "#knowledge/embedder.ts";
import { openPages } from "#knowledge/index.ts";
import type { Page } from "#knowledge/pages.ts";
import { rowsOf, type Store } from "#store/db/database.ts";
import { countingEmbedder, emptyStore, listeningLog, never, noEmbedder, page } from "./bench.ts";
import { DATABASES } from "#test/support/deskhand.ts";

const PAGES: readonly Page[] = [
  page("returns", "## How\n\nSend it back in a box.\n\n## When\n\nWithin thirty days.\n"),
  page("shipping", "## Costs\n\nStandard shipping is free.\n"),
];

/** One start with these pages: what had to be computed, and what a search then finds. */
async function startWith(store: Store, pages: readonly Page[], embedder: Embedder) {
  const knowledge = await openPages({ store, pages, embedder, log: listeningLog() });
  try {
    await knowledge.embedded();
    return (await knowledge.search("returns shipping box thirty free", 10, never)).map(
      ({ id, text }) => `${id}: ${text.split("\n").at(-1)}`,
    );
  } finally {
    await knowledge.close();
  }
}

async function computedBy(store: Store, pages: readonly Page[]): Promise<readonly string[]> {
  const embedder = countingEmbedder();
  const knowledge = await openPages({ store, pages, embedder, log: listeningLog() });
  await knowledge.embedded();
  await knowledge.close();
  return embedder.computed;
}

/** Changes whenever the rows of a page are written anew. */
async function rowVersions(store: Store): Promise<ReadonlyMap<string, string>> {
  const rows = await store.run((transaction) =>
    rowsOf(
      transaction,
      z.object({ slug: z.string(), version: z.string() }),
      sql`select slug, xmin::text as version from help_page`,
    ),
  );
  return new Map(rows.map(({ slug, version }) => [slug, version]));
}

for (const kind of DATABASES)
  describe(`reading the help pages in on ${kind}`, () => {
    let database: Awaited<ReturnType<typeof emptyStore>>;
    let store: Store;
    before(async () => {
      database = await emptyStore(kind);
      store = database.store;
    });
    after(() => database.destroy());
    afterEach(() =>
      store.run(
        async (transaction) => void (await transaction.execute(sql`delete from help_page`)),
      ),
    );

    test("a passage with a word of any length is embedded by its beginning", async () => {
      const [text = ""] = await computedBy(store, [page("long", `Fees. ${"x".repeat(50_000)}`)]);
      assert.match(text, /Fees\. x{3,}$/);
      assert.ok(text.length <= 4_000, `${text.length} characters`);
    });

    test("a second start with the same pages writes nothing and computes nothing", async () => {
      const first = await computedBy(store, PAGES);
      assert.deepEqual(first, [
        "returns. How. Send it back in a box.",
        "returns. When. Within thirty days.",
        "shipping. Costs. Standard shipping is free.",
      ]);
      const before = await rowVersions(store);
      assert.deepEqual(await computedBy(store, PAGES), []);
      assert.deepEqual(await rowVersions(store), before);
    });

    test("a changed page is replaced as a whole, and no other is touched", async () => {
      await computedBy(store, PAGES);
      const before = await rowVersions(store);
      const changed = [page("returns", "## How\n\nHand it in.\n"), ...PAGES.slice(1)];
      assert.deepEqual(await computedBy(store, changed), ["returns. How. Hand it in."]);
      const after = await rowVersions(store);
      assert.notEqual(after.get("returns"), before.get("returns"));
      assert.equal(after.get("shipping"), before.get("shipping"));
      const found = await startWith(store, changed, countingEmbedder());
      assert.deepEqual(found.toSorted(), [
        "returns#how: Hand it in.",
        "shipping#costs: Standard shipping is free.",
      ]);
    });

    test("what could not be computed at one start is computed at the next", async () => {
      const knowledge = await openPages({
        store,
        pages: PAGES,
        embedder: noEmbedder,
        log: listeningLog(),
      });
      await assert.rejects(knowledge.embedded(), /there are none here/);
      await knowledge.close();
      assert.equal((await computedBy(store, PAGES)).length, 3);
      assert.deepEqual(await computedBy(store, PAGES), []);
    });

    test("a search that comes before the pages are embedded waits for them", async () => {
      const gate = Promise.withResolvers<void>();
      const inner = countingEmbedder();
      const embedder: Embedder = {
        ...inner,
        async embed(texts) {
          if (texts.length > 1) await gate.promise;
          return inner.embed(texts);
        },
      };
      const log = listeningLog();
      const knowledge = await openPages({ store, pages: PAGES, embedder, log });
      const early = knowledge.search("box", 4, never);
      // Whatever the early search could do without waiting is done after a whole search that began later.
      const other = await openPages({ store, pages: PAGES, embedder: noEmbedder, log });
      await other.search("box", 4, never);
      log.lines.length = 0;
      gate.resolve();
      const found = await early;
      await knowledge.embedded();
      assert.deepEqual(found, await knowledge.search("box", 4, never));
      assert.deepEqual(log.lines, []);
      await Promise.all([knowledge.close(), other.close()]);
    });

    test("a search does not wait long for an embedder that is silent", async () => {
      await computedBy(store, PAGES);
      const embedder: Embedder = {
        ...noEmbedder,
        embed: () => Promise.withResolvers<Float32Array[]>().promise,
      };
      const log = listeningLog();
      const knowledge = await openPages({ store, pages: PAGES, embedder, log });
      const [first] = await knowledge.search("a box", 4, never);
      assert.equal(first?.id, "returns#how");
      assert.match(log.lines.join(), /words alone.*no answer within/);
      await knowledge.close();
    });

    test("two processes that start at once agree", async () => {
      await Promise.all([computedBy(store, PAGES), computedBy(store, PAGES)]);
      assert.deepEqual(await computedBy(store, PAGES), []);
    });
  });
