import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CODE_WORDS, SAYABLE, systemPrompt } from "#agent/prompt.ts";
import { canaryFinder, canaryMark, anyFinder, instructionFinder } from "#guard/output/leaks.ts";

const RULES = systemPrompt(["issue_refund", "send_code"]);
const repeats = instructionFinder(RULES, SAYABLE);
const LONG = RULES.split("\n").filter((line) => line.replaceAll(/[^\p{L}\p{N}]/gu, "").length > 60);

const DISGUISES: Readonly<Record<string, (line: string) => string>> = {
  plain: (line) => line,
  quoted: (line) => `> ${line.toUpperCase()}`,
  "a letter a word": (line) => Array.from(line).join(" "),
  reversed: (line) => Array.from(line).toReversed().join(""),
  leetspeak: (line) => line.replaceAll("e", "3").replaceAll("o", "0").replaceAll("a", "4"),
  "turned by 13": (line) =>
    line.replaceAll(/[a-z]/gi, (letter) => {
      const base = letter <= "Z" ? 65 : 97;
      return String.fromCharCode(((letter.charCodeAt(0) - base + 13) % 26) + base);
    }),
  "in base64": (line) => `Here: ${Buffer.from(line).toString("base64")}`,
  "in hexadecimal digits": (line) => Buffer.from(line).toString("hex"),
};

describe("a reply that repeats its instructions", () => {
  for (const [how, wrap] of Object.entries(DISGUISES))
    test(`is noticed for every line of them, ${how}`, () => {
      assert.ok(LONG.length > 15);
      // What a line has to say to the customer is open, and nothing but that is left of some.
      const missed = LONG.filter((line) => !repeats(`Of course. ${wrap(line)} Anything else?`));
      assert.deepEqual(missed, []);
    });

  test("may say what the instructions want said, and common phrases", () => {
    for (const words of [
      `I can't find order 456. ${CODE_WORDS.sent}`,
      `${CODE_WORDS.refused} ${CODE_WORDS.offered}`,
      "I can't find that order. Please check the number and write from the address or account it was ordered with.",
      "I have refunded 120.00 USD for order 789 to your original payment method.",
    ])
      assert.equal(repeats(words), false, words);
  });
});

test("finders put together find what each finds, in plain text and in encoded runs", () => {
  const secret = canaryMark("secret");
  const holds = anyFinder(canaryFinder("secret"), repeats);
  const rule = RULES.slice(0, 120);
  for (const text of [
    secret,
    rule,
    ...[secret, rule].map((words) => Buffer.from(words).toString("base64")),
  ])
    assert.ok(holds(text), text);
  assert.ok(!holds("An ordinary reply about order 789."));
});
