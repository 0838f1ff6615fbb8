/** Situations that the card decides: what the shop knows, where words and record disagree, what else the customer asks. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { ANN, BOB, CARA, openDesk, textOf, type Desk } from "./desk.ts";

describe(`what a card knows in a support week on ${MAIN_DATABASE}`, () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  test("1b: “it arrived broken” about an order that has not arrived is pointed out beside the order's facts", async () => {
    await desk.deskhand.mail(CARA, "My phone arrived cracked. Please refund order 2001.", {
      subject: "Cracked",
    });
    const text = textOf(await desk.card("My phone arrived cracked", "Refund 640.00 USD"));
    assert.match(text, /Order 2001[^\n]*phone[^\n]*640\.00[^\n]*not delivered/i);
    assert.match(text, /⚠️[^\n]*arrived[^\n]*not delivered/i);
  });

  test("2: of a partial refund the card says how much was paid", async () => {
    await desk.deskhand.mail(
      BOB,
      "The laptop has a scratch. Please refund 100 USD of order 1001.",
      {
        subject: "Scratch",
      },
    );
    const text = textOf(await desk.card("has a scratch", "Refund 100.00 USD"));
    assert.match(text, /Order 1001[^\n]*laptop[^\n]*paid 900\.00/i);
  });

  test("3: a delicate message of the same customer about the same order stands first on the card", async () => {
    await desk.deskhand.mail(BOB, "Order 1001: my lawyer will sue you over this laptop.", {
      subject: "My lawyer",
    });
    await desk.ticket("My lawyer");
    await desk.deskhand.mail(BOB, "Please refund all of order 1001, it is broken.", {
      subject: "All of it",
    });
    const card = await desk.card("Please refund all of order 1001");
    assert.match(textOf(card), /⚠️[^\n]*(?:My lawyer|legal)/i);
  });

  test("18: a thank-you after an answer needs no card and no click", async () => {
    await desk.deskhand.mail(ANN, "Where is my order 456?", { subject: "Lamp" });
    await desk.approve("sam", await desk.card("Where is my order 456?"));
    const { messageId } = await desk.answer(ANN, "Lamp");
    await desk.deskhand.mail(ANN, "Thank you very much!", {
      subject: "Re: Lamp",
      inReplyTo: messageId,
    });
    await desk.caughtUp();
    await delay(1_000);
    assert.deepEqual(await desk.open("Thank you very much!"), []);
    assert.equal((await desk.answers(ANN, "Lamp")).length, 1);
  });

  test("18: after a refund, when the money comes is answered from the page; that it did not come is a person's", async () => {
    await desk.deskhand.mail(ANN, "The headphones crackle. Please refund order 789.", {
      subject: "Crackling",
    });
    await desk.approve("sam", await desk.card("The headphones crackle"));
    const { messageId } = await desk.answer(ANN, "Crackling");
    const again = { subject: "Re: Crackling", inReplyTo: messageId };
    await desk.deskhand.mail(ANN, "Thank you! When does the money arrive?", again);
    const card = await desk.card("When does the money arrive?");
    assert.match(textOf(card), /5 to 7 business days[^]*\(see Refund policy\)/);
    await desk.approve("sam", card);
    await until("the answer", async () => (await desk.answers(ANN, "Crackling")).length === 2);
    const late = "It has been two weeks and the money is still not there.";
    await desk.deskhand.mail(ANN, late, again);
    const { description } = await desk.ticket("Crackling");
    assert.ok(description.includes(late), description);
    assert.match(description, /Order 789[^\n]*120\.00 USD refunded/);
    assert.deepEqual(await desk.refunds("789"), [120]);
  });
});
