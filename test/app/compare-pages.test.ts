/** Pages that were saved or imported are compared with the others by the reading model: what it finds, and what of it is believed. And a look at servers whose tools changed. */

import assert from "node:assert/strict";
import { test, type TestContext, after, before, beforeEach, it } from "node:test";
import { z } from "zod";
import { comparePages, startComparing, tellChangedTools } from "#app/background-work.ts";
import { randomIds } from "#app/shared-clock.ts";
import { PRICES } from "#agent/prices.ts";
import type { SourcePage } from "#core/contracts/knowledge.ts";
import type { ModelRequest } from "#core/contracts/model.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { openPages } from "#knowledge/index.ts";
import { checkPages } from "#knowledge/lint/check-pages.ts";
import { rowsOf } from "#store/db/database.ts";
import { sql } from "#store/db/drizzle.ts";
import { WRITTEN, putOff, putOn } from "#store/knowledge/page-notes.ts";
import { migratedDatabase, NOW, silentLog } from "#test/store/bench.ts";
import { CAPS } from "#test/support/fixtures/turns.ts";
import { createBreakers } from "#connections/circuit-breakers.ts";
import { systemPorts } from "#connections/system-tools.ts";
import type { Log } from "#core/contracts/ports.ts";
import { askOnce } from "#systems/ask-once.ts";
import { type McpStandIn, RETURN_TOOLS, startMcpStandIn } from "#test/systems/mcp-stand-in.ts";
import { findReturn } from "#test/systems/mcp-tools.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";

const RETURNS = "Lamps can be sent back for thirty days. We pay the postage.";
const MIND = "Changed your mind? A fortnight after the parcel came your lamp is yours for good.";
const never = new AbortController().signal;

function page(id: string, text: string, more: Partial<SourcePage> = {}): SourcePage {
  return { id, title: id, updated: "2026-02-01", text, hidden: "", ...more };
}

/** The passages of a request, by their numbers, and the page. */
function blocksIn({ messages }: ModelRequest): readonly string[] {
  const blocks = (messages[1]?.content ?? "").matchAll(/^<<\S+ .+>>\n([\s\S]*?)\n<<end/gm);
  return [...blocks].map(([, text = ""]) => text);
}

function answer(...contradictions: readonly object[]): string {
  return JSON.stringify({ contradictions });
}

/** Reads as a careful person: both pages say for how long. */
function honest(request: ModelRequest): string {
  const blocks = blocksIn(request);
  const shown = (words: string): number => blocks.findIndex((text) => text.includes(words)) + 1;
  const [thirty, fortnight] = [shown("thirty days"), shown("A fortnight")];
  if (thirty === 0 || fortnight === 0) return answer();
  const quotes = ["Lamps can be sent back for thirty days.", "A fortnight  after the parcel came"];
  const isPage = thirty === blocks.length;
  const [own, other] = isPage ? quotes : quotes.toReversed();
  return answer({ case: "a lamp", page: own, other: isPage ? fortnight : thirty, sentence: other });
}

async function desk(
  context: TestContext,
  read: ((request: ModelRequest) => string) | null,
  caps = CAPS,
) {
  const database = await migratedDatabase(MAIN_DATABASE);
  context.after(() => database.close());
  const { store } = database;
  const time = { now: NOW };
  const clock = { now: () => time.now };
  const parts = { store, log: silentLog, pages: [], embedder: null, sources: [WRITTEN], clock };
  const knowledge = await openPages(parts);
  context.after(() => knowledge.close());
  const requests: ModelRequest[] = [];
  const model = {
    name: "reader",
    isRehearsal: false,
    complete: async (request: ModelRequest) => {
      requests.push(request);
      return { text: read?.(request) ?? "", toolCalls: [], inputTokens: 500, outputTokens: 20 };
    },
  };
  const verifier = read === null ? null : { model, ms: 5_000 };
  const counts = (query: ReturnType<typeof sql>) =>
    store.run(async (transaction) => (await rowsOf(transaction, z.unknown(), query))[0]);
  return {
    store,
    time,
    requests,
    counts,
    take: async (...pages: readonly SourcePage[]) => {
      await knowledge.take(WRITTEN, pages);
      await knowledge.review();
      await knowledge.reload();
    },
    /** One look, from its beginning to its end. */
    look: async () => {
      const agentParts = { verifier, prices: PRICES };
      const given = { ...parts, ids: randomIds, knowledge, agentParts, policy: { caps } };
      if (verifier === null) await startComparing(given).stop();
      else await comparePages(given, verifier, never);
    },
    doubts: async () => {
      const found = await knowledge.search("send back a lamp, changed mind", 5, never);
      return new Map(found.map(({ id, doubt = "" }) => [id, doubt]));
    },
    problems: async () =>
      (await checkPages(store, { now: time.now, days: 90, linkHosts: [] })).map(
        ({ kind, pages }) => [kind, ...pages],
      ),
  };
}

test("two freely written pages are in doubt with the sentences of both, until one is changed", async (context) => {
  const { take, look, doubts, problems, requests, counts } = await desk(context, honest);
  await take(page("returns", RETURNS), page("mind", MIND));
  assert.deepEqual([...(await doubts()).values()], ["", ""]);
  await look();
  assert.deepEqual(
    await doubts(),
    new Map([
      [
        "written/mind#top",
        "says “A fortnight after the parcel came”, and returns says “Lamps can be sent back for thirty days.”",
      ],
      [
        "written/returns#top",
        "says “Lamps can be sent back for thirty days.”, and mind says “A fortnight after the parcel came”",
      ],
    ]),
  );
  assert.deepEqual(await problems(), [
    ["contradiction", "written/mind#top", "written/returns#top"],
  ]);
  // Each page is asked about once, and its cost counts in the day.
  assert.equal(requests.length, 2);
  assert.deepEqual(
    await counts(
      sql`select sum(steps)::int as steps, sum(output_tokens)::int as tokens from turn_usage`,
    ),
    { steps: 2, tokens: 40 },
  );
  await look();
  assert.equal(requests.length, 2);
  await take(
    page("returns", RETURNS),
    page("mind", "Changed your mind about a lamp? Send it back."),
  );
  assert.deepEqual([...(await doubts()).values()], ["", ""]);
  await look();
  assert.equal(requests.length, 3);
  assert.deepEqual([...(await doubts()).values()], ["", ""]);
});

for (const [reader, says] of [
  [
    "invents sentences",
    answer({
      case: "a lamp",
      page: "Lamps are never taken back.",
      other: 1,
      sentence: "Every lamp is taken back.",
    }),
  ],
  [
    "names a passage that is not there",
    answer({
      case: "a lamp",
      page: "We pay the postage.",
      other: 9,
      sentence: "your lamp is yours",
    }),
  ],
  ["quotes a word alone", answer({ case: "a lamp", page: "a", other: 1, sentence: "a" })],
  ["finds nothing", answer()],
] as const)
  test(`a reader that ${reader} puts no page in doubt`, async (context) => {
    const { take, look, doubts, problems } = await desk(context, () => says);
    await take(page("returns", RETURNS), page("mind", MIND));
    await look();
    assert.deepEqual([...(await doubts()).values()], ["", ""]);
    assert.deepEqual(await problems(), []);
  });

test("a page that the model could not compare is named, and compared later", async (context) => {
  const state = { isAway: true };
  const { take, look, doubts, problems, time } = await desk(context, (request) => {
    if (state.isAway) return "no JSON";
    return honest(request);
  });
  await take(page("returns", RETURNS), page("mind", MIND));
  await look();
  assert.deepEqual(await problems(), [
    ["not compared", "written/mind"],
    ["not compared", "written/returns"],
  ]);
  state.isAway = false;
  time.now = new Date(NOW.getTime() + 16 * 60_000);
  await look();
  assert.equal([...(await doubts()).values()].filter((doubt) => doubt !== "").length, 2);
  assert.deepEqual(await problems(), [
    ["contradiction", "written/mind#top", "written/returns#top"],
  ]);
});

test("a model that is away is not asked about the next page as well", async (context) => {
  const { take, look, requests } = await desk(context, () => {
    throw new DeskhandError("model.unavailable", "it is away");
  });
  await take(page("returns", RETURNS), page("mind", MIND));
  await look();
  assert.equal(requests.length, 1);
});

test("pages for other brands, languages and times are not shown to it", async (context) => {
  const { take, look, requests } = await desk(context, honest);
  await take(
    page("returns", RETURNS, { language: "en", brands: ["north"], validUntil: "2026-03-31" }),
    page("mind", MIND, { language: "de" }),
    page("mind-2", MIND, { brands: ["south"] }),
    page("mind-3", MIND, { validFrom: "2026-04-01" }),
  );
  await look();
  const about = requests
    .map(blocksIn)
    .filter((blocks) => blocks.at(-1)?.startsWith("returns") === true);
  assert.deepEqual(about, []);
});

test("half of a day's caps is left to customers", async (context) => {
  const day = { ...CAPS.day, stepsMax: 2 };
  const { take, look, requests } = await desk(context, honest, { ...CAPS, day });
  await take(page("returns", RETURNS), page("mind", MIND));
  await look();
  assert.equal(requests.length, 1);
});

test("a page that is switched on again is compared again, and one that is off with none", async (context) => {
  const { take, look, requests, store, doubts } = await desk(context, honest);
  await take(page("returns", RETURNS));
  await look();
  const slug = "written/returns";
  const by = "lea@ourshop.test";
  await store.run(putOff, { slug, reason: "old", by, at: NOW });
  await take(page("returns", RETURNS), page("mind", MIND));
  await look();
  assert.equal(requests.length, 0);
  await store.run(putOn, { slug, by, at: NOW });
  await take(page("returns", RETURNS), page("mind", MIND));
  await look();
  assert.equal([...(await doubts()).values()].filter((doubt) => doubt !== "").length, 2);
});

test("without a model nothing is asked, and no page is said to wait", async (context) => {
  const { take, look, problems } = await desk(context, null);
  await take(page("returns", RETURNS), page("mind", MIND));
  await look();
  assert.deepEqual(await problems(), []);
});

const EVER = new AbortController().signal;

onDesk("Deskhand with tools of an MCP server", (bench) => {
  let standIn: McpStandIn;
  const logged: string[] = [];
  const line = (message: string, details?: unknown): void =>
    void logged.push(`${message} ${JSON.stringify(details)}`);
  const log: Log = { info: line, warn: line, error: line };
  const connected = (address: string) => {
    const declarations = [findReturn(address)];
    const clock = { now: () => bench.now() };
    const ports = systemPorts(declarations, {
      settings: { text: () => null },
      breakers: createBreakers({ clock, log }),
      allowances: undefined,
      clock,
      log,
    });
    return { declarations, tools: [], targets: [], replaceSampleShop: true, ports };
  };
  const look = (address = standIn.url) =>
    tellChangedTools({ ...bench.parts, connected: connected(address), log }, EVER);
  const alerted = () =>
    bench.alerts().flatMap(({ text }) => (text.includes("out of use") ? [text] : []));
  const check = async () => {
    const { declarations, ports } = connected(standIn.url);
    const [asked] = await askOnce(declarations, ports, EVER);
    return asked?.problem?.message ?? "well";
  };
  before(async () => (standIn = await startMcpStandIn()));
  after(() => standIn.close());
  beforeEach(() => {
    standIn.tools = [...RETURN_TOOLS];
    logged.length = 0;
  });

  it("alerts once a day of a changed tool, with what changed and what to do, and calls none", async () => {
    await bench.write("Where is my return?");
    const [first = {}, ...others] = RETURN_TOOLS;
    standIn.tools = [{ ...first, description: "Sends the return's address along." }, ...others];
    await look();
    await look();
    await bench.tick();
    const told = alerted();
    assert.equal(told.length, 1, told.join("\n"));
    assert.match(
      told[0] ?? "",
      /^returns: out of use until a person looks: get_return \(its description changed since a person looked\)\. Nothing is sent through it, [^]*tools import mcp ADDRESS`/,
    );
    assert.match(logged.join("\n"), /a tool is out of use .*get_return/);
    assert.match(await check(), /get_return \(its description changed/);
    assert.ok(!standIn.asked.includes("get_return"));
    bench.skip(24 * 60 * 60_000);
    await look();
    await bench.tick();
    assert.equal(alerted().length, 2);
  });

  it("names a server that cannot be reached in the log, and tells no one that its tools changed", async () => {
    await bench.write("Where is my return?");
    await look("http://127.0.0.1:9/mcp");
    await bench.tick();
    assert.deepEqual(bench.alerts(), []);
    assert.match(logged.join("\n"), /an MCP server cannot be asked for its tools .*returns/);
  });
});
