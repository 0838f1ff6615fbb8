/** What two teammates decide in Slack, with real jobs behind the cards: edits, claims, other drafts, taking over. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { CreateTicketArguments } from "#core/values/action.ts";
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
  const ticket = () =>
    CreateTicketArguments.parse(
      bench.left.find(({ action }) => action.operation === "create_ticket")?.action.arguments,
    );

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

  test("S13 an edit saved after the other one approved changes nothing and keeps the words", async (context) => {
    await team.open(context, "sam", "edit");
    await team.press("lea", "approve");
    await team.shows(context, /approved by Lea Winter/);
    await team.server().people.submit(USERS.sam, { text: "My better words." });
    await team.told(context, /approved already, by Lea Winter at .*My better words\./);
    const [reply, ...more] = await sent();
    assert.match(reply ?? "", /It is on its way\./);
    assert.deepEqual(more, []);
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

  test("a claim shows a name to all, and the other one is told who has it", async (context) => {
    const free = valuesOn(await team.card());
    assert.deepEqual(
      [...free.keys()],
      ["approve", "edit", "reject", "escalate", "claim", "redo", "take_over", "why"],
    );
    await team.press("sam", "claim");
    const claimed = await team.shows(context, /🙋 Sam Ortiz has this until 20 Nov 10:10/);
    assert.ok(!valuesOn(claimed).has("claim"));
    const late = { action_id: "desk:claim", value: free.get("claim") };
    await team.server().people.clickAnything(USERS.lea, CHANNELS.approvals, claimed.ts, late);
    await team.whispered(context, /Sam Ortiz has this until 10:10:00 UTC\. You may decide/);
    await team.press("sam", "release");
    await team.shows(context, /^(?![^]*has this until)/);
    assert.equal(await state(), 1);
  });

  test("a hint is asked for in a form, and the card comes back with another draft", async (context) => {
    await team.open(context, "sam", "redo");
    const people = team.server().people;
    for (const text of ["  ", "\u200B", "\u2800"])
      assert.deepEqual(await people.submit(USERS.sam, { text }), {
        errors: { text: "Say in a few words what to do differently." },
      });
    bench.answer(({ instruction }) => replying(`Because of “${instruction?.hint}”.`));
    await people.submit(USERS.sam, { text: "make it shorter" });
    await team.shows(context, /Sam Ortiz asked for another draft: “make it shorter”/);
    await bench.tick();
    const redone = await team.shows(context, /Redone by Sam Ortiz: “make it shorter”/);
    assert.match(shownText(redone), /Because of “make it shorter”\./);
    await team.press("lea", "approve");
    await team.shows(context, /approved by Lea Winter/);
    assert.equal((await sent()).length, 1);
  });

  test("a form whose card was redone meanwhile shows why, with the hint", async (context) => {
    await team.open(context, "sam", "redo");
    await bench.press("redo", id, "lea@ourshop.test", { hint: "longer" });
    await team.server().people.submit(USERS.sam, { text: "shorter" });
    await team.told(context, /changed meanwhile.*shorter/);
    assert.equal((await bench.pending(id))?.redraft.count, 1);
  });

  test("the teammate who takes over has it by name, and the card is one line", async (context) => {
    await team.press("sam", "take_over");
    const undoable = await team.shows(context, /⏳ Taken over by Sam Ortiz · 10:00:00 UTC/);
    assert.deepEqual([...valuesOn(undoable).keys()], ["undo"]);
    bench.skip(bench.parts.policy.undoMs + 1_000);
    await bench.tick();
    const closed = await team.shows(context, /^[^⏳]*Taken over by Sam Ortiz · 10:00:00 UTC$/);
    assert.deepEqual(valuesOn(closed).size, 0);
    await bench.tick();
    assert.deepEqual(ticket().taker, { name: "Sam Ortiz", email: "sam@ourshop.test" });
    assert.deepEqual(await sent(), []);
  });

  test("“I answer” gives it to the teammate who rejected it, and “something is wrong” wants a reason", async (context) => {
    await team.open(context, "lea", "reject");
    const people = team.server().people;
    assert.deepEqual(await people.submit(USERS.lea, { reason: "reason" }), {
      errors: { note: "Say in a few words what is wrong." },
    });
    await people.submit(USERS.lea, { reason: "i_answer" });
    await team.shows(context, /Rejected, Lea Winter answers · Lea Winter · /);
    await bench.tick();
    assert.equal(ticket().taker?.email, "lea@ourshop.test");
    assert.deepEqual(await sent(), []);
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
