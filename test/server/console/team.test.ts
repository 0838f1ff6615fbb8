/** The console's pages about the team's work as a whole: hand-overs, numbers, policy, audit and health. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { connectionBoard } from "#core/connection/connection-board.ts";
import { sql } from "#store/db/drizzle.ts";
import { policyChange, signal } from "#store/db/schema.ts";
import { loadPolicy } from "#policy/load-policy.ts";
import { appendAudit } from "#store/audit/audit-log.ts";
import { addJunk, restoreJunk } from "#store/conversations/junk.ts";
import { SANDBOX_POLICY } from "#test/support/real-parts.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";
import { addCase } from "./seed.ts";

const NOW = Date.parse("2026-03-02T10:00:00Z");

const SANDBOX = readFileSync(SANDBOX_POLICY, "utf8");

const ago = (minutes: number): Date => new Date(NOW - minutes * 60_000);

describe("the console's pages about all of the work", () => {
  const board = connectionBoard({ now: () => new Date(NOW) });
  const providers: Record<string, string> = { shop: "open", slack: "closed" };
  const bench = suitePages({
    sandbox: true,
    vendors: () => ({ providers, connections: board.states() }),
  });
  before(async () => {
    const { store } = bench;
    for (const id of ["1", "2"]) await addCase(store, { id, at: ago(100) });
    for (const id of ["3", "4", "5"]) await addCase(store, { id, at: ago(90), state: "approved" });
    await addCase(store, { id: "5123456789ab", at: ago(400), owner: "human" });
  });

  const page = (path: string, cookie = bench.sam): Promise<string> => bench.page(path, cookie);

  test("a hand-over says who has it once somebody took it", async () => {
    assert.match(await page("/people"), /Not taken yet[^]*data-press="take_over"/);
    await bench.store.run((transaction) =>
      transaction.insert(signal).values({
        key: "s1",
        conversationId: "c_5123456789ab",
        at: ago(5),
        payload: {
          kind: "assigned",
          key: "s1",
          at: ago(5).toISOString(),
          to: "human",
          assignee: "Dana Cole",
          actor: "Dana Cole",
          automatic: false,
        },
      }),
    );
    assert.match(await page("/people"), /🙋 Dana Cole/);
    assert.match(await page("/case/c_5123456789ab"), /Dana Cole has this case/);
    assert.doesNotMatch(await page("/people"), /data-press="take_over"/);
    assert.match(await page("/case/c_5123456789ab"), /to people: /);
  });

  test("each number opens a list that has as many rows", async () => {
    // The second was decided before these days, and changed in them when its effects were done.
    for (const [id, decidedAt] of [
      ["a_4", ago(80)],
      ["a_5", ago(9 * 24 * 60)],
    ] as const)
      await bench.execute(
        sql`update approval set edited = true, decided_at = ${decidedAt.toISOString()} where id = ${id}`,
      );
    const text = await page("/numbers?days=7");
    const figures = [
      ...text.matchAll(/<a href="(\/console\/numbers\/[^"]+)">[^<]*<\/a\s*><b>([^<]*)</g),
    ];
    assert.ok(figures.length > 10, text);
    const counted = figures.filter(([, , value = ""]) => /^\d+$/.test(value));
    assert.ok(
      counted.some(([, , value]) => value === "6"),
      "six messages came in",
    );
    assert.ok(counted.some(([, href, value]) => href?.includes("/edited?") && value === "1"));
    for (const [, href = "", value = ""] of counted) {
      const text = await page(href.replace("/console", "").replaceAll("&amp;", "&"));
      const rows = text.match(/class="what"/g) ?? [];
      assert.equal(rows.length, Number(value), href);
    }
  });

  test("five figures say in a sentence what to do, each with its list, and the rest is one level down", async () => {
    const [text = "", ...rest] = (await page("/numbers?days=7", bench.lea)).split(/<details>\s*/);
    const tiles = [...text.matchAll(/class="box figure">\s*<a href="([^"]+)"/g)];
    assert.equal(tiles.length, 5);
    for (const [, href = ""] of tiles)
      await page(href.replace("/console", "").replaceAll("&amp;", "&") || "/", bench.lea);
    assert.match(text, /Decide on these first[^]*See that each has a teammate/);
    assert.match(text, /1 of 2 drafts were edited and 0 rejected[^]*href="\/console\/lessons"/);
    assert.match(rest.join(""), /^<summary>All figures<\/summary>/);
  });

  test("junk is listed with its reason, newest first in pages, and says what was put back", async () => {
    assert.match(await page("/junk"), /Nothing was set aside/);
    const written = Array.from({ length: 45 }, (_, number) => `${number}`);
    for (const number of written)
      await addCase(bench.store, { id: `junk${number}`, at: ago(50), state: "void" });
    await bench.store.run(async (transaction) => {
      for (const number of written) {
        const row = { why: `asks ${number}`, listKey: "l" };
        const at = ago(50 - Number(number));
        await addJunk(transaction, { conversationId: `c_junk${number}`, ...row }, at);
      }
      const named = { why: "an offer", listKey: "l" };
      await addJunk(transaction, { conversationId: "c_5123456789ab", ...named }, ago(1));
      await restoreJunk(transaction, "c_junk44", ago(0));
    });
    const first = await page("/junk");
    assert.match(first, /Last warning|headphones[^]*data-press="not_junk"[^]*an offer/);
    assert.match(first, /Back at work/);
    assert.equal(first.match(/class="case-row"/g)?.length, 40);
    const next = /href="(\/console\/junk\?after=[^"]+)"/.exec(first)?.[1] ?? "";
    const rest = await page(next.replace("/console", "").replaceAll("&amp;", "&"));
    assert.equal(rest.match(/class="case-row"/g)?.length, 6);
    assert.match(rest, /asks 0 ·/);
  });

  test("the policy says what the bot can do with what failed last, what waits, and keeps its history", async () => {
    assert.match(await page("/policy"), /No change waits for agreement/);
    assert.match(await page("/policy"), /Its text is not stored yet/);
    const row = {
      source: "file" as const,
      text: SANDBOX,
      relaxations: [] as string[],
      differences: ["refund.usual.up_to: 200 → 100 <b>"],
      needs: { count: 2, leads: 2 },
      proposedAt: ago(60),
      expiresAt: ago(-600),
    };
    await bench.store.run(async (transaction) => {
      const { version } = loadPolicy(SANDBOX, "sandbox.yaml");
      await transaction.execute(
        sql`insert into effect (key, conversation_id, bundle, position, target, operation, action, facts, request_digest, state, error, approved_by, not_before, created_at)
            select 'failed', id, 'b', 0, 'shop', 'refund', null, '{"v":1,"data":[]}', '', 'failed', 'the shop said no', 'policy', now(), now()
            from conversation limit 1`,
      );
      await transaction.insert(policyChange).values([
        { ...row, id: "policy_0123456789ab", version, state: "active", activeSince: ago(50) },
        {
          ...row,
          id: "policy_1123456789ab",
          version: "v2",
          state: "proposed",
          relaxations: ["refund.usual.up_to: 200 → 500"],
        },
      ]);
    });
    const text = await page("/policy");
    assert.match(
      text,
      /issue_refund<[^]*built in[^]*proposes refund[^]*level 2 and above[^]*order_id, amount[^]*Failed [^]*: the shop said no</,
    );
    assert.match(text, /100 &lt;b&gt;/);
    const waits = await page("/part/policy", bench.lea);
    assert.match(waits, /data-card="policy_1123456789ab"/);
    assert.deepEqual(
      [...waits.matchAll(/data-press="(\w+)"/g)].map(([, name]) => name),
      ["approve", "reject"],
    );
    assert.match(await page(""), /href="\/console\/policy#policy_1123456789ab"/);
    assert.match(await page(""), /<title>\(4\) Inbox/);
  });

  test("the audit is checked on demand, and exported as a file, which is an entry itself", async () => {
    assert.match(await page("/audit"), /It was not checked yet/);
    assert.equal(
      (await post(`${bench.url}/console/audit/check`, {}, { cookie: bench.sam })).status,
      200,
    );
    assert.match(await page("/audit"), /✓ Whole/);
    const exported = (): Promise<Response> =>
      fetch(`${bench.url}/console/audit/export.csv`, { headers: { cookie: bench.lea } });
    const csv = await exported();
    assert.match(csv.headers.get("content-disposition") ?? "", /audit-2026-03-02\.csv/);
    const lines = (await csv.text()).trim().split("\r\n");
    assert.equal(lines[0], "seq,at,kind,data,previous,hash");
    assert.match(lines.at(-1) ?? "", /"audit_exported"/);
    assert.match(lines[1] ?? "", /^"1",/);
    await bench.execute(
      sql`update audit set data = '{"by":"another"}' where kind = 'audit_exported'`,
    );
    await post(`${bench.url}/console/audit/check`, {}, { cookie: bench.sam });
    assert.match(await page("/audit"), /✗ Broken at entry \d+/);
    const ofKind = (typed: string) => page(`/audit?kind=${encodeURIComponent(typed)}`);
    await bench.store.run(appendAudit, { kind: "taken over", data: {} }, new Date(NOW));
    for (const [typed, kind] of [
      ["Audit exported", "audit exported"],
      ["audit_exported", "audit exported"],
      ["taken over", "taken over"],
    ] as const) {
      const kinds = [...(await ofKind(typed)).matchAll(/<td>\s*(audit exported|taken over)\s*</g)];
      assert.deepEqual([...new Set(kinds.map(([, one]) => one))], [kind]);
    }
    assert.match(await ofKind("taken away"), /No entry of this kind/);
    // What cannot be read is told as such, and is no file that breaks off.
    const timed = (at: string) =>
      bench.execute(sql`update audit set at = ${at}::timestamptz where seq = 1`);
    await timed("infinity");
    assert.equal((await exported()).status, 500);
    await timed("2026-03-02T10:00:00Z");
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

  test("a page reads its session once", async (context) => {
    const run = context.mock.method(bench.store, "run");
    await page("/people");
    const reads = run.mock.calls.filter(({ arguments: [work] }) => work.name === "passHolder");
    assert.equal(reads.length, 1);
  });

  test("a card that Slack does not show as it is says so where it is decided", async () => {
    const shown = (): Promise<string> => page("/case/c_1");
    for (const [tries, words] of [
      [2, 0],
      [3, 1],
    ] as const) {
      await bench.execute(sql`update approval set post_attempts = ${tries} where id = 'a_1'`);
      assert.equal((await shown()).match(/Slack does not show this card/g)?.length ?? 0, words);
    }
    await bench.execute(sql`update approval set post_attempts = 0 where id = 'a_1'`);
  });

  test("health shows what is away, and only a lead resumes a pause", async () => {
    const text = await page("/health");
    assert.match(text, /away, not asked for a while/);
    await post(
      `${bench.url}/console/pause`,
      { paused: true, scope: "topic:refund" },
      { cookie: bench.sam },
    );
    assert.doesNotMatch(await page("/health"), /Resume refund/);
    assert.match(await page("/health"), /kept 90 days[^]*kept 24 months[^]*It has not run yet\./);
    assert.match(
      await page("/health", bench.lea),
      /data-body="[^"]*topic:refund[^"]*"\s*>\s*Resume refund/,
    );
    assert.match(await page(""), /Paused: refund, by Somebody/);
    await post(
      `${bench.url}/console/pause`,
      { paused: false, scope: "topic:refund" },
      { cookie: bench.lea },
    );
  });
});
