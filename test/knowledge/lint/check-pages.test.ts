/** What the check of the help pages reports. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { SourcePage } from "#core/contracts/knowledge.ts";
import { openPages } from "#knowledge/index.ts";
import { checkPages } from "#knowledge/lint/check-pages.ts";
import { recordProblem, recordReading } from "#knowledge/sources/source-rows.ts";
import { addHelpSource, emptyStore, listeningLog } from "#test/knowledge/bench.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const clock = { now: () => NOW };

function page(id: string, text: string, more: Partial<SourcePage> = {}): SourcePage {
  return { id, title: id.replace(/\.md$/, ""), updated: "2026-11-01", text, ...more };
}

describe("the check of the help pages", () => {
  const opened: Partial<Awaited<ReturnType<typeof emptyStore>>> = {};
  const bench = () => {
    const { store } = opened;
    assert.ok(store);
    return store;
  };
  before(async () => {
    Object.assign(opened, await emptyStore("pglite"));
    await addHelpSource(bench(), NOW);
  });
  after(() => opened.destroy?.());

  const problemsOf = async (pages: readonly SourcePage[]) => {
    const store = bench();
    const log = listeningLog();
    const knowledge = await openPages({ store, clock, log, pages: [], embedder: null });
    await knowledge.take("help", pages);
    await knowledge.close();
    return checkPages(store, { now: NOW, days: 90 });
  };

  test("finds nothing wrong with pages that agree", async () => {
    assert.deepEqual(await problemsOf([page("returns.md", "You have 30 days to return it.")]), []);
  });

  test("names contradictions, expired pages and dead links as errors", async () => {
    const problems = await problemsOf([
      page("returns.md", "You can return a lamp within 30 days."),
      page("lamps/back.md", "You can return a lamp within 14 days. See [more](../returns.md)."),
      page("christmas.md", "Open until 8. Read [this](gone.md) and [that](https://a.test/x.md).", {
        validUntil: "2026-01-06",
      }),
    ]);
    const [contradiction, expired, dead, ...more] = problems;
    assert.deepEqual(contradiction?.pages, ["help/lamps/back.md#top", "help/returns.md#top"]);
    assert.match(
      contradiction.said,
      /“You can return a lamp within 14 days\.” and “You can return/,
    );
    assert.deepEqual([expired?.kind, expired?.pages], ["expired", ["help/christmas.md"]]);
    assert.equal(dead?.said, "its link to gone.md leads nowhere: there is no such file");
    assert.deepEqual(more, []);
    assert.ok(problems.every(({ grade }) => grade === "error"));
  });

  test("says that a source is gone once it could not be read for days", async () => {
    const store = bench();
    const read = (at: string) =>
      store.run(async (transaction) => {
        await recordReading(transaction, { name: "help", at: new Date(at), pages: 1, leftOut: [] });
        await recordProblem(transaction, "help", "/help cannot be read: no such folder");
      });
    await read("2026-11-22T00:00:00Z");
    assert.deepEqual(await problemsOf([page("a.md", "Text.")]), []);
    await read("2026-11-10T00:00:00Z");
    const [gone] = await problemsOf([page("a.md", "Text.")]);
    assert.match(gone?.said ?? "", /help was last read on 2026-11-10: \/help cannot be read/);
    assert.equal(gone?.grade, "error");
  });
});
