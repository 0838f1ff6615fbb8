/** The situation of one wish on two ways: whatever is clicked, the money moves once. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { MAIN_DATABASE } from "#test/support/deskhand.ts";
import { until } from "#test/support/waiting.ts";
import { ANN, openDesk, type Desk } from "./desk.ts";

describe(`one wish on two ways on ${MAIN_DATABASE}`, () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk?.close());

  test("17: the same refund asked by mail and in the chat is made once, whatever is approved at once", async () => {
    await desk.deskhand.mail(ANN, "My headphones are broken. Please refund order 789.", {
      subject: "Broken headphones",
    });
    await desk.card("Refund 120.00 USD");
    await desk.deskhand.chat("u123", "My headphones are broken, please refund order 789");
    await delay(3_000);
    const waiting = await desk.open("Refund 120.00 USD");
    assert.ok(waiting.length > 0);
    await Promise.all(waiting.map((card) => desk.approve("sam", card)));
    await until("the refund", async () => (await desk.refunds("789")).length > 0);
    await delay(4_000);
    for (const left of await desk.open("Refund 120.00 USD")) await desk.approve("lea", left);
    await delay(2_000);
    assert.deepEqual(await desk.refunds("789"), [120]);
  });
});
