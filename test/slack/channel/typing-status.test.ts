/** Customers in Slack see that an answer is under way, if their workspace can show it. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { slack } from "#slack/index.ts";
import type { Message } from "#core/values/message.ts";
import { intake } from "#jobs/intake.ts";
import { IDS } from "#sandbox/slack/workspace.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { letterFrom } from "#test/jobs/memory-ports.ts";
import { until } from "#test/support/waiting.ts";
import { optionsFor } from "#test/slack/bench.ts";
import { fakeSlack, type FakeSlack } from "../api/fake-slack.ts";

const SET = "assistant.threads.setStatus";
const TS = "1700000000.000001";

let fake: FakeSlack;
before(async () => {
  fake = await fakeSlack();
});
beforeEach(() => {
  fake.instead = () => null;
  fake.asked.splice(0);
  fake.messages.splice(0);
});
after(() => fake.close());

const statuses = (): readonly (string | undefined)[] =>
  fake.asked.filter(({ method }) => method === SET).map(({ parameters }) => parameters["status"]);

const messageIn = (channel: string, thread_ts: string | null): Message =>
  letterFrom(`slack:${IDS.team}:${channel}:${TS}`, "Hello?", new Date(), {
    answerTo: { label: "Ann", audience: "private", address: { channel, thread_ts } },
  });

test("the status is shown in the thread of the answer, and removed again", async () => {
  const { channel } = slack(optionsFor(fake.apiUrl));
  await channel.showWork(messageIn(IDS.help, "1700000000.000009"), true);
  await channel.showWork(messageIn("D1", null), true);
  await channel.showWork(messageIn("D1", null), false);
  assert.deepEqual(
    fake.asked.map(({ parameters }) => parameters),
    [
      { channel_id: IDS.help, thread_ts: "1700000000.000009", status: "is looking into it …" },
      { channel_id: "D1", thread_ts: TS, status: "is looking into it …" },
      { channel_id: "D1", thread_ts: TS, status: "" },
    ],
  );
});

onDesk("a turn about a question in Slack", (bench) => {
  const ask = async (answers: Promise<void> | null): Promise<string> => {
    const { channel } = slack(optionsFor(fake.apiUrl));
    bench.connect(channel);
    bench.answer(async () => {
      await answers;
      return replying("We are open at nine.", { accountData: false });
    });
    // Seconds of Slack's; the bench has a day of its own.
    const ts = `${Math.floor(bench.now().getTime() / 1_000) - 60}.000001`;
    const said = { channel: IDS.help, ts, text: "When are you open?", blocks: [], user: IDS.ann };
    fake.messages.push(said);
    const event = { type: "message", ...said, channel_type: "channel" };
    const body = { type: "event_callback", team_id: IDS.team, event };
    const { conversationIds } = await intake(bench.parts, channel, {
      source: "socket",
      headers: {},
      body: new TextEncoder().encode(JSON.stringify(body)),
      receivedAt: bench.now(),
    });
    const [id = ""] = conversationIds;
    bench.skip(60_000);
    await bench.wake(id);
    return id;
  };
  const answered = () => fake.messages.some(({ text }) => text.includes("open at nine"));

  test("that takes a while is shown and the words go with its end; one that hangs at Slack delays nothing", async () => {
    const hangs = Promise.withResolvers<void>();
    fake.instead = ({ method }) => (method === SET ? { until: hangs.promise } : null);
    const model = Promise.withResolvers<void>();
    const turn = ask(model.promise);
    await until("the words", async () => statuses().length === 1);
    model.resolve();
    await turn;
    assert.ok(answered());
    assert.equal(statuses().length, 1);
    hangs.resolve();
    await until("their end", async () => statuses().length === 2);
    assert.deepEqual(statuses(), ["is looking into it …", ""]);
  });
});
