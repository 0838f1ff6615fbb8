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

test("a courtesy may call the customer by a name and be kind in any words, and names nothing else", () => {
  const courtesy = (text: string) =>
    judged([{ kind: "courtesy", text, source: null, quote: null }], { sources }).findings.length;
  for (const text of [
    "Thanks for asking, Greta.",
    "Good thinking, Ben!",
    "What a lovely idea, Amy!",
    "Nice collection!",
    "I understand that's frustrating.",
    "Here's the overview:",
    "Hi Ines! Here's what I found:",
    "That's frustrating, I'm sorry.",
    "That’s a pity.",
    "I get why that's alarming.",
    "Sorry that you're left waiting.",
    "No need to be embarrassed!",
    "Claro que sí.",
  ])
    assert.equal(courtesy(text), 0, text);
  for (const text of [
    "Thanks for asking, it is in Denver.",
    "Thanks for asking, you get it for 20 dollars.",
    "Happy to help: see help.ourshop.test.",
    "I hope it reaches you by Monday.",
  ])
    assert.equal(courtesy(text), 1, text);
});

test("whom a statement calls needs no source, and whom it tells of does", () => {
  const quote = "Gift wrapping is 3.50 USD per product.";
  assert.deepEqual(fact("Gift wrapping is 3.50 USD per product, Nerys.", 1, quote), []);
  assert.equal(fact("Gift wrapping at Nerys Lane is 3.50 USD per product.", 1, quote).length, 1);
});

test("what a statement goes by is the customer's, and what somebody else has is not", () => {
  const quote = "I have 640 points.";
  for (const text of ["Going by the number you give, 640 points.", "Judging by your 640 points,"])
    assert.deepEqual(fact(text, 2, quote), [], text);
  for (const text of ["You have 640 points.", "Going by the account, you have 640 points."])
    assert.equal(fact(text, 2, quote).length, 1, text);
});

test("what the reply reckons from its sources is known, and another value is not", () => {
  const rate = "100 points are worth 5.00 USD.";
  assert.deepEqual(fact("Your 640 points are worth 32.00 USD.", 1, rate), []);
  assert.equal(fact("Your 640 points are worth 34.00 USD.", 1, rate).length, 1);
  assert.deepEqual(
    fact("100 points are 5.00 USD, so the 640 you name are 32.00 USD.", 1, rate),
    [],
  );
  const paid = "order 17: amount 17.90 USD";
  assert.equal(fact("Order 17 was paid yesterday.", 3, paid).length, 1);
  const each = "Gift wrapping is 3.50 USD per product.";
  assert.deepEqual(fact("For three presents 3.50 USD each are 10.50 USD.", 1, each), []);
  assert.equal(fact("For three presents 3.50 USD each are 11.50 USD.", 1, each).length, 1);
});

/** How many sentences are found in a list of what two orders cost, with these marks before its lines. */
function listed(first: string, second: string): number {
  const lines = [
    [`${first} The novel was 17.90 USD.`, "order 17: amount 17.90 USD", 3],
    [`${second} The lamp was 46.00 USD.`, "order 18: amount 46.00 USD", 4],
  ] as const;
  const statements = lines.map(([text, quote, source]) => ({
    kind: "fact" as const,
    text,
    source,
    quote,
  }));
  const reply = statements.map(({ text }) => text).join("\n");
  return judged(statements, { sources, reply }).findings.length;
}

test("the numbers of a list's lines count nothing, and other numbers at the beginning of a line do", () => {
  assert.equal(listed("1.", "2."), 0);
  assert.equal(listed("1)", "  2)"), 0);
  for (const [first, second] of [
    ["1.", "3."],
    ["2.", "3."],
    ["30.", "31."],
    ["1. Mai:", "2. Mai:"],
    ["1", "2"],
    ["-", "2."],
  ] as const)
    assert.notEqual(listed(first, second), 0, `${first} ${second}`);
});

/** How many sentences are found in what a reader calls done, where these orders were looked up. */
function looked(text: string, ...orders: readonly string[]): number {
  const all = [
    page,
    theirs,
    ...orders.map((id) => order(id, "novel", "17.90 USD")),
    { ...page, kind: "record" as const, name: "the calendar", text: "today 2026-11-21" },
  ];
  return judged([{ kind: "done", text, source: null, quote: null }], { sources: all }).findings
    .length;
}

test("that the speaker looked at an order needs no quote where the order was looked up", () => {
  for (const text of [
    "I’ve just looked at order 17:",
    "I looked into your order.",
    "I have checked order #17:",
    "I had a look at your order 17.",
  ])
    assert.equal(looked(text, "17"), 0, text);
  assert.equal(looked("I've looked at orders 17 and 18:", "17", "18"), 0);
});

test("a look at what was not looked up, with a day, with a person or with what it showed needs its source", () => {
  for (const text of [
    "I've looked at order 19.",
    "I looked at order 17 yesterday.",
    "I've looked at order 17 with the depot.",
    "I've checked your order and it is free.",
    "I've looked into your refund.",
    "Our team looked at order 17.",
    "I've looked at your order, approved.",
  ])
    assert.equal(looked(text, "17"), 1, text);
  assert.equal(looked("I've looked at your order."), 1);
  assert.equal(looked("I've looked at your order.", "17", "18"), 1);
});

test("what needs no quote by its form needs none either where a reader calls it a fact or a deed", () => {
  for (const kind of ["fact", "done", "promise", "grant", "echo"] as const) {
    const found = (text: string) =>
      judged([{ kind, text, source: null, quote: null }], { sources }).findings.length;
    for (const text of ["Here's what I found:", "I'm sorry about the trouble!"])
      assert.equal(found(text), 0, `${kind} ${text}`);
    for (const text of [
      "Here's your voucher:",
      "I have refunded it, sorry!",
      "It is yours, right?",
    ])
      assert.equal(found(text), 1, `${kind} ${text}`);
    const thanks = [{ kind, text: "Thank you.", source: null, quote: null }];
    assert.equal(judged(thanks, { claims: () => true }).findings.length, 1, kind);
  }
});

/** How many sentences are found in a reply to this customer. */
function toCustomer(
  customer: string | null,
  text: string,
  [source, quote]: readonly [number | null, string | null] = [null, null],
): number {
  const kind = quote === null ? "courtesy" : "fact";
  return judged([{ kind, text, source, quote }], { sources, customer }).findings.length;
}

const WRAPPED = [1, "Gift wrapping is 3.50 USD per product."] as const;

test("a reply may call the customer by the name on record, behind a greeting or an apology", () => {
  for (const text of [
    "I'm sorry, Nerys,",
    "Oh no, Nerys, I'm sorry!",
    "Es tut mir leid, Nerys Obi,",
  ])
    assert.equal(toCustomer("Nerys Obi", text), 0, text);
  for (const text of [
    "I'm sorry, Nerys, but gift wrapping is 3.50 USD.",
    "It is 3.50 USD, Ms Obi: per product.",
    "It is 3.50 USD per product, Nerys, and you choose it at the checkout.",
    "I'm so sorry, Ms Obi, it is 3.50 USD.",
    "Thank you, Nerys Obi, it is 3.50 USD.",
  ]) {
    assert.equal(toCustomer("Nerys Obi", text, WRAPPED), 0, text);
    assert.equal(toCustomer("Ben Ito", text, WRAPPED), 1, text);
    assert.equal(toCustomer(null, text, WRAPPED), 1, text);
  }
});

test("what stands beside the customer's name needs its source, and so does the name where it tells something", () => {
  for (const text of [
    "I'm sorry, Nerys, it is in Denver,",
    "Oh no, Nerys, we sent it on Monday!",
    "I'm sorry, Nerys, you get 20 USD,",
    "I'm sorry, Nerys Denver,",
    "I'm sorry, Nerys, I have refunded it,",
  ])
    assert.equal(toCustomer("Nerys Obi", text), 1, text);
  for (const text of [
    "Gift wrapping in Nerys Lane, Nerys, is 3.50 USD.",
    "Gift wrapping by Nerys is 3.50 USD.",
    "It is 3.50 USD, Nerys, or 4.50 USD with a card.",
    "It is 3.50 USD for the recipient, Nerys Obi.",
  ])
    assert.equal(toCustomer("Nerys Obi", text, WRAPPED), 1, text);
  // A name that is a word of ours says it, also as a customer's name.
  assert.equal(toCustomer("No Monday", "It is 3.50 USD, Monday, per product.", WRAPPED), 1);
});

test("a courtesy calls for care, and for no leave to do something with a thing", () => {
  const found = (text: string): number =>
    judged([{ kind: "courtesy", text, source: null, quote: null }], { sources }).findings.length;
  for (const text of [
    "Please don't sleep next to it.",
    "If it smokes, get away from it.",
    "You can always write to us.",
    "I hope you can enjoy it soon.",
  ])
    assert.equal(found(text), 0, text);
  for (const text of [
    "You can charge it in the rain.",
    "Sorry, but you don't have to unplug it.",
    "It's safe to open it.",
    "Feel free to keep using it.",
    "You're free to open it.",
    "It is perfectly safe to open it.",
  ])
    assert.equal(found(text), 1, text);
});
