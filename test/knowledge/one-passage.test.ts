/** One passage that cannot be embedded leaves the others findable by meaning. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { DeskhandError } from "#core/values/errors.ts";
import { openPages } from "#knowledge/index.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { countingEmbedder, listeningLog, never, page } from "#test/knowledge/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

/** How often a text that was asked for is asked for again with two questions, and how much is logged then. */
async function askedFor(context: TestContext, code: "model.refused" | "model.unavailable") {
  const { opened: database } = await sharedDatabase(MAIN_DATABASE);
  const good = countingEmbedder();
  let asked = 0;
  const embedder = {
    ...good,
    embed: async (texts: readonly string[]) => {
      const isText = texts.some((text) => text.includes("REFUSED"));
      if (isText) asked += 1;
      if (isText || code === "model.unavailable") throw new DeskhandError(code, "not now");
      return good.embed(texts);
    },
  };
  const log = listeningLog();
  const pages = [page("b", "REFUSED")];
  const knowledge = await openPages({ store: database.store, log, pages, embedder });
  context.after(async () => {
    await knowledge.close();
    await database.close();
  });
  await knowledge.embedded().catch(() => undefined);
  const before = asked;
  for (const question of ["Delivery?", "Returns?"]) await knowledge.search(question, 3, never);
  return { asked: asked - before, lines: log.lines.length };
}

test("a lone text that is refused is not asked for again", async (context) => {
  assert.deepEqual(await askedFor(context, "model.refused"), { asked: 0, lines: 0 });
});

test("a text is asked for again with each question while the provider is away", async (context) => {
  assert.deepEqual(await askedFor(context, "model.unavailable"), { asked: 2, lines: 2 });
});

test("a text the provider refuses takes the meaning of no other", async (context) => {
  const { opened: database } = await sharedDatabase(MAIN_DATABASE);
  const good = countingEmbedder();
  const embedder = {
    ...good,
    embed: async (texts: readonly string[]) => {
      if (texts.some((text) => text.includes("REFUSED")))
        throw new Error("400: this input is too long");
      return good.embed(texts);
    },
  };
  const log = listeningLog();
  const pages = [
    page("a", "Delivery takes three days."),
    page("b", "REFUSED"),
    page("c", "Returns are free."),
  ];
  const knowledge = await openPages({ store: database.store, log, pages, embedder });
  context.after(async () => {
    await knowledge.close();
    await database.close();
  });
  await knowledge.search("Delivery?", 3, never);
  await knowledge.search("Returns?", 3, never);
  assert.deepEqual(log.lines, []);
  assert.ok(
    good.computed.some((text) => text.includes("three days")),
    good.computed.join(),
  );
});
