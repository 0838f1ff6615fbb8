/** Customers read days as people write them, whatever a record or a model wrote. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { withWrittenDates } from "#agent/written-dates.ts";
import { agentUnderTest, turn, verified } from "#test/support/fixtures/turns.ts";
import { calls, play, reply } from "./play.ts";
import { rehearsalModel } from "#sandbox/rehearsal/rehearsal.ts";

test("a day is written out in the language of the text, else in the customer's", () => {
  for (const [text, customer, written] of [
    ["It is due on 2026-11-19.", null, "It is due on 19 November 2026."],
    ["Your order was shipped on 2026-11-09 and is on its way.", "de", /on 9 November 2026 and/],
    ["Ihre Bestellung wurde am 2026-11-19 an Sie verschickt.", null, /am 19\. November 2026 an/],
    ["Votre colis sera livré le 2026-12-01 chez vous.", null, /le 1 décembre 2026 chez/],
    ["2026-11-19", "es", "19 de noviembre de 2026"],
  ] as const) {
    const found = withWrittenDates(text, customer);
    if (typeof written === "string") assert.equal(found, written);
    else assert.match(found, written);
  }
});

test("what is no day by itself stays: numbers, addresses, times, and days no check could read back", () => {
  for (const text of [
    "Order A-2026-11-19-7 is open.",
    "See https://ourshop.test/news/2026-11-19/sale for more.",
    "It was booked at 2026-11-19T10:00:00Z.",
    "The number is 2026-13-45.",
  ])
    assert.equal(withWrittenDates(text, "en"), text);
  assert.equal(withWrittenDates("2026-11-19", "el"), "2026-11-19");
});

test("a draft is checked and goes out with its days written out", async () => {
  const { agent } = agentUnderTest({ model: rehearsalModel() });
  const { ending, findings } = await agent.run(
    turn(["Where is my order 123?"], { requester: verified("u123") }),
  );
  assert.ok(ending.kind === "reply");
  assert.match(ending.text, /\d{1,2} January 2025/);
  assert.doesNotMatch(ending.text, /\d{4}-\d{2}-\d{2}/);
  assert.deepEqual(findings, []);
  const { result } = await play([calls(reply("We close on 2025-01-09."))], {}, turn(["Hi"]));
  assert.ok(result.ending.kind === "reply");
  assert.match(result.ending.text, /9 January 2025/);
});
