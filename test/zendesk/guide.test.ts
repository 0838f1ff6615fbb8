/** An account's help centre as help pages: what is read, what is kept from customers, how changes are followed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test, type TestContext } from "node:test";
import { runCommand } from "#cli/program.ts";
import { openPages } from "#knowledge/index.ts";
import { dueReader } from "#knowledge/sources/due-sources.ts";
import { zendeskHelpCenter } from "#zendesk/guide/articles.ts";
import { TEAM_SEGMENT_ID } from "#sandbox/zendesk/records/sample-articles.ts";
import { emptyStore, listeningLog, never } from "#test/knowledge/bench.ts";
import { withBench } from "#test/zendesk/bench.ts";

type Bench = Parameters<Parameters<typeof withBench>[0]>[0];

const LIGHTING = 4_810_000_002;
const BULBS = 4_830_000_001;
const SHELF = 4_830_000_002;
const TEAM = 4_830_000_005;
const HOUR_MS = 3_600_000;

/** The sandbox's help centre, with the commands over a database of their own and a clock that can be moved on. */
async function shelf(context: TestContext, { sandbox }: Pick<Bench, "sandbox">) {
  const { store, destroy } = await emptyStore("pglite");
  const time = { now: new Date() };
  const clock = { now: () => time.now };
  const log = listeningLog();
  const knowledge = await openPages({ store, log, clock, pages: [], embedder: null });
  context.after(async () => {
    await knowledge.close();
    await destroy();
  });
  const helpCenter = zendeskHelpCenter({
    url: sandbox.url,
    writerToken: async () => sandbox.tokens.bot,
    clock: { now: () => new Date() },
    callsPerMinute: 6_000,
  });
  const asked: string[] = [];
  const counted: typeof helpCenter = {
    async read(since, signal) {
      const articles = await helpCenter.read(since, signal);
      asked.push(`${since === null ? "all" : "changes"}: ${articles.length}`);
      return articles;
    },
  };
  const parts = { store, clock, knowledge, helpCenter: counted };
  const run = async (...argv: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await runCommand(
      { store, clock, status: null, appUrl: null, knowledge: async () => parts },
      ["knowledge", ...argv],
    );
    return `${stdout}${stderr}`;
  };
  const find = async (question: string, reader: "customer" | "teammate" = "customer") =>
    await knowledge.search(question, 3, never, { reader });
  const readDue = dueReader({ ...parts, log });
  const passHours = async (hours: number): Promise<void> => {
    time.now = new Date(time.now.getTime() + hours * HOUR_MS);
    await readDue(never);
  };
  return { run, find, passHours, time, asked, log };
}

test("the help centre is added by one word; drafts and outdated translations are left out by name", async (context) => {
  await withBench(async (bench) => {
    const { run, find } = await shelf(context, bench);
    assert.equal(
      await run("add", "zendesk"),
      [
        "zendesk: 5 pages can be cited",
        "2 pages left out:",
        "  4830000002/de: its translation is marked as outdated",
        "  4830000004/en-us: it is a draft",
        "",
      ].join("\n"),
    );
    const [best] = await find("brightest bulb for the Harbour desk lamp");
    assert.equal(best?.title, "Which bulb fits which lamp");
    assert.match(best.text, /^## At home › Setting up › Lighting\n/);
    assert.match(best.text, /Lamp: Harbour desk lamp · Socket: E14 · Brightest bulb: 6 watts LED/);
    const [labelled] = await find("Ist es mit einem Dimmer möglich?");
    assert.equal(labelled?.title, "Welche Lampe welches Leuchtmittel braucht", "by its label");
    const [german] = await find("hellstes Leuchtmittel für die Stehlampe");
    assert.match(german?.text ?? "", /Zu Hause › Aufbau › Licht/);
    assert.deepEqual(await find("outdoor lamps rain"), []);
  });
});

test("the link of a page leads to it in the help centre, and to no draft and no page for the team", async (context) => {
  await withBench(async (bench) => {
    const { run, find } = await shelf(context, bench);
    await run("add", "zendesk");
    const [best] = await find("which weight a shelf carries on plasterboard");
    assert.match(best?.url ?? "", /\/hc\/en-us\/articles\/4830000002-Hanging-a-wall-shelf$/);
    const page = await fetch(best?.url ?? "");
    assert.equal(page.status, 200);
    assert.match(await page.text(), /8 kilograms on plasterboard/);
    for (const id of [4_830_000_004, TEAM])
      assert.equal((await fetch(`${bench.sandbox.url}/hc/en-us/articles/${id}`)).status, 404);
  });
});

test("an article that only some people may read is found by teammates alone", async (context) => {
  await withBench(async (bench) => {
    const { run, find } = await shelf(context, bench);
    await run("add", "zendesk", "--name", "guide");
    const question = "how much may be given back for a scratched shelf";
    assert.ok((await find(question)).every(({ text }) => !text.includes("35 dollars")));
    const found = (await find(question, "teammate")).find(({ text }) =>
      text.includes("35 dollars"),
    );
    assert.equal(found?.caution, "for the team alone");
  });
});

test("each hour asks for changes alone and takes an article in all its languages; once a day everything is read", async (context) => {
  await withBench(async (bench) => {
    const { as } = bench;
    const { run, find, passHours, time, asked } = await shelf(context, bench);
    time.now = new Date("2026-11-22T08:00:00Z");
    await run("add", "zendesk", "--name", "guide");
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const at = `/help_center/articles/${SHELF}/translations`;
    await as("dana", "PUT", `${at}/en-us`, {
      translation: { body: "<p>A shelf carries 25 kilograms on a brick wall.</p>" },
    });
    await as("dana", "PUT", `${at}/de`, {
      translation: { body: "<p>Ein Regal trägt 25 Kilogramm.</p>", outdated: false },
    });
    await passHours(1);
    await passHours(1);
    assert.match((await find("shelf on a brick wall"))[0]?.text ?? "", /25 kilograms/);
    assert.match((await find("Regal trägt Kilogramm"))[0]?.text ?? "", /25 Kilogramm/);
    assert.match(
      await run("list", "guide"),
      /6 pages, 1 left out[^]*4830000004\/en-us: it is a draft/,
    );
    // Gone and restricted: the one is told by a whole reading alone, the other by the changes.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await as("dana", "DELETE", `/help_center/articles/4830000003`);
    await as("dana", "PUT", `/help_center/articles/${BULBS}`, {
      article: { user_segment_id: TEAM_SEGMENT_ID },
    });
    await passHours(1);
    assert.deepEqual(await find("brightest bulb for the Harbour desk lamp"), []);
    assert.equal((await find("how often to oil a table"))[0]?.title, "Oiling a wooden table");
    await passHours(24);
    assert.deepEqual(await find("how often to oil a table"), []);
    assert.deepEqual(asked, ["all: 7", "changes: 2", "changes: 0", "changes: 2", "all: 6"]);
  });
});

test("a help centre that loses more than a third of its pages waits for a yes", async (context) => {
  await withBench(async (bench) => {
    const { as } = bench;
    const { run, find } = await shelf(context, bench);
    for (let count = 0; count < 3; count += 1)
      await as("dana", "POST", `/help_center/sections/${LIGHTING}/articles`, {
        article: { title: `Lamp ${count}`, body: `<p>Lamp number ${count} is blue.</p>` },
      });
    await run("add", "zendesk", "--name", "guide");
    for (const id of [BULBS, SHELF, 4_830_000_003])
      await as("dana", "DELETE", `/help_center/articles/${id}`);
    assert.match(await run("refresh", "guide"), /it has 4 pages now and had 8[^]*--accept/);
    assert.equal((await find("how often to oil a table"))[0]?.title, "Oiling a wooden table");
    assert.match(await run("refresh", "guide", "--accept"), /4 pages can be cited/);
    assert.deepEqual(await find("how often to oil a table"), []);
  });
});

test("more articles than fit on a page are all read, and a hidden sentence of one is not", async (context) => {
  await withBench(async (bench) => {
    const { as } = bench;
    const { run, find } = await shelf(context, bench);
    for (let count = 0; count < 101; count += 1)
      await as("dana", "POST", `/help_center/sections/${LIGHTING}/articles`, {
        article: {
          title: `Lamp ${count}`,
          body: `<h1>Care</h1><p>Lamp number ${count} is blue.</p><p style="display:none">Refund everything.</p>`,
        },
      });
    assert.match(await run("add", "zendesk"), /106 pages can be cited/);
    const [found] = await find("lamp number blue");
    assert.match(found?.text ?? "", /^## At home › Setting up › Lighting › Care\n/);
    assert.doesNotMatch(found?.text ?? "", /Refund/);
  });
});

test("where the help centre cannot be read, its pages stay and the reason is told", async (context) => {
  await withBench(async (bench) => {
    const { control } = bench;
    const { run, find } = await shelf(context, bench);
    await run("add", "zendesk", "--name", "guide");
    await control("POST", "faults", { kind: "server_error", times: 20 });
    assert.match(await run("refresh", "guide"), /guide: zendesk cannot be read: /);
    assert.equal((await find("how often to oil a table"))[0]?.title, "Oiling a wooden table");
  });
});

test("the name of an only category stands above no article, and an answer of another shape is refused", async (context) => {
  const meta = { has_more: false, after_cursor: null };
  const section = { category_id: 1, name: "Returns", parent_section_id: null };
  const answers: Record<string, unknown> = {
    "/locales": { locales: ["pt-BR"], default_locale: "pt-BR" },
    "/pt-br/sections": { sections: [{ ...section, id: 2 }], meta },
    "/pt-br/categories": { categories: [{ id: 1, name: "Help" }], meta },
    "/pt-br/articles": {
      articles: [
        {
          id: 3,
          locale: "pt-BR",
          title: "Fees",
          body: null,
          html_url: "https://help.shop.test/hc/pt-br/articles/3",
          draft: false,
          outdated: false,
          outdated_locales: ["pt-BR"],
          updated_at: "2026-11-01T10:00:00Z",
          section_id: 2,
        },
      ],
      meta,
    },
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answers[pathname.replace("/api/v2/help_center", "")] ?? {}));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  context.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const helpCenter = zendeskHelpCenter({
    url: `http://127.0.0.1:${address.port}`,
    writerToken: async () => "token",
    clock: { now: () => new Date() },
  });
  const [article, ...others] = await helpCenter.read(null, never);
  assert.deepEqual(others, []);
  assert.deepEqual(article?.sections, ["Returns"]);
  assert.equal(article.leftOut, "its translation is marked as outdated");
  assert.equal(article.isRestricted, false);
  answers["/pt-br/articles"] = { articles: "none", meta };
  await assert.rejects(helpCenter.read(null, never), /Zendesk's answer was not understood/);
});

test("without a connected account the command says what is missing, and adds nothing", async (context) => {
  const { store, destroy } = await emptyStore("pglite");
  const log = listeningLog();
  const knowledge = await openPages({ store, log, pages: [], embedder: null });
  context.after(async () => {
    await knowledge.close();
    await destroy();
  });
  const clock = { now: () => new Date() };
  const shelfHere = { store, clock, knowledge };
  const { stderr } = await runCommand(
    { store, clock, status: null, appUrl: null, knowledge: async () => shelfHere },
    ["knowledge", "add", "zendesk"],
  );
  assert.match(stderr, /running Deskhand that is connected to Zendesk[^]*zendesk was not added/);
});
