/** Situations about orders and accounts: what may be changed, what is true, and what is nobody else's business. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { ANN, BOB, openDesk, textOf, type Desk } from "./desk.ts";

describe(`orders in a support week on ${MAIN_DATABASE}`, () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  test("5a: a new address before shipping is asked for, written down, and told to the old contact", async () => {
    await desk.deskhand.mail(
      ANN,
      "I have moved. Please change the shipping address of order 456 to 7 Lake Street, 20095 Hamburg.",
      { subject: "Moved" },
    );
    const card = await desk.card("I have moved", "7 Lake Street");
    assert.ok(!(await desk.deskhand.order("456")).shipping_address.includes("7 Lake Street"));
    await desk.approve("sam", card);
    await desk.answer(ANN, "Moved");
    assert.match((await desk.deskhand.order("456")).shipping_address, /7 Lake Street/);
    await until("the notice of the shop", async () =>
      (await desk.deskhand.mailbox(ANN)).some(
        ({ from, subject }) => from === "shop@ourshop.test" && /address/i.test(subject),
      ),
    );
  });

  test("5b: after shipping the answer is no, with the page that says so, and nothing changes", async () => {
    const before = (await desk.deskhand.order("123")).shipping_address;
    await desk.deskhand.mail(
      ANN,
      "Please change the shipping address of order 123 to 7 Lake Street, 20095 Hamburg.",
      { subject: "Kettle elsewhere" },
    );
    const card = await desk.card("order 123 to 7 Lake Street");
    await desk.approve("sam", card);
    const answer = await desk.answer(ANN, "Kettle elsewhere");
    assert.match(answer.text, /can't change the shipping address of order 123/);
    assert.match(answer.text, /\(see Address change\)/);
    assert.equal((await desk.deskhand.order("123")).shipping_address, before);
  });

  test("6: who asks for another customer's order learns no more than about one that does not exist", async () => {
    await desk.deskhand.mail(BOB, "When does order 123 come?", { subject: "Order 123" });
    await desk.approve("sam", await desk.card("When does order 123 come?"));
    await desk.deskhand.mail(BOB, "When does order 99123 come?", { subject: "Order 99123" });
    await desk.approve("sam", await desk.card("When does order 99123 come?"));
    const foreign = (await desk.answer(BOB, "Order 123")).text;
    const absent = (await desk.answer(BOB, "Order 99123")).text;
    assert.equal(foreign.replaceAll("123", "N"), absent.replaceAll("99123", "N"));
    assert.doesNotMatch(foreign, /kettle|25\.00|2025-01-10|10 January 2025|Fields/);
  });

  test("7: “charged twice” is checked at the payments, and the one there is is named", async () => {
    await desk.deskhand.mail(ANN, "Was I charged twice for order 456?", {
      subject: "Charged twice",
    });
    const card = await desk.card("Was I charged twice");
    assert.match(textOf(card), /Order 456 was paid by .{1,60}60\.00 USD/);
    assert.equal(textOf(card).match(/was paid by/g)?.length, 1);
  });

  test("13: two questions in one mail are both answered in one draft", async () => {
    await desk.deskhand.mail(ANN, "Where is my order 456? And was order 789 paid with my card?", {
      subject: "Two questions",
    });
    const text = textOf(await desk.card("And was order 789 paid"));
    assert.match(text, /Order 456 \(desk lamp\)/);
    assert.match(text, /Order 789 was paid by/);
    assert.equal((await desk.open("And was order 789 paid")).length, 1);
  });
});
