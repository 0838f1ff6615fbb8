/** Who is answered in Slack and how often: never a program, and each message of a customer once. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { TurnInput } from "#core/contracts/agent.ts";
import { intake } from "#jobs/intake.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { inSlack } from "#test/slack/bench.ts";
import { BOT, CHANNELS, TEAM, USERS } from "#test/slack/local-slack.ts";
import { anotherProcess, type Requested } from "#test/slack/transport/requests-bench.ts";
import { eventBody, saidInHelp, send } from "#test/slack/transport/signed.ts";

onDesk("a help channel in Slack", (bench) => {
  const { server } = inSlack();
  let web: Requested;
  let turns: TurnInput[];
  before(async () => {
    web = await anotherProcess(server.apiUrl);
    await web.sides.channel.start(
      async (delivery) => void (await intake(bench.parts, web.sides.channel, delivery)),
    );
  });
  beforeEach(async () => {
    bench.connect(web.sides.channel);
    turns = [];
    bench.answer((input) => {
      turns.push(input);
      return replying("Thank you for asking.", { accountData: false });
    });
    // The bench has a day of its own; a burst's quiet time is over there a little after now here.
    bench.skip(Date.now() - bench.now().getTime() + 60_000);
  });
  after(async () => {
    await web.sides.channel.stop();
    await web.close();
  });

  const happens = async (event: object): Promise<void> => {
    assert.equal((await send(web.url, "events", eventBody(event))).status, 200);
    bench.skip(60_000);
    for (let round = 0; round < 3; round += 1) await bench.tick();
  };
  const answers = async () =>
    (await server.people.messages(CHANNELS.help)).filter(({ user }) => user === BOT);
  const asks = async (text: string, thread?: string): Promise<string> => {
    const ts = await server.people.post(USERS.ann, CHANNELS.help, text, thread);
    const said = saidInHelp(USERS.ann, text, ts);
    await happens(thread === undefined ? said : { ...said, thread_ts: thread });
    return ts;
  };
  const changed = (ts: string, text: string, before: string, more: object = {}): object => ({
    type: "message",
    subtype: "message_changed",
    channel: CHANNELS.help,
    channel_type: "channel",
    hidden: true,
    ts: `${Math.floor(Number(ts)) + 30}.000100`,
    message: {
      type: "message",
      user: USERS.ann,
      text,
      ts,
      edited: { user: USERS.ann, ts: `${Math.floor(Number(ts)) + 30}.000000` },
      ...more,
    },
    previous_message: { type: "message", user: USERS.ann, text: before, ts },
  });

  test("S24 a message that is edited after its answer is not answered again, and is read in its new form", async () => {
    const ts = await asks("Do you ship to Norway?");
    await server.people.edit(USERS.ann, CHANNELS.help, ts, "Do you ship to Sweden?");
    await happens(changed(ts, "Do you ship to Sweden?", "Do you ship to Norway?"));
    assert.equal((await answers()).length, 1);
    assert.equal(turns.length, 1);
    await asks("And how long does it take?", ts);
    assert.equal((await answers()).length, 2);
    const [, second] = turns;
    assert.ok(second);
    assert.deepEqual(
      second.history.filter(({ author }) => author.kind === "requester").map(({ text }) => text),
      ["Do you ship to Sweden?"],
    );
    assert.deepEqual(
      second.unread.map(({ text }) => text),
      ["And how long does it take?"],
    );
  });

  test("S24 a message that is edited while its card waits is thought about anew on the same card's place, once", async () => {
    bench.rule({ replyAutonomy: () => "draft" });
    const ts = await asks("Do you ship to Norway?");
    const conversation = await bench.conversationWith(`slack:${TEAM}:${CHANNELS.help}:${ts}`);
    assert.ok(conversation);
    assert.match((await bench.pending(conversation))?.card.asked ?? "", /Norway/);
    await server.people.edit(USERS.ann, CHANNELS.help, ts, "Do you ship to Sweden?");
    const edit = changed(ts, "Do you ship to Sweden?", "Do you ship to Norway?");
    await happens(edit);
    await happens(edit);
    assert.match((await bench.pending(conversation))?.card.asked ?? "", /Sweden/);
    assert.equal(turns.length, 2);
    assert.deepEqual(await answers(), []);
    await bench.press("approve", conversation);
    bench.skip(60_000);
    await bench.tick();
    assert.equal((await answers()).length, 1);
  });
});
