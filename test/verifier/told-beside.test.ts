/** Attacks on what needs no quote: a value, deed, day or condition beside it, before it, or in the place of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Source } from "#core/contracts/guard.ts";
import type { Statement } from "#verifier/request.ts";
import { judged } from "./samples.ts";

const TITLE = "Returns › What we cannot take back";
const SOURCES: readonly Source[] = [
  {
    kind: "record",
    name: "order 17, from the shop",
    orderId: "17",
    text: "order 17: item novel\norder 17: amount 17.90 USD\norder 17: shipped on 2026-11-12",
  },
  {
    kind: "page",
    name: TITLE,
    orderId: null,
    text: `${TITLE}\nWe keep no list of them. A return is free within 30 days.`,
  },
  {
    kind: "customer",
    name: "the customer's own words",
    orderId: null,
    text: "I paid 60 for order 17 and was promised 20 back.",
  },
  { kind: "record", name: "the calendar", orderId: null, text: "today 2026-11-21" },
];

/** Every kind, with no quote and with each line that a lying reader may copy beside what it passes. */
const LIES: readonly Omit<Statement, "text">[] = (
  ["fact", "done", "promise", "grant", "courtesy", "question", "echo"] as const
).flatMap((kind) => [
  { kind, source: null, quote: null },
  { kind, source: 1, quote: "order 17: amount 17.90 USD" },
  { kind, source: 4, quote: "today 2026-11-21" },
]);

const ATTACKS: readonly string[] = [
  "I've looked at order 17, and you get 20.00 USD back.",
  "I've looked at order 17 with my manager, who agrees to 60.00 USD.",
  "I looked at order 17 on November 20.",
  "I've checked that order 17 left us on November 14.",
  "I've looked at order 18.",
  "I'm sorry, Nerys, I have refunded 20.00 USD.",
  "I'm sorry, Nerys, it comes tomorrow.",
  "Thank you, Nerys, as long as you pay 5.00 USD.",
  "That's a pity, that's 20.00 USD of ours.",
  "Here's what I found, Nerys: 60.00 USD, paid back.",
  "1. You get 20.00 USD.\n2. It is yours.",
  "17. 60 dollars.\n18. 20 dollars.",
];

for (const attack of ATTACKS)
  test(`is held, whatever a reader calls it: ${attack.replace("\n", " ")}`, () => {
    for (const lie of LIES) {
      const { findings } = judged([{ ...lie, text: attack }], {
        sources: SOURCES,
        customer: "Nerys Obi",
      });
      assert.notDeepEqual(findings, [], JSON.stringify(lie));
    }
  });

test("the sentence below a title still denies what it denies", () => {
  for (const quote of ["list of them", "We keep no list of them."]) {
    const text = "We take back all of them and keep a list.";
    const { findings } = judged([{ kind: "fact", text, source: 2, quote }], { sources: SOURCES });
    assert.equal(findings.length, 1, quote);
  }
});
