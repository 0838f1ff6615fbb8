import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { slack } from "#slack/index.ts";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { deskHandler } from "#jobs/decisions/desk-handler.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { agentUnderTest, CAPS } from "#test/support/fixtures/turns.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";
import { shownText, type SlackMessage } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";
import { eventually, optionsFor } from "#test/slack/bench.ts";
import { CHANNELS, startTestSlack, USERS, type TestSlack } from "#test/slack/local-slack.ts";
import { recordingProxy, type RecordingProxy } from "#test/slack/transport/recording-handler.ts";

const HOSTILE =
  "<!channel> <@U0SAM> <!subteam^S1> <https://evil.test/?d=x|your invoice> *bold* ```` \u202Eevil";

let server: TestSlack;
let proxy: RecordingProxy;

before(async () => {
  server = await startTestSlack();
  proxy = await recordingProxy(server.url);
});

after(async () => {
  await proxy.close();
  await server.close();
});

onDesk("hostile words on the desk", (bench) => {
  beforeEach(async (context) => {
    assert.ok("after" in context);
    await server.people.reset();
    proxy.calls.splice(0);
    const { desk } = slack(optionsFor(proxy.apiUrl));
    bench.connectDesk(desk);
    await desk.start(deskHandler(bench.parts));
    context.after(() => desk.stop());
  });

  /** Every message that went out, or was changed, said that nothing in it may be looked up. */
  const assertQuiet = (...methods: readonly string[]): void => {
    const messages = proxy.calls.filter(({ method }) => method.startsWith("chat."));
    const called = new Set(messages.map(({ method }) => method));
    assert.deepEqual([...called].toSorted(), methods.toSorted());
    for (const { method, parameters } of messages) {
      const { unfurl_links, unfurl_media, link_names, parse } = parameters;
      assert.deepEqual(
        { unfurl_links, unfurl_media, link_names, parse },
        { unfurl_links: "false", unfurl_media: "false", link_names: "false", parse: "none" },
        method,
      );
    }
  };

  /** The card, which the reconciler posts where Slack did not take it at once. */
  const card = (): Promise<SlackMessage> =>
    until("the card", async () => {
      const [message] = await server.people.messages(CHANNELS.approvals);
      if (message !== undefined) return message;
      bench.skip(1_000);
      await bench.tick();
      return null;
    });

  test("S18 a draft with a link, an image and a mention waits with a warning, shown as text, and no message of the run may unfurl", async (context) => {
    const draft =
      "Look: https://evil.test/?d=ann@customer.test ![x](https://evil.test/p.png?o=789) <@U0SAM> <!here>";
    const reply = { name: "reply", input: { text: draft, kind: "answer", topic: "other" } };
    const look = { name: "get_order_status", input: { order_id: "456" } };
    const model = scriptedModel([{ calls: [look] }, { calls: [reply] }, { calls: [reply] }]);
    const output = bareCheck;
    const { agent } = agentUnderTest({
      model,
      output,
      caps: () => ({ ...CAPS, confidenceMin: 0 }),
    });
    bench.answer((input) => agent.run(input));
    // Replies of this channel go out by themselves where nothing speaks against it.
    bench.rule({ replyAutonomy: () => "auto" });
    const id = await bench.write("Where is my order 456?", { channel: "chat" });
    model.assertUsedUp();
    assert.deepEqual(bench.replies(), []);
    assert.ok(await bench.pending(id), await bench.outcome(id));
    const posted = await card();
    const shown = shownText(posted);
    assert.match(shown, /⚠️ Check “.*evil\.test/);
    assert.match(shown, /an image is loaded by being seen/);
    assert.ok(shown.includes("<«@U0SAM»> <!here>"));
    // Ned has no role and is told so; Sam lets it go after all; an alert goes out.
    await server.people.click(USERS.ned, CHANNELS.approvals, posted.ts, "desk:approve");
    await eventually(context, () =>
      assert.ok(proxy.calls.some(({ method }) => method === "chat.postEphemeral")),
    );
    await server.people.click(USERS.sam, CHANNELS.approvals, posted.ts, "desk:approve");
    await bench.parts.desk.notify(HOSTILE, ["lea@ourshop.test"], "alert", AbortSignal.timeout(9e3));
    await eventually(context, async () => {
      await bench.tick();
      assert.ok(proxy.calls.some(({ method }) => method === "chat.update"));
    });
    assertQuiet("chat.postEphemeral", "chat.postMessage", "chat.update");
    const alerted = proxy.calls.filter(
      ({ parameters }) => parameters["channel"] === CHANNELS.alerts,
    );
    assert.doesNotMatch(alerted.map(({ parameters }) => parameters["text"]).join(), /<!|<http/);
  });
});
