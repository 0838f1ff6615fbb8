import assert from "node:assert/strict";
import { ReportArguments } from "#core/values/alert.ts";
import { test } from "node:test";
import type { Action } from "#core/values/action.ts";
import { type Compared, dailyReport, weeklyReport } from "#jobs/reports/report-text.ts";
import type { FigureCount } from "#store/reports/counted-rows.ts";
import { inSlack } from "#test/slack/bench.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { renderReport } from "#slack/approvals/desk.ts";

const signal = new AbortController().signal;
type Figures = Compared["now"];

const counts = (counted: readonly (readonly [FigureCount["name"], number])[]): Figures["counts"] =>
  counted.map(([name, count]) => ({ name, group: "", count }));

const figures = (
  counted: Parameters<typeof counts>[0],
  replies: Figures["firstReplies"],
): Figures => ({
  counts: counts(counted),
  totals: [],
  spent: { turns: 0, steps: 0, usd: 0, unpriced: 0 },
  firstReplies: replies,
  refunds: [],
});

const day = (iso: string): Date => new Date(`${iso}T00:00:00Z`);

const BUSY_WEEK: Compared = {
  days: { from: day("2026-11-09"), to: day("2026-11-16"), first: "2026-11-09", last: "2026-11-15" },
  now: figures(
    [
      ["received", 213],
      ["answered", 182],
      ["unchanged", 43],
      ["rejected", 3],
    ],
    [90_000, 180_000, 270_000],
  ),
  before: figures(
    [
      ["received", 173],
      ["answered", 148],
      ["unchanged", 29],
    ],
    [120_000],
  ),
};

const WEEK = weeklyReport(BUSY_WEEK, 0);

const bench = inSlack();

function digestTo(to: ReportArguments["to"], sheet = WEEK): Action {
  return {
    target: "desk",
    operation: "digest",
    arguments: ReportArguments.parse({ to, sheet }),
  };
}

test("a lead is told by direct message, found by address or id, once under one key, and found there again", async () => {
  const { desk } = bench.open();
  const { server } = bench;
  const action = digestTo({ kind: "person", name: "lea@ourshop.test" });
  assert.deepEqual(await desk.find(action, "key", signal), { state: "absent" });
  const { ref } = await desk.commit(action, "key", signal);
  assert.equal((await desk.commit(action, "key", signal)).ref, ref);
  assert.deepEqual(await desk.find(action, "key", signal), {
    state: "done",
    committed: { ref, conversationKeys: [] },
  });
  await desk.commit(digestTo({ kind: "person", name: USERS.lea }), "other key", signal);
  const shown = await server.people.messages(await server.direct(USERS.lea));
  assert.equal(shown.length, 2);
  assert.equal(
    shown[0]?.text,
    "Week 46: 9 to 15 November. 213 messages (before 173), 182 answered.",
  );
  assert.deepEqual(await server.people.messages(CHANNELS.alerts), []);
});

test("nothing in a line of a report can mention, link or format", () => {
  const line = "<!channel> *big* <https://evil.test|x> `code` @here";
  const sheet = { ...WEEK, sections: [{ heading: "What happened", lines: [line] }] };
  const text = JSON.stringify(renderReport(sheet, "dh:marker").blocks);
  assert.match(text, /&lt;!channel&gt; ∗big∗ &lt;https:\/\/evil.test\|x&gt; 'code' here/);
});

test("the day's report begins with what waits, and compares what is there to compare", () => {
  const waiting = { cards: 3, since: new Date(0), untaken: 1, inSpam: 12 };
  const { sections } = dailyReport(BUSY_WEEK, { ...waiting, at: new Date(5 * 60_000) });
  const lines = sections.flatMap(({ heading, lines: told }) => [heading, ...told]);
  assert.deepEqual(lines, [
    "Waiting now",
    "3 cards, the oldest for 5 min",
    "1 with people, not taken by a teammate",
    "12 in the mailbox's Spam folder, which is not read",
    "What happened",
    "Received: 173 → 213",
    "Answered: 148 → 182",
    "Median first reply: 2 min → 3 min",
    "Drafts approved as they were: 29 → 43",
    "Drafts rejected: none → 3",
  ]);
  const week = weeklyReport(BUSY_WEEK, 2).sections.at(-1)?.lines;
  assert.deepEqual(week, ["2 wait for a lead's decision, in the console under Lessons"]);
});
