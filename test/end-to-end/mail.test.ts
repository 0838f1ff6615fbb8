/** Questions by mail: the card, the send, the thread, the undo, and messages that come in bursts. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { labelsOf } from "#test/support/card-buttons.ts";
import { decide } from "#test/support/decide.ts";
import { MAIN_DATABASE, type Deskhand } from "#test/support/deskhand.ts";
import { sharedDeskhand } from "#test/support/shared-deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { buttonsOf, shownText, type SlackMessage } from "#test/support/slack.ts";

const ANN = "ann@customer.test";
const CARA = "cara@customer.test";

describe(`questions by mail on ${MAIN_DATABASE}`, () => {
  let deskhand: Deskhand;
  before(async () => {
    deskhand = await sharedDeskhand("talks");
  });

  const answersTo = async (subject: string) =>
    (await deskhand.mailbox(ANN)).filter((mail) => mail.subject === `Re: ${subject}`);
  const live = async (): Promise<readonly SlackMessage[]> =>
    (await deskhand.cards()).filter((card) => buttonsOf(card).length > 0);

  test("the card says who, what, the true status, where it goes; Send answers in the thread", async () => {
    const asked = await deskhand.mail(ANN, "Where is my order 456? <!channel> *bold*", {
      subject: "Lamp",
    });
    const card = await deskhand.card((text) => text.includes("<!channel>"));
    const text = shownText(card);
    assert.match(text, /Ann Fields/);
    assert.match(text, /✅ Known customer · Ann Fields/);
    assert.match(text, /📦 Order 456 · desk lamp · paid 60\.00 USD · processing, not shipped/);
    assert.match(text, /Where is my order 456\? <!channel> \*bold\*/);
    assert.match(text, /processing/);
    assert.match(text, /ann@customer\.test/);
    const first = ["Send", "Edit", "Reject"];
    assert.deepEqual(labelsOf(card), [...first, "Escalate", "Claim", "Redo", "Take over", "Why?"]);
    await decide(deskhand, "sam", card, "Send");
    const reply = await until("the reply", async () => (await answersTo("Lamp")).at(-1));
    assert.equal(reply.subject, "Re: Lamp");
    assert.equal(reply.headers["in-reply-to"], asked);
    assert.ok(String(reply.headers["references"]).includes(asked));
    assert.match(reply.text, /processing/);
    const closed = await until("the closed card", async () => {
      const now = (await deskhand.cards()).find(({ ts }) => ts === card.ts);
      return now !== undefined && buttonsOf(now).length === 0 ? now : null;
    });
    assert.match(shownText(closed), /Sam Ortiz/);
    assert.match(shownText(closed), /\d\d:\d\d/);
    assert.ok(shownText(closed).split("\n").length <= 2, shownText(closed));
  });

  test("Undo takes a sent answer back before it leaves", async () => {
    await deskhand.mail(ANN, "What is the status of order 123?", { subject: "Kettle" });
    const card = await deskhand.card((text) => text.includes("order 123?"));
    await decide(deskhand, "sam", card, "Send");
    const undoable = await until("the undo button", async () => {
      const now = (await deskhand.cards()).find(({ ts }) => ts === card.ts);
      return now !== undefined && labelsOf(now).includes("Undo") ? now : null;
    });
    await deskhand.press("sam", undoable, "Undo");
    const again = await until("the card to wait again", async () => {
      const now = (await deskhand.cards()).find(({ ts }) => ts === card.ts);
      return now !== undefined && labelsOf(now).includes("Send") ? now : null;
    });
    await delay(6_000);
    assert.deepEqual(await answersTo("Kettle"), []);
    await deskhand.press("sam", again, "Reject");
    await deskhand.slack.waitForView(() => true);
    await deskhand.slack.closeView(deskhand.endpoints.slack?.users.sam ?? "");
  });

  test("a parcel that never came is answered from its page", async () => {
    const asked = "My kettle, order 123, never arrived. I have waited for months.";
    await deskhand.mail(ANN, asked, { subject: "Kettle never came" });
    const card = await deskhand.card((text) => text.includes(asked));
    assert.match(shownText(card), /Missing parcel/i);
  });

  test("five mails of one thread within a burst are one turn and one card", async () => {
    const first = await deskhand.mail(CARA, "Hello,", { subject: "Phone" });
    const more = [
      "I ordered a phone.",
      "The order number is 2001.",
      "It is not here.",
      "Where is my order 2001?",
    ];
    for (const text of more)
      await deskhand.mail(CARA, text, { subject: "Re: Phone", inReplyTo: first });
    const card = await deskhand.card((text) => text.includes("Where is my order 2001?"));
    for (const text of more) assert.ok(shownText(card).includes(text), text);
    await delay(3_000);
    assert.equal((await live()).filter((one) => shownText(one).includes("2001")).length, 1);
  });

  test("a new message refreshes the same card and says so; bare thanks do not", async () => {
    const card = await deskhand.card((text) => text.includes("Where is my order 2001?"));
    const mails = await deskhand.mailbox("support@ourshop.test");
    const first = mails.find((mail) => mail.subject === "Phone")?.messageId ?? "";
    await deskhand.mail(CARA, "And what did I pay for order 2001?", {
      subject: "Re: Phone",
      inReplyTo: first,
    });
    const refreshed = await until("the refreshed card", async () => {
      const now = (await deskhand.cards()).find(({ ts }) => ts === card.ts);
      return now !== undefined && shownText(now).includes("what did I pay") ? now : null;
    });
    assert.match(shownText(refreshed), /wrote again/);
    assert.equal((await live()).filter((one) => shownText(one).includes("2001")).length, 1);
    await deskhand.mail(CARA, "Thanks!", { subject: "Re: Phone", inReplyTo: first });
    await delay(4_000);
    const same = (await deskhand.cards()).find(({ ts }) => ts === card.ts);
    assert.equal(shownText(same ?? refreshed), shownText(refreshed));
    await decide(deskhand, "sam", refreshed, "Send");
    await until("one reply", async () => (await deskhand.mailbox(CARA)).length === 1);
  });
});
