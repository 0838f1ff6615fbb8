/** The console's pages about the team's work as a whole: hand-overs, numbers, policy, audit and health. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { connectionBoard } from "#core/connection/connection-board.ts";
import { sql } from "#store/db/drizzle.ts";
import { post, startPages, type PagesBench } from "#test/server/pages-bench.ts";
import { addCase } from "./seed.ts";

const NOW = Date.parse("2026-03-02T10:00:00Z");

const ago = (minutes: number): Date => new Date(NOW - minutes * 60_000);

describe("the console's pages about all of the work", () => {
  const board = connectionBoard({ now: () => new Date(NOW) });
  const providers: Record<string, string> = { shop: "open", slack: "closed" };
  let bench: PagesBench;
  let sam = "";
  let lea = "";
  before(async () => {
    bench = await startPages({
      sandbox: true,
      vendors: () => ({ providers, connections: board.states() }),
    });
    const { store } = bench;
    for (const id of ["1", "2"]) await addCase(store, { id, at: ago(100) });
    for (const id of ["3", "4", "5"]) await addCase(store, { id, at: ago(90), state: "approved" });
    await addCase(store, { id: "5123456789ab", at: ago(400), owner: "human" });
    sam = await bench.session("sam@ourshop.test");
    lea = await bench.session("lea@ourshop.test");
  });
  after(async () => {
    await bench.close();
  });

  const page = (path: string, cookie = sam): Promise<string> => bench.page(path, cookie);

  test("the audit is checked on demand, exported by a lead alone, and the export is an entry itself", async () => {
    assert.match(await page("/audit"), /It was not checked yet/);
    assert.equal((await post(`${bench.url}/console/audit/check`, {}, { cookie: sam })).status, 200);
    assert.match(await page("/audit"), /✓ Whole/);
    const exported = (name: string, cookie: string): Promise<Response> =>
      fetch(`${bench.url}/console/audit/export.${name}`, { headers: { cookie } });
    assert.equal((await exported("csv", sam)).status, 403);
    const csv = await exported("csv", lea);
    assert.match(csv.headers.get("content-disposition") ?? "", /audit-2026-03-02\.csv/);
    const lines = (await csv.text()).trim().split("\r\n");
    assert.equal(lines[0], "seq,at,kind,data,previous,hash");
    assert.match(lines.at(-1) ?? "", /"audit_exported"/);
    const rows = (await (await exported("jsonl", lea)).text()).trim().split("\n");
    assert.equal(rows.length, lines.length);
    assert.equal(z.object({ seq: z.number() }).parse(JSON.parse(rows[0] ?? "")).seq, 1);
    await bench.store.run((transaction) =>
      transaction.execute(
        sql`update audit set data = '{"by":"another"}' where kind = 'audit_exported'`,
      ),
    );
    await post(`${bench.url}/console/audit/check`, {}, { cookie: sam });
    assert.match(await page("/audit"), /✗ Broken at entry \d+/);
  });

  test("while Slack's socket is away, health and every page say so", async () => {
    const socket = board.of("Slack's socket", "slack");
    socket.up();
    assert.match(await page("/health"), /Slack&#39;s socket<\/dt>\s*<dd class="ok">connected/);
    assert.doesNotMatch(await page(""), /Slack is away/);
    socket.down("ended, connecting again");
    assert.match(await page("/health"), /<dd class="bad">away: ended, connecting again/);
    assert.match(await page(""), /Slack is away \(Slack&#39;s socket: ended, connecting again\)/);
    socket.end();
    assert.doesNotMatch(await page(""), /Slack is away/);
    providers["slack"] = "open";
    assert.match(await page(""), /Slack is away \(it does not answer\)/);
    providers["slack"] = "closed";
  });

  test("the page of the policy lists each tool with its rules and what failed last", async () => {
    await bench.store.run((transaction) =>
      transaction.execute(
        sql`insert into effect (key, conversation_id, bundle, position, target, operation, action, facts, request_digest, state, error, approved_by, not_before, created_at)
            select 'failed', id, 'b', 0, 'shop', 'refund', null, '{"v":1,"data":[]}', '', 'failed', 'the shop said no', 'policy', now(), now()
            from conversation limit 1`,
      ),
    );
    assert.match(
      await page("/policy"),
      /issue_refund<[^]*built in[^]*proposes refund[^]*level 2 and above[^]*above 1000\.00 USD: it is refused[^]*Failed [^]*: the shop said no</,
    );
  });

  test("health shows what is away, and only a lead resumes a pause", async () => {
    const text = await page("/health");
    assert.match(text, /away, left alone for a while/);
    await post(
      `${bench.url}/console/pause`,
      { paused: true, scope: "topic:refund" },
      { cookie: sam },
    );
    assert.doesNotMatch(await page("/health"), /data-resume/);
    assert.match(await page("/health"), /kept 90 days[^]*kept 24 months[^]*It has not run yet\./);
    assert.match(await page("/health", lea), /data-resume="topic:refund"/);
    assert.match(await page(""), /Paused: refund, by Somebody/);
    await post(
      `${bench.url}/console/pause`,
      { paused: false, scope: "topic:refund" },
      { cookie: lea },
    );
  });
});
