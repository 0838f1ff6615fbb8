/** The console's pages about help pages: reading, finding, writing, going back, switching off, and who may do what. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { z } from "zod";
import { replaceDoubts } from "#store/knowledge/page-doubts.ts";
import { offPeriods, writtenVersions } from "#store/knowledge/written-pages.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { gapsSince, recordGap } from "#store/reports/knowledge-gaps.ts";
import { addCase } from "./seed.ts";
import { REFUNDS, SKATES, TEAM_ONLY } from "./help-page-samples.ts";
import { post, startPages, type PagesBench } from "#test/server/pages-bench.ts";

const PATH = "/console/knowledge/page";

describe("the console's pages about help pages", () => {
  let bench: PagesBench;
  let sam = "";
  let lea = "";
  before(async () => {
    bench = await startPages({ sandbox: true, helpPages: [REFUNDS, TEAM_ONLY] });
    sam = await bench.session("sam@ourshop.test");
    lea = await bench.session("lea@ourshop.test");
  });
  after(async () => {
    await bench.close();
  });

  async function page(path: string, cookie = lea, status = 200): Promise<string> {
    const answer = await fetch(`${bench.url}/console/knowledge${path}`, { headers: { cookie } });
    const text = await answer.text();
    assert.equal(answer.status, status, `${path}: ${text.slice(0, 200)}`);
    return text;
  }
  const press = (path: string, body: unknown, cookie = lea, headers = {}): Promise<Response> =>
    post(`${bench.url}/console/knowledge${path}`, body, { cookie, ...headers });
  async function pressed(path: string, body: unknown): Promise<unknown> {
    const answer = await press(path, body);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text);
  }
  async function refusal(path: string, body: unknown): Promise<string> {
    const answer = await press(path, body);
    assert.equal(answer.status, 400);
    return z.object({ message: z.string() }).parse(await answer.json()).message;
  }
  /** What the real search finds for a question, as the page shows it. */
  async function found(question: string): Promise<readonly string[]> {
    const text = await page(`/search?q=${encodeURIComponent(question)}`);
    return [...text.matchAll(/<span class="meta">[^<]* · ([^<]+)<\/span/g)].map(
      ([, id = ""]) => id,
    );
  }
  async function auditOf(kind: string): Promise<readonly unknown[]> {
    const rows = await bench.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ data: z.unknown() }),
        sql`select data from audit where kind = ${kind} order by seq`,
      ),
    );
    return rows.map(({ data }) => data);
  }

  test("the list names sources and pages, and can be narrowed by words of the text, audience and state", async () => {
    const all = await page("");
    assert.match(all, /aria-current="page">\s*Help pages/);
    assert.match(all, /The program&#39;s own pages<\/a\s*>[^]*?2 pages/);
    assert.match(all, /page\/refund-policy">Refund policy</);
    assert.match(all, /Goodwill vouchers[^]*?team only/);
    assert.doesNotMatch(await page("?q=goodwill"), /Refund policy/);
    assert.match(await page("?q=cash"), /Refund policy/);
    assert.doesNotMatch(await page("?audience=team"), /Refund policy/);
    assert.match(await page("?q=nothing+of+this"), /No page fits/);
    assert.doesNotMatch(await page("", sam), /Write a page/);
  });

  test("files that a source left out are named with their reasons", async () => {
    await bench.store.run(async (transaction) => {
      await transaction.execute(
        sql`insert into knowledge_source (name, kind, location, added_at, next_read_at, read_at, left_out, problem)
            values ('help', 'folder', '/help', now(), now(), now(), 1, 'it has 2 pages now and had 9')`,
      );
      await transaction.execute(
        sql`insert into knowledge_left_out (source, id, reason) values ('help', 'scan.pdf', 'it has no text')`,
      );
    });
    assert.match(
      await page(""),
      /it has 2 pages now and had 9[^]*?source\/help#left-out">1 file left out</,
    );
    assert.match(await page("/source/help"), /scan\.pdf<\/td>\s*<td>it has no text/);
    await page("/source/nowhere", lea, 404);
  });

  test("a lead reads a source again, agrees to what goes, checks its pages, and removes it", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "deskhand-source-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const write = (id: number): void =>
      writeFileSync(join(folder, `${id}.md`), `# Bench ${id}\n\nThe bench number ${id} is oak.\n`);
    for (let id = 1; id <= 7; id += 1) write(id);
    await bench.store.run((transaction) =>
      transaction.execute(
        sql`insert into knowledge_source (name, kind, location, added_at, next_read_at)
            values ('benches', 'folder', ${folder}, now(), now() + interval '1 day')`,
      ),
    );
    await pressed("/source/benches/read", { agreed: false });
    const finds = async (file: string): Promise<boolean> =>
      (await found("bench number 7")).some((id) => id.startsWith(`benches/${file}#`));
    assert.equal(await finds("7.md"), true);
    for (let id = 3; id <= 7; id += 1) rmSync(join(folder, `${id}.md`));
    writeFileSync(join(folder, "1.md"), "You can return a bench within 30 days.\n");
    writeFileSync(join(folder, "2.md"), "You can return a bench within 14 days.\n");
    assert.doesNotMatch(await page("/source/help", sam), /Read it again/);
    assert.match(
      await refusal("/source/benches/read", { agreed: false }),
      /it has 2 pages now and had 7/,
    );
    assert.match(await page("/source/benches"), /even if many pages go/);
    await pressed("/source/benches/read", { agreed: true });
    assert.equal(await finds("7.md"), false);
    const checks = await page("/checks");
    assert.match(
      checks,
      /Contradiction[^]*within 14 days[^]*page\/benches%2F1\.md"\s*>benches\/1\.md/,
    );
    assert.deepEqual(await pressed("/source/benches/remove", {}), {
      address: "/console/knowledge",
    });
    assert.deepEqual(
      (await found("return a bench")).filter((id) => id.startsWith("benches/")),
      [],
    );
    assert.match(await refusal("/source/benches/remove", {}), /there is no source benches/);
    assert.doesNotMatch(await page("/checks"), /benches/);
  });

  test("a page is shown with its passages as answers cite them; markup in it stays text", async () => {
    const text = await page("/page/refund-policy");
    assert.match(text, /You have <b>30 days<\/b> after delivery/);
    assert.match(text, /id="refund-policy#partial-refunds"[^]*?<h2>Partial refunds<\/h2>/);
    assert.match(
      text,
      /<a href="https:\/\/help\.ourshop\.test\/items" rel="noopener noreferrer">many/,
    );
    assert.match(text, /Never &lt;b&gt;cash/);
    await page("/page/there-is-none", lea, 404);
    await page("/page/%00%2e%2e", lea, 404);
  });

  test("the search shows passages of the real search with the words that matched, and warns of pages for the team", async () => {
    const text = await page("/search?q=partial+refunds");
    assert.match(text, /words 100 % · refund-policy#partial-refunds/);
    assert.match(text, /Words alone were compared/);
    assert.match(await page("/search?q=goodwill+voucher"), /badge warn">for the team/);
    assert.match(await page("/search?q=zzzz"), /Nothing was found[^]*?new\?title=zzzz/);
  });

  test("a page that was saved is found by the next question, with what its writer said of it", async () => {
    assert.deepEqual(await found("sharpen skates"), []);
    assert.deepEqual(await pressed("/new", { ...SKATES, language: "EN", owner: "lea" }), {
      address: `${PATH}/written%2Fare-skates-repaired`,
    });
    assert.equal((await found("sharpen skates"))[0], "written/are-skates-repaired#top");
    const text = await page("/page/written%2Fare-skates-repaired");
    assert.match(text, /Written here[^]*?<dt>Language<\/dt>\s*<dd class="words">en<\/dd>/);
    assert.match(text, /Version 1, as it is now/);
    const [entry] = await auditOf("page_written");
    assert.deepEqual(Object.keys(z.object({}).loose().parse(entry)).toSorted(), [
      "by",
      "digest",
      "page",
      "version",
    ]);
  });

  test("another version replaces the text at once; its difference and the way back are in the history", async () => {
    const at = "/page/written%2Fare-skates-repaired";
    const changed = {
      ...SKATES,
      body: "We repair rollerblades only.",
      note: "No skates",
      basis: "1",
    };
    await pressed(`${at}/edit`, changed);
    assert.deepEqual(await found("Hamburg"), []);
    assert.equal((await found("rollerblades")).length, 1);
    assert.match(
      await page(`${at}?from=1&to=2`),
      /<del>We sharpen[^]*?<ins>We repair rollerblades/,
    );
    assert.match(await refusal(`${at}/edit`, changed), /changed meanwhile by lea@ourshop\.test/);

    await pressed(`${at}/return`, { version: 1 });
    assert.equal((await found("sharpen skates"))[0], "written/are-skates-repaired#top");
    assert.deepEqual(await found("rollerblades"), []);
    const versions = await bench.store.run((transaction) =>
      writtenVersions(transaction, "are-skates-repaired"),
    );
    assert.deepEqual(
      versions.map(({ version, note }) => [version, note]),
      [
        [3, "The text of version 1 again"],
        [2, "No skates"],
        [1, ""],
      ],
    );
    await refusal(`${at}/return`, { version: 3 });
    await refusal(`${at}/return`, { version: 9 });
  });

  test("two pages of one title have different names, and a form's mistakes are said", async () => {
    assert.deepEqual(await pressed("/new", { ...SKATES, body: "Another one." }), {
      address: `${PATH}/written%2Fare-skates-repaired-2`,
    });
    assert.match(await refusal("/new", { ...SKATES, title: " " }), /title/);
    assert.match(await refusal("/new", { ...SKATES, url: "javascript:alert(1)" }), /url/);
    assert.match(
      await refusal("/new", { ...SKATES, validFrom: "2026-03-02", validUntil: "2026-03-01" }),
      /end before it begins/,
    );
  });

  test("a page that is switched off is never found, whatever its source, until it is switched on again", async () => {
    assert.notDeepEqual(await found("partial refunds"), []);
    await pressed("/page/refund-policy/off", { reason: "The law changed" });
    assert.deepEqual(await found("partial refunds"), []);
    const text = await page("/page/refund-policy");
    assert.match(text, /Switched off by lea@ourshop\.test[^]*?The law changed/);
    assert.match(await page("?state=off"), /Refund policy[^]*?switched off/);
    assert.doesNotMatch(await page("?state=found"), /Refund policy/);
    assert.match(await refusal("/page/refund-policy/off", { reason: "again" }), /off already/);

    await pressed("/page/refund-policy/on", {});
    assert.notDeepEqual(await found("partial refunds"), []);
    assert.match(await refusal("/page/refund-policy/on", {}), /on already/);
    assert.match(await page("/page/refund-policy"), /Switched on again[^]*?Switched off/);
    assert.deepEqual(
      [(await auditOf("page_switched_off")).length, (await auditOf("page_switched_on")).length],
      [1, 1],
    );
  });

  test("a page that looks as if it instructed the bot says so, and a lead lets answers rest on it", async () => {
    const at = new Date("2026-02-03T10:00:00Z");
    const doubt = { slug: "refund-policy", passage: "", digest: "as it is", at };
    const reason = "its hidden text speaks to a program";
    await bench.store.run((transaction) =>
      replaceDoubts(transaction, {
        kinds: ["instructions"],
        doubts: [{ ...doubt, kind: "instructions", reason }],
        at,
      }),
    );
    assert.match(
      await page("/page/refund-policy"),
      /Its hidden text speaks to a program\.[^]*?rests/,
    );
    assert.match(await page("?state=doubt"), /Refund policy[^]*?held back/);
    assert.doesNotMatch(await page("/page/refund-policy", sam), /Let answers rest/);
    assert.equal((await press("/page/refund-policy/allow", {}, sam)).status, 403);

    await pressed("/page/refund-policy/allow", {});
    assert.match(await page("/page/refund-policy"), /lea@ourshop\.test allowed answers/);
    assert.doesNotMatch(await page("?state=doubt"), /Refund policy/);
    assert.equal((await auditOf("page_allowed")).length, 1);
    assert.match(await refusal("/page/goodwill/allow", {}), /nothing stands against/);
  });

  test("a copy of another source's page begins with its text, and saving it switches the original off", async () => {
    const form = await page("/new?copy=refund-policy");
    assert.match(form, /You have \*\*30 days\*\* after delivery\.\n\n## Partial refunds/);
    assert.match(form, /name="replaces" value="refund-policy"/);
    await pressed("/new", {
      ...SKATES,
      title: "Refund policy",
      body: "You have 60 days.\n\n## Partial refunds\n\nFor one item.",
      replaces: "refund-policy",
    });
    assert.deepEqual(await found("partial refunds"), [
      "written/refund-policy#partial-refunds",
      "written/refund-policy#top",
    ]);
    const [period] = await bench.store.run((transaction) =>
      offPeriods(transaction, "refund-policy"),
    );
    assert.equal(period?.reason, "Replaced by “Refund policy”, written here");
    await refusal("/page/refund-policy/edit", { ...SKATES, basis: "1" });
    await page("/page/refund-policy/edit", lea, 404);
    await page("/new?copy=nowhere", lea, 404);
  });

  test("questions that no page answered lead to a draft, which is saved only once its reader removed the first line", async () => {
    await addCase(bench.store, { id: "aaaaaaaaaaaa", at: new Date("2026-03-01T10:00:00Z") });
    await bench.store.run((transaction) =>
      recordGap(transaction, {
        conversationId: "c_aaaaaaaaaaaa",
        messageKey: "m1",
        reason: "unanswered",
        channel: "email",
        question: "Do you deliver to Norway?",
        query: "delivery to Norway",
        pages: [],
        at: new Date("2026-03-01T10:00:00Z"),
      }),
    );
    assert.match(await page("/gaps"), /Delivery to Norway[^]*?1 question[^]*?1 without an answer/);
    assert.match(await page("/gaps", sam), /“Do you deliver to Norway\?”/);
    assert.doesNotMatch(await page("/gaps", sam), /Write this page/);
    const [gap] = await bench.store.run((transaction) => gapsSince(transaction, new Date(0)));
    assert.match(await page("/gaps?days=90"), new RegExp(`new\\?gap=${gap?.id}"`));
    const form = await page(`/new?gap=${gap?.id}`);
    assert.match(form, /value="Delivery to Norway"/);
    assert.match(form, /A draft from what teammates answered to 1 question\./);
    const [, body = ""] = /<textarea[^>]*>\n([^]*?)<\/textarea>/.exec(form) ?? [];
    const drafted = { ...SKATES, title: "Delivery to Norway", body: body.replaceAll("&gt;", ">") };
    assert.match(
      await refusal("/new", drafted),
      /the line that begins with > \*\*Draft is for you/,
    );
    await pressed("/new", { ...drafted, body: "We deliver to Norway in a week." });
    assert.equal((await found("Norway"))[0], "written/delivery-to-norway#top");
    await page("/new?gap=999", lea, 404);
    await page("/new?gap=none", lea, 404);
  });

  test("a teammate who is no lead only reads, and no other site may press", async () => {
    for (const [path, body] of [
      ["/new", SKATES],
      ["/page/written%2Fare-skates-repaired/edit", { ...SKATES, basis: "3" }],
      ["/page/written%2Fare-skates-repaired/return", { version: 1 }],
      ["/page/refund-policy/on", {}],
      ["/page/goodwill/off", { reason: "mine" }],
      ["/source/help/read", { agreed: true }],
      ["/source/help/remove", {}],
    ] as const) {
      assert.equal((await press(path, body, sam)).status, 403, path);
      assert.equal((await press(path, body, "")).status, 401, path);
      const foreign = await press(path, body, lea, { "sec-fetch-site": "cross-site" });
      assert.equal(foreign.status, 403, path);
    }
    const text = await page("/page/goodwill", sam);
    assert.doesNotMatch(text, /Switch it off|Copy to edit/);
    assert.doesNotMatch(await page("/new", sam), /<textarea/);
  });
});
