import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { ApprovalDesk, DeskDecision } from "#core/contracts/approval-desk.ts";
import { buttonsOf, type SlackMessage } from "#test/support/slack.ts";
import { eventually, inSlack, recordingJobs, type Jobs } from "#test/slack/bench.ts";
import { refundCard } from "#test/slack/cards/card-samples.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { onFloor } from "./desk-floor.ts";
import { textObjectsIn } from "#test/slack/api/limits.ts";

const bench = inSlack();
let desk: ApprovalDesk;
let decisions: DeskDecision[];
let jobs: Jobs;

const signal = new AbortController().signal;

beforeEach(async () => {
  ({ desk } = bench.open());
  jobs = recordingJobs();
  ({ decisions } = jobs);
  await desk.start(jobs.handler);
});

const approvals = (): Promise<readonly SlackMessage[]> =>
  bench.server.people.messages(CHANNELS.approvals);
const click = (user: string, ts: string): Promise<void> =>
  bench.server.people.click(user, CHANNELS.approvals, ts, "desk:approve");

const posted = async (change: Parameters<typeof refundCard>[0] = {}): Promise<string> =>
  (await desk.post(refundCard(change), "key", signal)).split(":")[1] ?? "";

test("a posted card is in the approvals channel, and posting it again finds the first", async () => {
  const ref = await desk.post(refundCard(), "key", signal);
  assert.equal(await desk.post(refundCard(), "key", signal), ref);
  const [message, ...more] = await approvals();
  assert.ok(message);
  assert.deepEqual(more, []);
  assert.equal(ref, `${CHANNELS.approvals}:${message.ts}`);
  assert.equal(message.text, refundCard().headline);
  assert.deepEqual(
    buttonsOf(message).map(({ action_id }) => action_id),
    ["desk:approve", "desk:edit", "desk:reject", "desk:escalate", "desk:why"],
  );
});

test("two posts of one card at the same moment are one message", async () => {
  const [one, other] = await Promise.all([
    desk.post(refundCard(), "key", signal),
    desk.post(refundCard(), "key", signal),
  ]);
  assert.equal(one, other);
  assert.equal((await approvals()).length, 1);
});

test("a person Slack does not show us is not eligible", async (context) => {
  const ts = await posted();
  await click("U0STRANGER", ts);
  await eventually(context, () => assert.equal(decisions.length, 1));
  assert.equal(decisions[0]?.teammate.eligible, false);
});

function wordsOf(view: unknown): string {
  return textObjectsIn(view)
    .map(({ text }) => text)
    .join("\n");
}

onFloor("the trace of a card", (floor) => {
  const { bench } = floor;
  const shown = (): string => wordsOf(floor.server.people.view());

  test("opens from the card in sentences: what was looked up, which rule asks whom and why, who did what", async (context) => {
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
});
