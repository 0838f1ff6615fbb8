import assert from "node:assert/strict";
import { test } from "node:test";
import { traceView } from "#slack/approvals/trace-modal.ts";
import type { Explanation } from "#core/values/desk-overview.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { eventually, optionsFor } from "#test/slack/bench.ts";
import { onFloor } from "./desk-floor.ts";
import { textObjectsIn } from "#test/slack/api/limits.ts";
import { USERS } from "#test/slack/local-slack.ts";
import { recordingProxy } from "#test/slack/transport/recording-handler.ts";
import { slack } from "#slack/index.ts";

const LINK = "https://desk.test/console#a_1";

function explained(lines: readonly string[]): Explanation {
  return { sections: [{ heading: "Steps", lines }], link: LINK };
}

function wordsOf(view: unknown): string {
  return textObjectsIn(view)
    .map(({ text }) => text)
    .join("\n");
}

onFloor("the trace of a card", (floor) => {
  const { bench } = floor;
  const shown = (): string => wordsOf(floor.server.people.view());

  test("opens from the card: what was checked, which rule decided, what was looked up, what it cost, who did what", async (context) => {
    bench.answer(() =>
      replying("We refund your headphones.", {
        actions: [refundOf(12_000, { needs: { count: 2, leads: 1 } })],
        costUsd: 0.0123,
        spans: [
          {
            name: "execute_tool get_order",
            startedAt: "2026-11-20T10:00:00.000Z",
            durationMs: 12,
            attributes: { "gen_ai.tool.name": "get_order", "deskhand.arguments": "order 789" },
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
    const [card] = await floor.cards();
    const { ts = "" } = card ?? {};
    await floor.click(USERS.ned, { ts }, "approve");
    await floor.until(context, 1);
    await floor.click(USERS.sam, { ts }, "approve");
    await floor.until(context, 2);
    await floor.click(USERS.lea, { ts }, "why");
    await eventually(context, () => assert.match(shown(), /Who did what on this card/));
    for (const words of [
      /10:00:00 UTC put before the team, version 1/,
      /a click was refused: forbidden, version 1/,
      /Sam Ortiz \(support\) pressed approve, version 1/,
      /Identity: level 2, signed by customer\.test/,
      /Guard: allow/,
      /ask, refund\./,
      /used get_order, 12 ms: order 789/,
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
  const view = traceView(explained(Array.from({ length: 300 }, (_, index) => `step ${index}`)));
  assert.ok(view.blocks.length <= 100);
  assert.match(wordsOf(view), /step 93\n… 206 more lines\. All of it is in the console:/);
  const large = traceView(explained(Array.from({ length: 90 }, () => "\u{1F600}".repeat(5_000))));
  assert.ok(Buffer.byteLength(JSON.stringify(large)) < 250_000);
});

test("nothing in a trace can mention, link or format", () => {
  const view = traceView(explained(["<!channel> <https://evil.test|x> *b*", "", "\u202Ex"]));
  for (const { type, text } of textObjectsIn(view.blocks.slice(1)))
    assert.ok(type === "plain_text" || /^[^<>*]*$/.test(text), text);
  assert.ok(!JSON.stringify(view).includes("\u202E"));
});

test("a link that is no web address is not offered", () => {
  const view = traceView({
    sections: [{ heading: "", lines: ["x"] }],
    link: "javascript:alert(1)",
  });
  assert.ok(!JSON.stringify(view).includes("javascript"));
});
