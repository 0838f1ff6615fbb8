/** What the check of the help pages reports. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import type { SourcePage } from "#core/contracts/knowledge.ts";
import { DAY_MS } from "#core/values/moment.ts";
import { openPages } from "#knowledge/index.ts";
import { checkPages } from "#knowledge/lint/check-pages.ts";
import { recordProblem, recordReading } from "#knowledge/sources/source-rows.ts";
import { sql } from "#store/db/drizzle.ts";
import { traceWith } from "#test/support/fixtures/traces.ts";
import { saveTrace } from "#test/support/stored-rows.ts";
import { addHelpSource, emptyStore, listeningLog } from "#test/knowledge/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const clock = { now: () => NOW };

function page(id: string, text: string, more: Partial<SourcePage> = {}): SourcePage {
  return { id, title: id.replace(/\.md$/, ""), updated: "2026-11-01", text, ...more };
}

const { store, destroy } = await emptyStore(MAIN_DATABASE);
await addHelpSource(store, NOW);
after(destroy);

describe("the check of the help pages", () => {
  const problemsOf = async (pages: readonly SourcePage[]) => {
    const log = listeningLog();
    const knowledge = await openPages({ store, clock, log, pages: [], embedder: null });
    await knowledge.take("help", pages);
    await knowledge.close();
    return checkPages(store, { now: NOW, days: 90, linkHosts: ["a.test"] });
  };

  test("finds nothing wrong with pages that agree", async () => {
    assert.deepEqual(await problemsOf([page("returns.md", "You have 30 days to return it.")]), []);
  });

  test("names the hosts to which no reply may link", async () => {
    const text = "Read [how](https://evil.example/how) and https://a.test/x, or README.md.";
    const problems = await problemsOf([page("returns.md", text)]);
    assert.deepEqual(
      problems.map(({ kind, grade, pages }) => [kind, grade, ...pages]),
      [["barred link", "hint", "help/returns.md"]],
    );
    assert.match(problems[0]?.said ?? "", /^evil\.example is not on the list of hosts for links/);
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

  test("names a page that no question found, but none that is for the team", async () => {
    const attributes = { "gen_ai.tool.name": "search_faq", "deskhand.found": "returns" };
    const startedAt = NOW.toISOString();
    const span = { name: "execute_tool search_faq", startedAt, durationMs: 1, attributes };
    await store.run(async (transaction) => {
      await transaction.execute(sql`insert into conversation (id, channel, created_at, updated_at)
        values ('c_1', 'email', now(), now())`);
      const ids = { request_id: "t_1", conversation_id: "c_1", started_at: startedAt };
      await saveTrace(transaction, traceWith({ ...ids, spans: [span] }));
    });
    const problems = () =>
      problemsOf([
        page("returns.md", "You have 30 days to return it."),
        page("gifts.md", "We wrap presents."),
        page("macro.md", "Sorry about that.", { audience: "team" }),
      ]);
    assert.deepEqual(await problems(), [], "nothing is said in the first days");
    const earlier = new Date(NOW.getTime() - 8 * DAY_MS).toISOString();
    await store.run((transaction) =>
      transaction.execute(sql`update turn set started_at = ${earlier}`),
    );
    assert.deepEqual(
      (await problems()).map(({ kind, pages }) => [kind, ...pages]),
      [["never found", "help/gifts.md"]],
    );
    await store.run((transaction) => transaction.execute(sql`delete from turn`));
  });

  test("says that a source is gone once it could not be read for days", async () => {
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
