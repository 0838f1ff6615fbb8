/** What a careful reader has no quote for, and code knows all the same: a name called, a liking, a sum. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { judged } from "./samples.ts";

const order = (id: string, item: string, amount: string) => ({
  kind: "record" as const,
  name: `order ${id}`,
  orderId: id,
  text: `order ${id}: item ${item}\norder ${id}: amount ${amount}`,
});
const page = {
  kind: "page" as const,
  name: "Points",
  orderId: null,
  text: "100 points are worth 5.00 USD. Gift wrapping is 3.50 USD per product.",
};
const theirs = {
  kind: "customer" as const,
  name: "the customer's own words",
  orderId: null,
  text: "I have 640 points. And three presents to wrap.",
};
const sources = [page, theirs, order("17", "novel", "17.90 USD"), order("18", "lamp", "46.00 USD")];

const fact = (text: string, source: number | null, quote: string | null) =>
  judged([{ kind: "fact", text, source, quote }], { sources }).findings;

test("a courtesy may call the customer by a name, and like something, but not give it", () => {
  const courtesy = (text: string) =>
    judged([{ kind: "courtesy", text, source: null, quote: null }], { sources }).findings.length;
  for (const text of [
    "Thanks for asking, Greta.",
    "Good thinking, Ben!",
    "What a lovely idea, Amy!",
    "Nice collection!",
    "I understand that's frustrating.",
    "Here's the overview:",
  ])
    assert.equal(courtesy(text), 0, text);
  for (const text of [
    "Great discount!",
    "Nice refund, Ben!",
    "Here is your voucher, Amy.",
    "Thanks for asking, it is in Denver.",
    "Lovely lamp, Ben, and it is yours!",
    "Good it shipped!",
    "Great waterproof jacket!",
    "We found it, Ann!",
    "Of course, Ann.",
    "Thanks for asking, Yes.",
  ])
    assert.equal(courtesy(text), 1, text);
});

test("whom a statement calls needs no source, and whom it tells of does", () => {
  const quote = "Gift wrapping is 3.50 USD per product.";
  assert.deepEqual(fact("Gift wrapping is 3.50 USD per product, Nerys.", 1, quote), []);
  assert.equal(fact("Gift wrapping at Nerys Lane is 3.50 USD per product.", 1, quote).length, 1);
  for (const text of ["Yes, Nerys, it is 3.50 USD.", "I'm sorry, Nerys, it is 3.50 USD."])
    assert.deepEqual(fact(text, 1, quote), [], text);
  assert.equal(fact("It is there, Nerys, for 3.50 USD.", 1, quote).length, 1);
});

test("what the reply reckons from its sources is known, and another value is not", () => {
  const rate = "100 points are worth 5.00 USD.";
  assert.deepEqual(fact("Your 640 points are worth 32.00 USD.", 1, rate), []);
  assert.equal(fact("Your 640 points are worth 34.00 USD.", 1, rate).length, 1);
  const paid = "order 17: amount 17.90 USD";
  for (const text of ["Order 17 was paid yesterday.", "Three novels at 17.90 USD are 53.70 USD."])
    assert.equal(fact(text, 3, paid).length, 1, text);
  const each = "Gift wrapping is 3.50 USD per product.";
  assert.deepEqual(fact("For three presents 3.50 USD each are 10.50 USD.", 1, each), []);
  assert.equal(fact("For three presents 3.50 USD each are 11.50 USD.", 1, each).length, 1);
});

const today = {
  kind: "record" as const,
  name: "the calendar",
  orderId: null,
  text: "today 2026-11-21",
};
const express = {
  ...page,
  name: "Shipping",
  text: "Later orders leave on the next business day. Express takes 1 to 2 business days.",
};
const glass = {
  ...order("19", "wine glasses", "48.00 USD"),
  text: "order 19: amount 48.00 USD\norder 19: shipped on 2026-11-12\norder 19: due on 2026-11-16\norder 19: delivered on 2026-11-18",
};

/** How many sentences are found in a fact that quotes these lines. */
function quoting(text: string, lines: readonly string[], kind: "fact" | "done" = "fact"): number {
  const asked = {
    ...theirs,
    text: "One of the 4 glasses is broken. And I want a set for 44 dollars.",
  };
  const all = [
    page,
    asked,
    order("17", "novel", "17.90 USD"),
    order("18", "lamp", "46.00 USD"),
    today,
    express,
    glass,
  ];
  return judged([{ kind, text, source: 1, quote: lines.join("\n") }], { sources: all }).findings
    .length;
}

test("a quote may be several lines, of several sources, and what they come to is reckoned from them alone", () => {
  const [novel, lamp] = ["order 17: amount 17.90 USD", "order 18: amount 46.00 USD"];
  const [set, four] = ["order 19: amount 48.00 USD", "One of the 4 glasses is broken"];
  const [due, came] = ["order 19: due on 2026-11-16", "order 19: delivered on 2026-11-18"];
  for (const [text, lines] of [
    ["Together they come to 63.90 USD.", [novel, lamp]],
    ["The lamp was 28.10 USD dearer.", [novel, lamp]],
    ["All three come to 111.90 USD.", [novel, lamp, set]],
    ["One glass of 4 is 12.00 USD.", [set, four]],
    [
      "Wrapped it would be 47.50 USD.",
      ["Gift wrapping is 3.50 USD per product.", "I want a set for 44 dollars"],
    ],
    ["It came two days late.", [due, came]],
    [
      "It leaves on Monday, 23 November.",
      ["today 2026-11-21", "Later orders leave on the next business day."],
    ],
    [
      "So it is Tuesday, 24 November.",
      ["Later orders leave on the next business day. Express takes 1 to 2 business days."],
    ],
  ] as const)
    assert.equal(quoting(text, lines), 0, text);
  for (const [text, lines] of [
    ["Together they come to 64.90 USD.", [novel, lamp]],
    ["Together they come to 63.90 USD.", [novel]],
    ["Two novels come to 35.80 USD.", [novel, lamp]],
    ["The lamp was paid yesterday.", [lamp, "today 2026-11-21"]],
    ["It was a set for 44.00 USD.", [set, "I want a set for 44 dollars"]],
    ["It came six days late.", [due, came]],
    ["Together they come to 63.90 USD.", [novel, "order 18: amount 47.00 USD"]],
  ] as const)
    assert.equal(quoting(text, lines), 1, text);
  assert.equal(quoting("We refunded 63.90 USD.", [novel, lamp], "done"), 1);
});

test("of several lines one has to say it", () => {
  assert.equal(
    quoting("It has arrived.", ["order 19: delivered on 2026-11-18", "One of the 4 glasses"]),
    0,
  );
  assert.equal(
    quoting("Your 4 glasses are in Denver.", ["order 17: item novel", "One of the 4 glasses"]),
    1,
  );
  assert.equal(quoting("You have 4 glasses.", ["One of the 4 glasses", "I want a set"]), 1);
});

test("a line of what was found backs that we looked, and nothing else we did", () => {
  const found = ["order 17: amount 17.90 USD"];
  for (const text of [
    "I've looked it up:",
    "I've had a look, Fatima.",
    "I've looked at order 17:",
    "I've checked your order, Amelia:",
  ])
    assert.equal(quoting(text, found, "done"), 0, text);
  for (const text of [
    "I've looked it up with the depot.",
    "I've checked your parcel at the depot.",
    "We have packed it.",
  ])
    assert.equal(quoting(text, found, "done"), 1, text);
});

test("the number of a list's line counts nothing, and another number does", () => {
  const quote = "order 17: amount 17.90 USD";
  assert.deepEqual(fact("2. The novel was 17.90 USD.", 3, quote), []);
  assert.equal(fact("The 2 novels were 17.90 USD.", 3, quote).length, 1);
});
