/** What two teammates decide in Slack, with real jobs behind the cards: edits, claims, other drafts, taking over. */
import assert from "node:assert/strict";
import { beforeEach, test, type TestContext } from "node:test";
import { eventually } from "#test/slack/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { onFloor, type Asked } from "./desk-floor.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";

const UNDO = 6_000;

onFloor("deciding in Slack", (floor) => {
  const { bench } = floor;
  const people = () => floor.server.people;
  let asked: Asked;

  beforeEach(async () => {
    bench.answer(() => replying("It is on its way."));
    asked = await floor.asked(await bench.write("Where is my order?"));
  });

  const shows = (context: TestContext, words: RegExp) =>
    eventually(context, async () => assert.match(await floor.cardText(asked), words));

  const sent = async (): Promise<readonly string[]> => {
    bench.skip(UNDO);
    await bench.tick();
    return bench.replies();
  };
  const card = () => bench.pending(asked.conversationId);

  test("S12 what was edited is what the other one sees, approves and sends, byte for byte", async (context) => {
    await floor.openForm(context, USERS.sam, asked, "edit");
    const text = "Hello Ann,\n\n it is <b>packed</b> & *ready* … \tTomorrow.\n\n— Sam  ";
    await people().submit(USERS.sam, { text });
    await shows(context, /Edited by Sam Ortiz/);
    assert.match(await floor.cardText(asked), /it is <b>packed<\/b> & \*ready\* … \tTomorrow\./);
    assert.equal((await card())?.version, 2);
    const stale = { action_id: "desk:approve", value: `${asked.approvalId}:v1` };
    await people().clickAnything(USERS.lea, CHANNELS.approvals, asked.ts, stale);
    await floor.told(context, /This card was changed meanwhile/);
    assert.deepEqual(await sent(), []);
    await floor.click(USERS.lea, asked, "approve");
    await shows(context, /approved by Lea Winter/);
    assert.deepEqual(await sent(), [text]);
  });

  test("S14 a form saved as it was changes neither words nor amount, and an empty one is not taken", async (context) => {
    bench.answer(() => replying("We refunded 120.00 USD.", { actions: [refundOf(12_000)] }));
    asked = await floor.asked(await bench.write("Please refund order 789", { thread: "t2" }));
    const before = await card();
    await shows(context, /Refund 120\.00 USD/);
    await floor.openForm(context, USERS.sam, asked, "edit");
    assert.deepEqual(await people().submit(USERS.sam, { text: "\u200B " }), {
      errors: { text: "The reply must not be empty." },
    });
    assert.deepEqual(await people().submit(USERS.sam, {}), { accepted: true });
    await shows(context, /Edited by Sam Ortiz/);
    assert.deepEqual((await card())?.proposal, before?.proposal);
    await floor.click(USERS.lea, asked, "approve");
    await shows(context, /approved by Lea Winter/);
    assert.deepEqual(await sent(), [before?.card.draft?.text]);
    assert.deepEqual(
      floor.refunds().map(({ action }) => action.arguments["amount"]),
      [{ minor: 12_000, currency: "USD" }],
    );
  });

  test("a person without a role is told so where a form would be, and by every other button", async (context) => {
    for (const form of ["reject", "redo"]) {
      await floor.click(USERS.ned, asked, form);
      await floor.toldInForm(context, /Only support and leads can decide here/);
    }
    for (const button of ["claim", "take_over"]) {
      await people()
        .closeView(USERS.ned)
        .catch(() => undefined);
      await floor.click(USERS.ned, asked, button);
    }
    await floor.told(context, /(?:Only support and leads[^]*){2}/);
    assert.equal((await card())?.version, 1);
  });
});
