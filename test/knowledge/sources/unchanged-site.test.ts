/** A site that does not date its pages is the same on the next day when nothing on it changed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { openPages } from "#knowledge/index.ts";
import { addSource, readAgain } from "#knowledge/sources/read-source.ts";
import { keepComparison } from "#knowledge/lint/read-contradictions.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { sharedDatabase, NOW } from "#test/store/bench.ts";
import { countingEmbedder, listeningLog } from "#test/knowledge/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { listen } from "#test/support/http-front.ts";

const PAGES: Readonly<Record<string, string>> = {
  "/help/": `<h1>Help</h1><a href="one">one</a> <a href="two">two</a>`,
  "/help/one": "<h1>Returns</h1><p>Who returns a product pays for the parcel.</p>",
  "/help/two": "<h1>Free of charge</h1><p>Sending goods back costs you nothing with us.</p>",
};

const Stored = z.object({
  slug: z.string(),
  hash: z.string(),
  version: z.int(),
  compared: z.boolean(),
  embedded: z.boolean(),
  contradictions: z.int(),
});
type Stored = z.infer<typeof Stored>;

test("what was found between two pages of it still holds after it was read again", async (context) => {
  let dated: string | null = null;
  const { url, close } = await listen((request, response) => {
    const body = PAGES[request.url ?? ""];
    const headers = {
      "content-type": "text/html",
      ...(dated === null ? {} : { "last-modified": dated }),
    };
    response.writeHead(body === undefined ? 404 : 200, headers);
    response.end(body === undefined ? "" : `<html><body><main>${body}</main></body></html>`);
  });
  const { opened: database } = await sharedDatabase(MAIN_DATABASE);
  const { store } = database;
  const embedder = countingEmbedder();
  const knowledge = await openPages({ store, log: listeningLog(), pages: [], embedder });
  context.after(async () => {
    await close();
    await knowledge.close();
    await database.close();
  });
  const reader = { store, clock: { now: () => new Date() }, knowledge };
  const location = `${url}/help/`;
  const given = { name: "help", kind: "site", location, isLocal: true } as const;
  context.mock.timers.enable({ apis: ["Date"], now: NOW.getTime() });
  await addSource(reader, given, () => undefined);
  await knowledge.embedded();

  const state = () =>
    store.run((transaction) =>
      rowsOf(
        transaction,
        Stored,
        sql`select page.slug, hash, version, coalesce(compare_at = 'infinity', false) as compared,
                   exists (select from help_passage p where p.slug = page.slug and embedding is not null) as embedded,
                   (select count(*)::int from page_contradiction) as contradictions
            from help_page page order by page.slug`,
      ),
    );
  const [, first, second] = await state();
  assert.ok(first && second);
  const passage = (slug: string) =>
    store.run(async (transaction) => {
      const [row] = await rowsOf(
        transaction,
        z.object({ id: z.string() }),
        sql`select id from help_passage where slug = ${slug} limit 1`,
      );
      return row?.id ?? "";
    });
  await keepComparison(store, first, [
    {
      one: await passage(first.slug),
      oneSentence: "Who returns a product pays for the parcel.",
      other: await passage(second.slug),
      otherSentence: "Sending goods back costs you nothing with us.",
    },
  ]);
  for (const one of await state()) await keepComparison(store, one, []);
  const before = await state();
  assert.ok(before.every(({ compared, contradictions }) => compared && contradictions === 1));
  assert.ok(before.every(({ embedded }) => embedded));

  context.mock.timers.setTime(NOW.getTime() + 24 * 60 * 60_000);
  await readAgain(reader, "help", false);
  assert.deepEqual(await state(), before);

  // Its server now dates every page by the day on which it is asked for.
  dated = "Wed, 25 Nov 2026 08:00:00 GMT";
  await readAgain(reader, "help", false);
  const kept = ({ slug, compared, embedded, contradictions }: Stored) => ({
    slug,
    compared,
    embedded,
    contradictions,
  });
  assert.deepEqual((await state()).map(kept), before.map(kept));
});
