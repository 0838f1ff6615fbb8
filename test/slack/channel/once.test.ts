/** What Slack sends more than once, to one process or to two, happens once: the real jobs over a real database. */

import assert from "node:assert/strict";
import { beforeEach, test, after, before, type TestContext } from "node:test";
import { z } from "zod";
import { sql } from "#store/db/drizzle.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { intake } from "#jobs/intake.ts";
import { rowsOf } from "#store/db/database.ts";
import type { TurnInput } from "#core/contracts/agent.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { inSlack, eventually } from "#test/slack/bench.ts";
import { BOT, CHANNELS, USERS, TEAM } from "#test/slack/local-slack.ts";
import { anotherProcess, type Requested } from "#test/slack/transport/requests-bench.ts";
import { click, eventBody, saidInHelp, send } from "#test/slack/transport/signed.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";
import { bindRequester } from "#guard/identity/bind-requester.ts";
import { shownText } from "#test/support/slack.ts";
import { hearCustomers } from "./customers.ts";
import { onFloor } from "#test/slack/approvals/desk-floor.ts";

onDesk("two processes that Slack sends requests to", (bench) => {
  const { server } = inSlack();
  let processes: readonly Requested[];

  beforeEach(async () => {
    processes = [await anotherProcess(server.apiUrl), await anotherProcess(server.apiUrl)];
    for (const { sides } of processes) {
      await sides.channel.start(
        async (delivery) => void (await intake(bench.parts, sides.channel, delivery)),
      );
      await sides.desk.start(deskHandler(bench.parts));
      bench.connect(sides.channel);
    }
  });
  const closeAll = () =>
    Promise.all(
      processes.map(async (one) => {
        await Promise.all([one.sides.channel.stop(), one.sides.desk.stop()]);
        await one.close();
      }),
    );

  test("S23 an event that comes five times is one question with one answer", async (context) => {
    context.after(closeAll);
    bench.answer(() => replying("Thank you for asking.", { accountData: false }));
    const ts = await server.people.post(USERS.ann, CHANNELS.help, "When are you open?");
    const body = eventBody(saidInHelp(USERS.ann, "When are you open?", ts));
    const retry = { headers: { "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout" } };
    const answers = await Promise.all(
      processes.flatMap(({ url }) => [
        send(url, "events", body),
        send(url, "events", body),
        send(url, "events", body, retry),
      ]),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200, 200, 200],
    );
    const conversation = await bench.conversationWith(`slack:T0OURSHOP:${CHANNELS.help}:${ts}`);
    assert.ok(conversation);
    // The bench has a day of its own; a burst's quiet time is over there a little after now here.
    bench.skip(Date.now() - bench.now().getTime() + 60_000);
    for (let round = 0; round < 3; round += 1) await bench.wake(conversation);
    const said = await server.people.messages(CHANNELS.help);
    assert.equal(said.filter(({ user }) => user === BOT).length, 1);
  });

  const clicksRecorded = () =>
    bench.parts.store.run((transaction) =>
      rowsOf(
        transaction,
        z.object({ kind: z.string(), count: z.coerce.number() }),
        sql`select kind, count(*) as count from audit where kind in ('vote', 'refused') group by kind order by kind`,
      ),
    );

  test("S22 a click that comes again, and again elsewhere, is one vote and one refund", async (context) => {
    const closing = { once: false };
    context.after(() => (closing.once ? undefined : closeAll()));
    bench.answer(() => replying("We refund 120.00 USD.", { actions: [refundOf(12_000)] }));
    const conversation = await bench.write("Please refund order 789");
    const card = await bench.pending(conversation);
    assert.ok(card);
    const body = click(USERS.sam, "desk:approve", `${card.id}:v${card.version}`);
    await Promise.all(processes.map(({ url }) => send(url, "interactions", body)));
    await context.waitFor(async () => assert.equal(await bench.pending(conversation), null), {
      timeout: PATIENCE_MS,
    });
    const before = await clicksRecorded();
    assert.deepEqual(before, [{ kind: "vote", count: 1 }]);
    for (const { url } of processes) await send(url, "interactions", body, { offBy: -240 });
    bench.skip(60_000);
    await bench.tick();
    const refunds = bench.left.filter(({ action }) => action.operation === "refund");
    assert.equal(refunds.length, 1);
    // A click that is known is not even refused: it is answered as it was the first time.
    closing.once = true;
    await closeAll();
    assert.deepEqual(await clicksRecorded(), before);
  });
});

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
