/** The situation of the first day: everything is shown, nothing is sent. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { ANN, openDesk, textOf, type Desk } from "./desk.ts";

describe(`the first day on ${MAIN_DATABASE}`, () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk((text) => text.replace(/(email: \{ default:) \w+/, "$1 shadow"));
  });
  after(() => desk?.close());

  test("32: in shadow the whole draft is on the card, which cannot be approved, and nothing is sent or refunded", async () => {
    await desk.deskhand.mail(ANN, "The headphones crackle. Please refund order 789.", {
      subject: "Crackling",
    });
    const card = await desk.card("Shadow: nothing is sent", "The headphones crackle");
    assert.match(textOf(card), /I have refunded 120\.00 USD for order 789/);
    assert.match(textOf(card), /Ann Fields/);
    assert.ok(!JSON.stringify(card.blocks).includes("desk:approve"), "it offers to approve");
    await delay(3_000);
    assert.deepEqual(await desk.answers(ANN, "Crackling"), []);
    assert.deepEqual(await desk.refunds("789"), []);
  });
});
