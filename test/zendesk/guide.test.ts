/** An account's help centre as help pages: what is read, what is kept from customers, how changes are followed. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { runCommand } from "#cli/program.ts";
import { openPages } from "#knowledge/index.ts";
import { readAgain, dueReader } from "#knowledge/sources/read-source.ts";
import { addedSources } from "#knowledge/sources/source-rows.ts";
import { leftOutBy } from "#store/console/help-pages.ts";
import { zendeskHelpCenter } from "#zendesk/guide/articles.ts";
import { TEAM_SEGMENT_ID } from "#sandbox/zendesk/records/account.ts";
import { emptyStore, listeningLog, never } from "#test/knowledge/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { type Bench, benchFor } from "./bench.ts";

const LIGHTING = 4_810_000_002;
const BULBS = 4_830_000_001;
const SHELF = 4_830_000_002;
const TABLE = 4_830_000_003;
const HOUR_MS = 3_600_000;

const words = (title: string, body: string) => ({ locale: "en-us", title, body });

/** The sandbox's help centre, with the commands over a database of their own and a clock that can be moved on. */
async function shelf(context: TestContext, { sandbox }: Pick<Bench, "sandbox">) {
  const { store, destroy } = await emptyStore(MAIN_DATABASE);
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
    const { stdout, stderr } = await runCommand({ store, clock, knowledge: async () => parts }, [
      "knowledge",
      ...argv,
    ]);
    return `${stdout}${stderr}`;
  };
  const find = async (question: string, reader: "customer" | "teammate" = "customer") =>
    await knowledge.search(question, 3, never, { reader });
  const readDue = dueReader({ ...parts, log });
  const passHours = async (hours: number): Promise<void> => {
    time.now = new Date(time.now.getTime() + hours * HOUR_MS);
    await readDue(never);
  };
  return { run, find, passHours, time, asked, log, parts };
}

test("an article that only some people may read is found by teammates alone", async (context) => {
  const bench = await benchFor(context);
  const { run, find } = await shelf(context, bench);
  await run("add", "zendesk", "--name", "guide");
  const question = "how much may be given back for a scratched shelf";
  assert.ok((await find(question)).every(({ text }) => !text.includes("35 dollars")));
  const found = (await find(question, "teammate")).find(({ text }) => text.includes("35 dollars"));
  assert.equal(found?.caution, "for the team alone");
});

test("each hour asks for changes alone and takes an article in all its languages; once a day everything is read", async (context) => {
  const bench = await benchFor(context);
  const { edit } = bench;
  const { run, find, passHours, time, asked, parts } = await shelf(context, bench);
  time.now = new Date("2026-11-22T08:00:00Z");
  await run("add", "zendesk", "--name", "guide");
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await edit("articles", SHELF, {
    translations: [
      words("Hanging a wall shelf", "<p>A shelf carries 25 kilograms on a brick wall.</p>"),
      { ...words("Ein Wandregal aufhängen", "<p>Ein Regal trägt 25 Kilogramm.</p>"), locale: "de" },
    ],
  });
  await passHours(1);
  await passHours(1);
  assert.match((await find("shelf on a brick wall"))[0]?.text ?? "", /25 kilograms/);
  assert.match((await find("Regal trägt Kilogramm"))[0]?.text ?? "", /25 Kilogramm/);
  const [source] = await parts.store.run(addedSources);
  assert.deepEqual([source?.pages, source?.left_out], [6, 1]);
  assert.deepEqual(await parts.store.run((transaction) => leftOutBy(transaction, "guide")), [
    { id: "4830000004/en-us", reason: "it is a draft" },
  ]);
  // Gone and restricted: the one is told by a whole reading alone, the other by the changes.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await edit("articles", TABLE);
  await edit("articles", BULBS, { user_segment_id: TEAM_SEGMENT_ID });
  await passHours(1);
  assert.deepEqual(await find("brightest bulb for the Harbour desk lamp"), []);
  assert.equal((await find("how often to oil a table"))[0]?.title, "Oiling a wooden table");
  await passHours(24);
  assert.deepEqual(await find("how often to oil a table"), []);
  assert.deepEqual(asked, ["all: 7", "changes: 2", "changes: 0", "changes: 2", "all: 6"]);
});

test("a help centre that loses more than a third of its pages waits for a yes", async (context) => {
  const bench = await benchFor(context);
  const { edit } = bench;
  const { run, find, parts } = await shelf(context, bench);
  for (let count = 0; count < 3; count += 1)
    await edit("articles", undefined, {
      section_id: LIGHTING,
      source_locale: "en-us",
      translations: [words(`Lamp ${count}`, `<p>Lamp number ${count} is blue.</p>`)],
    });
  await run("add", "zendesk", "--name", "guide");
  for (const id of [BULBS, SHELF, TABLE]) await edit("articles", id);
  await assert.rejects(readAgain(parts, "guide", false), /it has 4 pages now and had 8/);
  assert.equal((await find("how often to oil a table"))[0]?.title, "Oiling a wooden table");
  await readAgain(parts, "guide", true);
  assert.deepEqual(await find("how often to oil a table"), []);
});
