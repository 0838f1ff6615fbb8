/** Situations in Slack's help channel: a question without a page, one with a page, and one about an own order. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { shownText } from "#test/support/slack.ts";
import { until } from "#test/support/waiting.ts";
import { openDesk, type Desk } from "./desk.ts";

describe(`the help channel in a support week on ${MAIN_DATABASE}`, () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  const user = (name: "ann" | "ned") => desk.deskhand.endpoints.slack?.users[name] ?? "";
  const help = () => desk.deskhand.endpoints.slack?.helpChannel ?? "";
  const answerIn = async (thread: string): Promise<string> =>
    shownText(
      await desk.deskhand.slack.waitForMessage(
        help(),
        (message) => message.thread_ts === thread && message.ts !== thread,
      ),
    );

  test("22: what no page answers goes to a person", async () => {
    const words = "Do you sell saddles for sea horses?";
    await desk.deskhand.slack.post(user("ned"), help(), words);
    const ticket = await desk.ticket("saddles for sea horses");
    assert.equal(ticket.group_id, desk.deskhand.endpoints.zendesk?.groups.tier2);
  });

  test("22: what a page answers is answered in the thread, with the page", async () => {
    const thread = await desk.deskhand.slack.post(
      user("ned"),
      help(),
      "How long does shipping take?",
    );
    assert.match(await answerIn(thread), /days[^]*\(see Shipping and delivery times\)/);
  });

  test("22: about an own order the answer is in a direct message, and the channel hears only that", async () => {
    const thread = await desk.deskhand.slack.post(user("ann"), help(), "Where is my order 456?");
    const told = await answerIn(thread);
    assert.match(told, /direct message/i);
    assert.doesNotMatch(told, /processing|lamp/);
    const { channel } = await desk.deskhand.slack.direct(user("ann"), "And where is order 789?");
    await until("both answers", async () => {
      const said = (await desk.deskhand.slack.messages(channel)).map(shownText).join("\n");
      return said.includes("processing") && said.includes("delivered");
    });
  });
});
