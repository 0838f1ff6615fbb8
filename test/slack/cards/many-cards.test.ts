/** With many open cards of one customer a new one is posted at once, and nothing else is drawn again. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { slack } from "#slack/index.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { showCards } from "#jobs/approval/sync-cards.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { eventually, optionsFor } from "#test/slack/bench.ts";
import { CHANNELS, startTestSlack, type TestSlack } from "#test/slack/local-slack.ts";
import { recordingProxy } from "#test/slack/transport/recording-handler.ts";

const OPEN = 20;

onDesk("a customer with twenty open cards", (bench) => {
  const opened: { server?: TestSlack } = {};
  before(async () => {
    opened.server = await startTestSlack();
  });
  after(() => opened.server?.close());

  test("has the card of another mail posted with one message, and the others stay as they are", async (context) => {
    const { server } = opened;
    assert.ok(server);
    const proxy = await recordingProxy(server.url);
    context.after(() => proxy.close());
    const { desk } = slack(optionsFor(proxy.apiUrl));
    bench.connectDesk(desk);
    await desk.start(deskHandler(bench.parts));
    context.after(() => desk.stop());
    bench.answer(() => replying("It is on its way.", { topic: "order_status" }));
    const posted = async (): Promise<number> =>
      (await server.people.messages(CHANNELS.approvals)).length;
    for (let thread = 0; thread < OPEN; thread += 1)
      await bench.write("Where is my order 456?", { thread: `t${thread}` });
    await eventually(context, async () => {
      await showCards(bench.parts);
      assert.equal(await posted(), OPEN);
    });
    proxy.calls.splice(0);
    const id = await bench.write("And where is my order 789?", { thread: "new" });
    await eventually(context, async () => {
      await showCards(bench.parts);
      assert.equal(await posted(), OPEN + 1);
    });
    await bench.tick();
    const written = proxy.calls
      .map(({ method }) => method)
      .filter((name) => name.startsWith("chat."));
    assert.deepEqual(written, ["chat.postMessage"]);
    const { records } = (await bench.pending(id))?.card.context ?? {};
    assert.ok(records?.kind === "known" && records.openCount === OPEN);
  });
});
