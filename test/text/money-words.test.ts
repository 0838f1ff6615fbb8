/** Whether the customer's own words name an amount. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amountDoubt } from "#text/about-text.ts";

const RECORD = ["120.00 USD", "100.00 USD"];

test("an amount on record is doubted only where the customer asks for another one", () => {
  for (const [words, doubt] of [
    ["refund it please", null],
    ["refund 120 of it", null],
    ["I paid $120, refund the remaining $100", null],
    ["refund $5 please", "$5"],
    ["I paid 120 dollars, please give me $5 of it back", "$5"],
  ] as const)
    assert.equal(amountDoubt(words, "100.00 USD", RECORD), doubt, words);
});

test("any other amount is the customer's where they wrote it as money, and nobody's where no number is it", () => {
  for (const [words, doubt] of [
    ["$4 back", null],
    ["I paid $120.00 and want 4,00 usd back", null],
    ["$4 or $7 back", "4"],
    ["room 4", "4"],
    ["4 € back", "4"],
    ["I said '4 usd', and paid '120.00 usd'", null],
    ["$40 back", ""],
    ["give it back", ""],
  ] as const)
    assert.equal(amountDoubt(words, "4.00 USD", RECORD), doubt, words);
});

test("a number in words is one that a person looks at, in the language of the message", () => {
  for (const [words, doubt] of [
    ["A hundred off and we are friends.", "A hundred"],
    ["Mit hundert weniger wäre ich zufrieden.", "hundert"],
    ["Rendez-moi cent et n'en parlons plus.", "cent"],
    ["Two hundred off, please.", ""],
    ["A discount would be fair.", ""],
  ] as const)
    assert.equal(amountDoubt(words, "100.00 USD", ["500.00 USD"]), doubt, words);
});

test("half of what is on record is one that a person looks at, where the message halves something", () => {
  for (const [words, doubt] of [
    ["Keep it for half the price?", "half"],
    ["Ik hou hem, maar voor de helft van de prijs.", "helft"],
    ["Die Hälfte zurück, und gut.", "Hälfte"],
    ["Something off would be fair.", ""],
  ] as const)
    assert.equal(amountDoubt(words, "60.00 USD", ["120.00 USD"]), doubt, words);
  assert.equal(amountDoubt("half of it", "50.00 USD", ["120.00 USD"]), "");
  assert.equal(amountDoubt("half of it", "60.00 EUR", ["120.00 USD"]), "");
});

test("separators only group, except before one or two last digits", () => {
  for (const words of ["$1,200.50", "1.200,50 usd", "1'200.50 usd", "$ 1200.5", "$01200.50"])
    assert.equal(amountDoubt(words, "1200.50 USD", []), null, words);
  assert.equal(amountDoubt("¥12005", "12005 JPY", []), null);
  assert.equal(amountDoubt("$12.005", "12.00 USD", []), "");
});
