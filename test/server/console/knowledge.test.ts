/** The console's pages about help pages: reading, finding, writing, going back, switching off, and who may do what. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { z } from "zod";
import { replaceDoubts, recordGap } from "#store/knowledge/page-notes.ts";
import { sql } from "#store/db/drizzle.ts";
import { addCase } from "./seed.ts";
import { pdfOf } from "#test/knowledge/documents/samples.ts";
import { post, suitePages } from "#test/server/pages-bench.ts";

const REFUNDS = {
  slug: "refund-policy",
  title: "Refund policy",
  url: "https://help.ourshop.test/refund-policy",
  updated: "2026-02-01",
  text: "You have **30 days** after delivery.\n\n## Partial refunds\n\n- For one item of [many](https://help.ourshop.test/items)\n- Never <b>cash</b>\n",
};
const TEAM_ONLY = {
  slug: "goodwill",
  title: "Goodwill vouchers",
  url: "https://help.ourshop.test/goodwill",
  updated: "2026-02-01",
  audience: "team" as const,
  text: "A goodwill voucher may be worth ten euros.\n",
};
const EMPTY_FORM = {
  url: "",
  language: "",
  brands: "",
  audience: "customers",
  validFrom: "",
  validUntil: "",
  owner: "",
  labels: "",
  note: "",
  basis: "0",
  replaces: "",
};
const SKATES = {
  ...EMPTY_FORM,
  title: "Are skates repaired?",
  body: "We sharpen **skates** in Hamburg.\n\n## Price\n\nIt costs nine euros.",
};

describe("the console's pages about help pages", () => {
  const bench = suitePages({ sandbox: true, helpPages: [REFUNDS, TEAM_ONLY] });
  async function page(path: string, cookie = bench.lea, status = 200): Promise<string> {
    const answer = await fetch(`${bench.url}/console/knowledge${path}`, { headers: { cookie } });
    const text = await answer.text();
    assert.equal(answer.status, status, `${path}: ${text.slice(0, 200)}`);
    return text;
  }
  const press = (path: string, body: unknown): Promise<Response> =>
    post(`${bench.url}/console/knowledge${path}`, body, { cookie: bench.lea });
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
    const rows = await bench.rows(
      z.object({ data: z.unknown() }),
      sql`select data from audit where kind = ${kind} order by seq`,
    );
    return rows.map(({ data }) => data);
  }

  test("the list names sources and pages, and can be narrowed by words of the text, audience and state", async () => {
    const all = await page("");
    assert.match(all, /aria-current="page">\s*Help pages/);
    assert.match(all, /Built-in pages<\/a\s*>[^]*?2 pages/);
    assert.match(all, /page\/refund-policy">Refund policy</);
    assert.match(all, /Goodwill vouchers[^]*?team only/);
    assert.doesNotMatch(await page("?q=goodwill"), /Refund policy/);
    assert.match(await page("?q=cash"), /Refund policy/);
    assert.doesNotMatch(await page("?audience=team"), /Refund policy/);
    assert.match(await page("?q=nothing+of+this"), /No page matches/);
    assert.doesNotMatch(await page("", bench.sam), /Write a page/);
  });

  test("a page that is switched off is never found, whatever its source, until it is switched on again", async () => {
    assert.notDeepEqual(await found("partial refunds"), []);
    const draft = (source: string) => ({ text: "Yes.", to: "ann", sources: [source], marks: [] });
    for (const [id, source] of [
      ["c1c1", "Refund policy, as of 2 Mar 2026"],
      ["c2c2", "Refund policy of old"],
    ] as const)
      await addCase(bench.store, { id, at: new Date(), card: { draft: draft(source) } });
    const citing = () =>
      bench.rows(
        z.object({ version: z.int(), changes: z.array(z.string()) }),
        sql`select version, card -> 'changes' as changes from approval where id like 'a_c_c_' order by id`,
      );
    await pressed("/page/refund-policy/off", { reason: "The law changed" });
    const cards = await citing();
    assert.deepEqual(
      cards.map(({ version }) => version),
      [2, 1],
    );
    assert.match(cards[0]?.changes[0] ?? "", /^A help page that the draft cites was switched off/);
    const tents = { ...SKATES, title: "Are tents repaired?" };
    const { address } = z.object({ address: z.string() }).parse(await pressed("/new", tents));
    await addCase(bench.store, {
      id: "c3c3",
      at: new Date(),
      card: { draft: draft(`${tents.title} (https://help.ourshop.test/tents)`) },
    });
    const path = address.replace("/console/knowledge", "");
    await pressed(`${path}/edit`, { ...tents, body: "No more.", basis: "1" });
    const body = "Ask [them](https://evil.example/tents).";
    await pressed(`${path}/edit`, { ...tents, body, basis: "2" });
    assert.match(await page(path), /evil\.example is not on the list of hosts for links [^]*so no/);
    assert.match(
      (await citing())[2]?.changes[0] ?? "",
      /^A help page that the draft cites was changed/,
    );
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
    await bench.store.run(replaceDoubts, {
      kinds: ["instructions"],
      doubts: [{ ...doubt, kind: "instructions", reason }],
      at,
    });
    assert.match(
      await page("/page/refund-policy"),
      /Its hidden text speaks to a program\.[^]*?rests/,
    );
    assert.match(await page("?state=doubt"), /Refund policy[^]*?held back/);
    assert.doesNotMatch(await page("/page/refund-policy", bench.sam), /Let answers rest/);
    await pressed("/page/refund-policy/allow", {});
    assert.match(await page("/page/refund-policy"), /lea@ourshop\.test allowed answers/);
    assert.doesNotMatch(await page("?state=doubt"), /Refund policy/);
    assert.equal((await auditOf("page_allowed")).length, 1);
    assert.match(await refusal("/page/goodwill/allow", {}), /nothing stands against/);
  });

  test("a lead reads a source again, agrees to what goes, checks its pages, and removes it", async (context) => {
    const folder = mkdtempSync(join(tmpdir(), "deskhand-source-"));
    context.after(() => rmSync(folder, { recursive: true, force: true }));
    const write = (id: number): void =>
      writeFileSync(join(folder, `${id}.md`), `# Bench ${id}\n\nThe bench number ${id} is oak.\n`);
    for (let id = 1; id <= 7; id += 1) write(id);
    await bench.execute(
      sql`insert into knowledge_source (name, kind, location, added_at, next_read_at)
            values ('benches', 'folder', ${folder}, now(), now() + interval '1 day')`,
    );
    await pressed("/source/benches/read", { agreed: false });
    const finds = async (file: string): Promise<boolean> =>
      (await found("bench number 7")).some((id) => id.startsWith(`benches/${file}#`));
    assert.equal(await finds("7.md"), true);
    for (let id = 3; id <= 7; id += 1) rmSync(join(folder, `${id}.md`));
    writeFileSync(join(folder, "1.md"), "You can return a bench within 30 days.\n");
    writeFileSync(join(folder, "2.md"), "You can return a bench within 14 days.\n");
    assert.doesNotMatch(await page("/source/benches", bench.sam), /Read it again/);
    assert.match(
      await refusal("/source/benches/read", { agreed: false }),
      /it has 2 pages now and had 7/,
    );
    assert.match(await page("/source/benches"), /even if many pages disappear/);
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

  test("a gap leads to a new page, and to the pages that may be about it, whatever was found", async () => {
    await addCase(bench.store, { id: "gap", at: new Date() });
    const gap = { reason: "unanswered", channel: "email", query: "", at: new Date() } as const;
    for (const [messageKey, question, pages] of [
      ["m1", "Do you repair tents?", []],
      ["m2", "Which vouchers may be combined?", ["Refund policy"]],
    ] as const)
      await bench.store.run(recordGap, {
        ...gap,
        conversationId: "c_gap",
        messageKey,
        question,
        pages: [...pages],
      });
    const text = await page("/gaps");
    assert.equal(text.match(/Write this page/g)?.length, 2);
    assert.equal(text.match(/Mend its pages/g)?.length, 1);
    assert.doesNotMatch(await page("/gaps", bench.sam), /Write this page|Mend its pages/);
  });

  test("a lead uploads a PDF, whose title is its own and never its program's, and questions find it", async () => {
    const upload = (
      name: string,
      body: Buffer,
      cookie = bench.lea,
      headers = {},
    ): Promise<Response> =>
      fetch(`${bench.url}/console/knowledge/upload?name=${encodeURIComponent(name)}`, {
        method: "POST",
        headers: {
          cookie,
          "sec-fetch-site": "same-origin",
          "content-type": "application/octet-stream",
          ...headers,
        },
        body: new Uint8Array(body),
      });
    const lines = [["Canoes are rented by the hour, with two paddles each."]];
    const pdf = pdfOf(lines, "/Info<</Title(Microsoft Word - Document1)>>");
    const answer = await upload("canoe-rental.pdf", pdf);
    assert.deepEqual(await answer.json(), {
      address: "/console/knowledge/page/written%2Fcanoe-rental",
    });
    const text = await page("/page/written%2Fcanoe-rental");
    assert.match(text, /<h1>canoe rental<\/h1>/);
    assert.match(text, /Canoes are rented by the hour[^]*Uploaded: canoe-rental\.pdf/);
    assert.equal((await found("How are canoes rented?"))[0], "written/canoe-rental#top");
    const refused = await upload("damaged.pdf", Buffer.from("no pdf at all"));
    assert.match(await refused.text(), /damaged\.pdf is not used: it is damaged/);
    const large = await upload("large.txt", Buffer.alloc(5_300_000, "a"));
    assert.equal(large.status, 413);
    assert.match(await large.text(), /too large: at most 5 MB are taken/);
    for (const name of ["old.doc", "table.csv"])
      assert.match(
        await (await upload(name, Buffer.from("a;b"))).text(),
        /not read; save it as PDF, DOCX, Markdown, HTML or plain text/,
      );
    assert.equal((await upload("a.txt", pdf, bench.sam)).status, 403);
    // What is too large is not read from those who may send nothing.
    for (const [cookie, status] of [
      [bench.sam, 403],
      ["", 401],
    ] as const)
      assert.equal((await upload("a.txt", Buffer.alloc(5_300_000), cookie)).status, status);
    assert.equal(
      (await upload("a.txt", pdf, bench.lea, { "sec-fetch-site": "cross-site" })).status,
      403,
    );
    assert.equal(
      (await upload("a.txt", pdf, bench.lea, { "content-type": "text/plain" })).status,
      400,
    );
  });

  test("a teammate who is no lead only reads", async () => {
    const text = await page("/page/goodwill", bench.sam);
    assert.doesNotMatch(text, /Switch it off|Copy to edit/);
    assert.doesNotMatch(await page("/new", bench.sam), /<textarea/);
  });
});
