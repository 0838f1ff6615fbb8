/** Situations about money: who may say yes to how much, what an edit changes, and what policy does alone. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { ANN, BOB, suiteDesk, textOf } from "./desk.ts";

describe(`money in a support week on ${MAIN_DATABASE}`, () => {
  const desk = suiteDesk();

  test("1: a broken item of 120.00 is one card, one click, one refund and the answer", async () => {
    await desk().deskhand.mail(
      ANN,
      "The left side of my headphones went silent. Please refund order 789.",
      { subject: "Silent headphones" },
    );
    const card = await desk().card("Refund 120.00 USD", "went silent");
    assert.deepEqual(await desk().refunds("789"), []);
    await desk().approve("sam", card);
    const answer = await desk().answer(ANN, "Silent headphones");
    assert.match(answer.text, /refunded 120\.00 USD for order 789/);
    assert.deepEqual(await desk().refunds("789"), [120]);
  });

  test("2 and 29: a part of the price is the customer's to name; text and amount of an edit are held against each other", async () => {
    await desk().deskhand.mail(
      BOB,
      "The lid of my laptop has a dent. Please refund 100 USD of order 1001.",
      { subject: "Dented lid" },
    );
    const card = await desk().card("Refund 100.00 USD", "has a dent");
    assert.doesNotMatch(textOf(card), /from the customer's words, not from a record/);
    const sam = desk().deskhand.endpoints.slack?.users.sam ?? "";
    const edit = async (values: Readonly<Record<string, string>>) => {
      await desk().deskhand.press("sam", card, "Edit");
      await desk().deskhand.slack.waitForView(({ callback_id: id }) => id === "desk:edit");
      return desk().deskhand.slack.submit(sam, values);
    };
    const refused = await edit({ amount: "9999" });
    assert.match("errors" in refused ? (refused.errors["amount"] ?? "") : "", /900\.00/);
    await desk().deskhand.slack.closeView(sam);
    const less = "I have refunded 50.00 USD for order 1001.";
    assert.deepEqual(await edit({ text: less }), { accepted: true });
    const flagged = await desk().card("has a dent", less);
    assert.match(textOf(flagged), /Refund 100\.00 USD/);
    assert.match(textOf(flagged), /⚠️[^\n]*50\.00/);
    const right = "I have refunded 100.00 USD for order 1001.";
    assert.deepEqual(await edit({ text: right }), { accepted: true });
    await desk().approve("sam", await desk().card("has a dent", right));
    assert.match((await desk().answer(BOB, "Dented lid")).text, /refunded 100\.00 USD/);
    assert.deepEqual(await desk().refunds("1001"), [100]);
  });

  test("3: 800.00 need two people, one of them a lead; the same person twice and a person without a role do not count", async () => {
    await desk().deskhand.mail(
      BOB,
      "Now the laptop does not start at all. Please refund the rest of order 1001.",
      { subject: "Dead laptop" },
    );
    const card = await desk().card("Refund 800.00 USD");
    await desk().approve("ned", card);
    await desk().approve("sam", card);
    await until("Sam's vote", async () => (await desk().now(card)).includes("1 of 2"));
    await desk().approve("sam", card);
    await delay(1_000);
    assert.match(await desk().now(card), /1 of 2/);
    assert.deepEqual(await desk().refunds("1001"), [100]);
    await desk().approve("lea", card);
    await desk().answer(BOB, "Dead laptop");
    assert.deepEqual(await desk().refunds("1001"), [100, 800]);
  });

  test("4: after 45 days the answer is no, with the rule, its page and the offer of a person", async () => {
    await desk().deskhand.mail(ANN, "I do not need the backpack. Please refund order 790.", {
      subject: "Backpack back",
    });
    const card = await desk().card("I do not need the backpack");
    assert.doesNotMatch(textOf(card), /Refund 80\.00 USD/);
    await desk().approve("sam", card);
    const answer = await desk().answer(ANN, "Backpack back");
    assert.match(answer.text, /30 days/);
    assert.match(answer.text, /refund policy/i);
    assert.match(answer.text, /person/);
    assert.deepEqual(await desk().refunds("790"), []);
  });

  test("26: a small refund and a new password happen by policy alone, and beyond its limit a person is asked", async () => {
    await desk().deskhand.mail(BOB, "The cable does not fit. Please refund order 1002.", {
      subject: "Cable does not fit",
    });
    assert.match((await desk().answer(BOB, "Cable does not fit")).text, /refunded 9\.00 USD/);
    assert.deepEqual(await desk().refunds("1002"), [9]);
    assert.deepEqual(await desk().open("cable does not fit"), []);
    await desk().deskhand.mail(BOB, "The case is too big. Please refund order 1003.", {
      subject: "Case too big",
    });
    const card = await desk().card("Refund 8.00 USD");
    assert.match(textOf(card), /used up/);
    assert.deepEqual(await desk().refunds("1003"), []);
    await desk().deskhand.mail(BOB, "Please reset my password.", {
      subject: "My password",
    });
    await desk().answer(BOB, "My password");
    const mails = await desk().deskhand.mailbox(BOB);
    assert.ok(mails.some(({ text }) => text.includes("/reset/")));
  });
});
