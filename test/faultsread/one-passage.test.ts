/** One passage that cannot be embedded leaves the others findable by meaning. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openPages } from "#knowledge/index.ts";
import { sharedDatabase } from "#test/store/bench.ts";
import { countingEmbedder, listeningLog, never, page } from "#test/knowledge/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

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
