/** What the check of the help pages reports, and with which exit code. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { runCommand } from "#cli/program.ts";
import type { SourcePage } from "#core/contracts/knowledge.ts";
import { openPages } from "#knowledge/index.ts";
import { insertSource, recordProblem, recordReading } from "#knowledge/sources/source-rows.ts";
import { emptyStore, listeningLog } from "#test/knowledge/bench.ts";

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
    await bench().run((transaction) =>
      insertSource(transaction, {
        name: "help",
        kind: "folder",
        location: "/help",
        is_local: false,
        by: "test",
        at: NOW,
      }),
    );
  });
  after(() => opened.destroy?.());

  const lint = async (pages: readonly SourcePage[], argv: readonly string[] = []) => {
    const store = bench();
    const knowledge = await openPages({
      store,
      clock,
      log: listeningLog(),
      pages: [],
      embedder: null,
    });
    await knowledge.take("help", pages);
    const shelf = { store, clock, knowledge };
    const result = await runCommand(
      { store, clock, status: null, appUrl: null, knowledge: async () => shelf },
      ["knowledge", "lint", ...argv],
    );
    await knowledge.close();
    return result;
  };

  test("names contradictions, expired pages and dead links as errors, with exit code 1", async () => {
    const { stdout, exitCode } = await lint([
      page("returns.md", "You can return a lamp within 30 days."),
      page("lamps/back.md", "You can return a lamp within 14 days. See [more](../returns.md)."),
      page("christmas.md", "Open until 8. Read [this](gone.md) and [that](https://a.test/x.md).", {
        validUntil: "2026-01-06",
      }),
    ]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^contradiction: help\/lamps\/back\.md#top, help\/returns\.md#top$/m);
    assert.match(stdout, /“You can return a lamp within 14 days\.” and “You can return a lamp/);
    assert.match(stdout, /^expired: help\/christmas\.md$/m);
    assert.match(stdout, /its link to gone\.md leads nowhere: there is no such file/);
    assert.match(stdout, /^3 errors, 0 hints$/m);
  });

  test("says that a source is gone once it could not be read for days", async () => {
    const store = bench();
    const read = (at: string) =>
      store.run(async (transaction) => {
        await recordReading(transaction, { name: "help", at: new Date(at), pages: 1, leftOut: [] });
        await recordProblem(transaction, "help", "/help cannot be read: no such folder");
      });
    await read("2026-11-22T00:00:00Z");
    assert.equal((await lint([page("a.md", "Text.")])).exitCode, 0);
    await read("2026-11-10T00:00:00Z");
    const { stdout, exitCode } = await lint([page("a.md", "Text.")]);
    assert.match(stdout, /help was last read on 2026-11-10: \/help cannot be read/);
    assert.equal(exitCode, 1);
  });
});
