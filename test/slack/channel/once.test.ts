/** What Slack sends more than once, to one process or to two, happens once: the real jobs over a real database. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sql } from "#store/db/drizzle.ts";
import { z } from "zod";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { intake } from "#jobs/intake.ts";
import { rowsOf } from "#store/db/database.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { inSlack } from "#test/slack/bench.ts";
import { BOT, CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { anotherProcess, type Requested } from "#test/slack/transport/requests-bench.ts";
import { click, eventBody, saidInHelp, send } from "#test/slack/transport/signed.ts";
import { PATIENCE_MS } from "#test/support/waiting.ts";

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
