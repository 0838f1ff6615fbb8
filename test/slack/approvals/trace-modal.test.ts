import assert from "node:assert/strict";
import { test } from "node:test";
import { traceView } from "#slack/approvals/modals.ts";
import type { Explanation } from "#core/values/desk-overview.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { eventually, optionsFor } from "#test/slack/bench.ts";
import { onFloor } from "./desk-floor.ts";
import { textObjectsIn } from "#test/slack/api/limits.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { buttonsOf } from "#test/support/slack.ts";
import { recordingProxy } from "#test/slack/transport/recording-handler.ts";
import { slack } from "#slack/index.ts";

const LINK = "https://desk.test/console#a_1";
const WHY = { part: "why", card: "a_1:v1" } as const;

function explained(lines: readonly string[]): Explanation {
  return { sections: [{ heading: "Steps", lines }], figures: [], link: LINK };
}

function wordsOf(view: unknown): string {
  return textObjectsIn(view)
    .map(({ text }) => text)
    .join("\n");
}

onFloor("the trace of a card", (floor) => {
  const { bench } = floor;
  const shown = (): string => wordsOf(floor.server.people.view());

  test("opens from the card in sentences: what was looked up, which rule asks whom and why, who did what; figures are one page further", async (context) => {
    bench.answer(() =>
      replying("We refund your headphones.", {
        actions: [refundOf(12_000, { needs: { count: 2, leads: 1 } })],
        costUsd: 0.0123,
        spans: [
          {
            name: "execute_tool get_order_status",
            startedAt: "2026-11-20T10:00:00.000Z",
            durationMs: 12,
            attributes: {
              "gen_ai.tool.name": "get_order_status",
              "deskhand.arguments": '{"order_id":"789"}',
              "deskhand.found": "headphones, paid 120.00 USD, shipped 2026-11-18, not delivered",
            },
          },
          {
            name: "chat scripted",
            startedAt: "2026-11-20T10:00:00.000Z",
            durationMs: 800,
            attributes: {
              "gen_ai.request.model": "scripted",
              "gen_ai.usage.input_tokens": 1_204,
              "gen_ai.usage.output_tokens": 30,
            },
          },
        ],
      }),
    );
    await bench.write("They broke.");
    await eventually(context, async () => assert.equal((await floor.cards()).length, 1));
    const [card] = await floor.cards();
    const { ts = "" } = card ?? {};
    await floor.click(USERS.ned, { ts }, "approve");
    await floor.until(context, 1);
    await floor.click(USERS.sam, { ts }, "approve");
    await floor.until(context, 2);
    await floor.click(USERS.lea, { ts }, "why");
    await eventually(context, () => assert.match(shown(), /Who did what on this card/));
    for (const words of [
      /20 Nov 10:00 put before the team, version 1/,
      /a click was refused: forbidden, version 1/,
      /Sam Ortiz \(support\) pressed approve, version 1/,
      /Looked up order 789: headphones, paid 120\.00 USD, shipped 18 Nov, not delivered\./,
      /Your rule refund\.usual asks two people, one of them a lead: A teammate approves it\./,
      /✅ Known customer, Ann Fields: signed by customer\.test \(level 2\)\./,
      /Nothing in the message is suspicious\./,
      /No other conversation of theirs is open\.\nNothing was refunded to them in 90 days\./,
    ])
      assert.match(shown(), words);
    assert.doesNotMatch(shown(), /tokens in|\bms\b|get_order_status/);
    const { value } = buttonsOf(card ?? assert.fail()).find(
      ({ action_id }) => action_id === "desk:why",
    ) ?? { value: undefined };
    const figures = { action_id: "desk:figures", value };
    await floor.server.people.clickAnything(USERS.lea, CHANNELS.approvals, ts, figures);
    await eventually(context, () => assert.match(shown(), /What it took/));
    for (const words of [
      /Identity: level 2, signed by customer\.test/,
      /Guard: allow/,
      /used get_order_status, 12 ms: \{"order_id":"789"\}/,
      /asked scripted, 800 ms, 1204 tokens in, 30 out/,
      /1 question to scripted, 1 tokens in, 1 out, .* 0\.0123 USD/,
      /Approval: waiting/,
    ])
      assert.match(shown(), words);
    assert.match(
      JSON.stringify(floor.server.people.view()),
      /"url":"http:\/\/desk\.test\/console#/,
    );
    // It decides nothing.
    assert.equal(floor.decided.length, 2);
  });

  test("is refused without a detail to people without a role", async (context) => {
    const asked = await floor.ask();
    await floor.click(USERS.ned, asked, "why");
    await eventually(context, () =>
      assert.match(shown(), /Only people with a role in Deskhand's policy can read this\./),
    );
    assert.doesNotMatch(shown(), /Identity|refund|Ann/i);
  });

  test("opens before anything is looked up, and says so when that fails", async (context) => {
    const asked = await floor.ask();
    const gate = Promise.withResolvers<void>();
    floor.handler = {
      ...floor.handler,
      explain: async () => {
        await gate.promise;
        throw new Error("the database is away");
      },
    };
    await floor.click(USERS.sam, asked, "why");
    await eventually(context, () => assert.match(shown(), /One moment…/));
    gate.resolve();
    await eventually(context, () => assert.match(shown(), /could not be looked up just now/));
  });

  test("tells in words when Slack gave up waiting for it", async (context) => {
    const proxy = await recordingProxy(floor.server.url);
    context.after(() => proxy.close());
    const { desk } = slack(optionsFor(proxy.apiUrl));
    await floor.sides.desk.stop();
    await desk.start(deskHandler(bench.parts));
    context.after(() => desk.stop());
    const asked = await floor.ask();
    proxy.fate = (method) =>
      method === "views.open" ? { refuse: "expired_trigger_id" } : "through";
    await floor.click(USERS.sam, asked, "why");
    await eventually(context, async () =>
      assert.deepEqual(await floor.whispers(), [
        "Slack gave up waiting for the form. Press the button again.",
      ]),
    );
  });
});

test("a trace longer than a view shows its beginning, how much is missing, and where all of it is", () => {
  const view = traceView(
    explained(Array.from({ length: 300 }, (_, index) => `step ${index}`)),
    WHY,
  );
  assert.ok(view.blocks.length <= 100);
  assert.match(wordsOf(view), /step 93\n… 206 more lines\. All of it is in the console:/);
  const large = traceView(
    explained(Array.from({ length: 90 }, () => "\u{1F600}".repeat(5_000))),
    WHY,
  );
  assert.ok(Buffer.byteLength(JSON.stringify(large)) < 250_000);
});

test("nothing in a trace can mention, link or format", () => {
  const view = traceView(explained(["<!channel> <https://evil.test|x> *b*", "", "\u202Ex"]), WHY);
  for (const { type, text } of textObjectsIn(view.blocks.slice(1)))
    assert.ok(type === "plain_text" || /^[^<>*]*$/.test(text), text);
  assert.ok(!JSON.stringify(view).includes("\u202E"));
});

test("a link that is no web address is not offered", () => {
  const view = traceView(
    { sections: [{ heading: "", lines: ["x"] }], figures: [], link: "javascript:alert(1)" },
    WHY,
  );
  assert.ok(!JSON.stringify(view).includes("javascript"));
});
