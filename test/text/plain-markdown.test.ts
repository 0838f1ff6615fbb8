import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { plainText } from "#text/plain-markdown.ts";
import { runs } from "#test/support/tiers.ts";
import { processorClock } from "#test/support/processor-time.ts";

test("marks of Markdown are taken away, and the words stay", () => {
  for (const [written, shown] of [
    ["Your order **456** is *on its way*.", "Your order 456 is on its way."],
    ["__Refund__: `120.00 USD`, ~~not~~ _today_", "Refund: 120.00 USD, not today"],
    ["## Your refund\n\n* first\n+ second\n- third", "Your refund\n\n- first\n- second\n- third"],
    ["See [Returns](https://ourshop.test/returns).", "See Returns (https://ourshop.test/returns)."],
    ["[https://a.test](https://a.test)", "https://a.test"],
    ["Here:\n```text\nA-1\n```\n---\nBye", "Here:\nA-1\nBye"],
    ["***Both***", "Both"],
  ] as const)
    assert.equal(plainText(written), shown);
});

test("what only looks like a mark stays", () => {
  for (const text of [
    "Order #1001 costs 2 * 3 * 4 = 24, that is 5*3*2.",
    "snake_case_name and https://a.test/x_y_z*a*b",
    "#1 of 3, 10 - 12 days",
    "Is it 5 [cm] (2 inches)?",
    "- one\n- two",
    "![seen](https://a.test/p.png)",
    "a_b_ and _",
  ])
    assert.equal(plainText(text), text);
});

test("a text without marks is never changed, and one that was changed once is not changed again", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\p{L}\p{N} .,:;!?'"()@€$%&/\n]{0,80}$/u), (text) => {
      assert.equal(plainText(text), text);
    }),
    { numRuns: runs(200), seed: 1 },
  );
  fc.assert(
    fc.property(fc.stringMatching(/^[a-c1 *_`~#[\]()!\n+-]{0,60}$/), (text) => {
      const letters = (words: string) => words.replaceAll(/[^a-c]/g, "");
      assert.equal(letters(plainText(text)), letters(text));
    }),
    { numRuns: runs(500), seed: 2 },
  );
});

test("long runs of marks take no longer than other text", () => {
  for (const run of ["*", "**a", "_a ", "[a](", "`", "~~a", "#"]) {
    const tookMs = processorClock();
    plainText(run.repeat(20_000));
    assert.ok(tookMs() < 2_000, run);
  }
});
