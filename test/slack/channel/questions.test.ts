import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { bindRequester } from "#guard/identity/bind-requester.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { shownText } from "#test/support/slack.ts";
import { eventually } from "#test/slack/bench.ts";
import { hearCustomers } from "./customers.ts";
import { onFloor } from "#test/slack/approvals/desk-floor.ts";
import { BOT, CHANNELS, USERS } from "#test/slack/local-slack.ts";

/** An answer ends with a note that it is automatic. */
function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

onFloor("questions in Slack", (floor) => {
  const { bench } = floor;
  const people = () => floor.server.people;

  /** Deskhand answers each turn with its number, and what it was given is kept. */
  const listening = async (context: TestContext) => {
    const turns: TurnInput[] = [];
    Object.assign(bench.parts, {
      bind: (...[evidence, signal]: Parameters<typeof bench.parts.bind>) =>
        bindRequester(evidence, bench.parts.shop, signal),
    });
    bench.answer((input) => {
      turns.push(input);
      return replying(`Answer ${turns.length}`, {
        accountData: input.requester.level > 1 && /order/.test(input.unread.at(-1)?.text ?? ""),
      });
    });
    const customers = await hearCustomers(context, bench, floor.sides.channel);
    return { turns, customers };
  };

  const answersIn = async (channel: string, thread?: string): Promise<readonly string[]> =>
    (await people().messages(channel))
      .filter(({ user }) => user === BOT)
      .filter(({ thread_ts }) => thread_ts === thread)
      .map((message) => firstLine(shownText(message)));

  test("S25 each question has one answer where it was asked: in a thread of the channel, in that thread, or in the direct message", async (context) => {
    const { turns, customers } = await listening(context);
    const inChannel = await people().post(USERS.ann, CHANNELS.help, "How long is shipping?");
    const direct = await people().direct(USERS.ann, "Do you sell lamps?");
    await eventually(context, () => assert.equal(customers.heard.length, 2));
    await customers.work();
    await people().post(USERS.ann, CHANNELS.help, "And to islands?", inChannel);
    await eventually(context, () => assert.equal(customers.heard.length, 3));
    await customers.work();

    assert.deepEqual(await answersIn(CHANNELS.help, inChannel), ["Answer 1", "Answer 3"]);
    assert.deepEqual(await answersIn(direct.channel), ["Answer 2"]);
    assert.deepEqual(await answersIn(CHANNELS.help), []);
    // The thread around a question is what it is understood from.
    const [, , last] = turns;
    assert.deepEqual(
      last?.unread.map(({ text }) => text),
      ["And to islands?"],
    );
    assert.deepEqual(
      last?.history.map(({ text }) => firstLine(text)),
      ["How long is shipping?", "Answer 1"],
    );
  });

  test("S25 a mention is announced twice, as a mention and as a message, and answered once", async (context) => {
    const { turns, customers } = await listening(context);
    const ts = await people().post(USERS.ann, CHANNELS.help, `<@${BOT}> how long is shipping?`);
    await eventually(context, () => assert.equal(customers.heard.length, 2));
    await customers.work();
    await customers.work();
    assert.equal(turns.length, 1);
    assert.deepEqual(await answersIn(CHANNELS.help, ts), ["Answer 1"]);
  });

  test("S25 a person who joins a customer's thread has no account there, and hears nothing that was told the customer alone", async (context) => {
    const { turns, customers } = await listening(context);
    const ts = await people().post(USERS.ann, CHANNELS.help, "Where is my order 456?");
    await eventually(context, () => assert.equal(customers.heard.length, 1));
    await customers.work();
    await people().post(USERS.ned, CHANNELS.help, "And what about that order?", ts);
    await eventually(context, () => assert.equal(customers.heard.length, 2));
    await customers.work();

    const [anns, neds] = turns;
    assert.equal(anns?.requester.customerId, "u123");
    assert.deepEqual(
      [neds?.requester.customerId, neds?.requester.emailOnFile, neds?.audience],
      [null, null, "private"],
    );
    assert.ok(!neds?.history.some(({ text }) => text.includes("Answer 1")));
    const inThread = await answersIn(CHANNELS.help, ts);
    assert.ok(!inThread.some((text) => text.includes("Answer 1")), inThread.join("|"));
    assert.deepEqual(await answersIn(await floor.server.direct(USERS.ann)), ["Answer 1"]);
  });
});
