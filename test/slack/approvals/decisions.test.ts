/** What two teammates decide in Slack, with real jobs behind the cards: edits, claims, other drafts, taking over. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { shownText } from "#test/support/slack.ts";
import { onDesk } from "#test/jobs/bench.ts";
import { refundOf, replying } from "#test/jobs/turn-results.ts";
import { inSlack, valuesOn } from "./decisions-bench.ts";
import { CHANNELS, USERS } from "#test/slack/local-slack.ts";

const UNDO = 6_000;

onDesk("deciding in Slack", (bench) => {
  const team = inSlack(bench);
  let id = "";

  beforeEach(async () => {
    bench.answer(() => replying("It is on its way."));
    id = await bench.write("Where is my order?");
  });

  const sent = async (): Promise<readonly string[]> => {
    bench.skip(UNDO);
    await bench.tick();
    return bench.replies();
  };
  const state = async () => (await bench.pending(id))?.version ?? "decided";

  test("S12 what was edited is what the other one sees, approves and sends, byte for byte", async (context) => {
    const first = valuesOn(await team.card());
    await team.open(context, "sam", "edit");
    const text = "Hello Ann,\n\n it is <b>packed</b> & *ready* … \tTomorrow.\n\n— Sam  ";
    await team.server().people.submit(USERS.sam, { text });
    const edited = await team.shows(context, /Edited by Sam Ortiz/);
    assert.match(shownText(edited), /it is <b>packed<\/b> & \*ready\* … \tTomorrow\./);
    assert.equal(await state(), 2);
    const stale = { action_id: "desk:approve", value: first.get("approve") };
    await team.server().people.clickAnything(USERS.lea, CHANNELS.approvals, edited.ts, stale);
    await team.whispered(context, /This card was changed meanwhile/);
    assert.deepEqual(await sent(), []);
    await team.press("lea", "approve");
    await team.shows(context, /approved by Lea Winter/);
    assert.deepEqual(await sent(), [text]);
  });

  test("S14 a form saved as it was changes neither words nor amount, and an empty one is not taken", async (context) => {
    bench.answer(() => replying("We refunded 120.00 USD.", { actions: [refundOf(12_000)] }));
    id = await bench.write("Please refund order 789", { thread: "t2" });
    const before = await bench.pending(id);
    await team.shows(context, /Refund 120\.00 USD/);
    await team.open(context, "sam", "edit");
    assert.deepEqual(await team.server().people.submit(USERS.sam, { text: "\u200B " }), {
      errors: { text: "The reply must not be empty." },
    });
    assert.deepEqual(await team.server().people.submit(USERS.sam, {}), { accepted: true });
    await team.shows(context, /Edited by Sam Ortiz/);
    assert.deepEqual((await bench.pending(id))?.proposal, before?.proposal);
    await team.press("lea", "approve");
    await team.shows(context, /approved by Lea Winter/);
    assert.deepEqual(await sent(), [before?.card.draft?.text]);
    const refunds = bench.left.filter(({ action }) => action.operation === "refund");
    assert.deepEqual(
      refunds.map(({ action }) => action.arguments["amount"]),
      [{ minor: 12_000, currency: "USD" }],
    );
  });

  test("a person without a role is told so where a form would be, and by every other button", async (context) => {
    for (const form of ["reject", "redo"]) {
      await team.press("ned", form);
      await team.told(context, /Only support and leads can decide here/);
    }
    for (const button of ["claim", "take_over"]) {
      await team
        .server()
        .people.closeView(USERS.ned)
        .catch(() => undefined);
      await team.press("ned", button);
    }
    await team.whispered(context, /(?:Only support and leads[^]*){2}/);
    assert.equal(await state(), 1);
  });
});
