/** What is said to differ between a draft and what a teammate made of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { compareTexts, isRequest } from "#jobs/notes/compare-texts.ts";
import { runs } from "#test/support/tiers.ts";

const AT = new Date("2026-11-20T10:00:00Z");
const DRAFT =
  "Hello Ann,\n\nYou can return an item within 30 days of its delivery. The label is free.";

describe("comparing a draft with a teammate's text", () => {
  const compared = (after: string, before = DRAFT) => compareTexts(before, after, AT);

  test("names the fact that was changed, with both sentences", () => {
    const { differs, facts } = compared(DRAFT.replace("30 days", "14 days"));
    assert.equal(differs, "facts");
    assert.deepEqual(
      facts.changed.map(({ from, to }) => [from.fact, to.fact]),
      [["30 days", "14 days"]],
    );
    assert.equal(
      facts.changed[0]?.to.sentence,
      "You can return an item within 14 days of its delivery.",
    );
    assert.deepEqual([facts.added, facts.removed], [[], []]);
  });

  test("names facts that were only added or only removed", () => {
    const more = compared(`${DRAFT} Shipping back costs 4.90 EUR.`);
    assert.deepEqual(more.facts.added, [
      { fact: "4.90 EUR", sentence: "Shipping back costs 4.90 EUR." },
    ]);
    const less = compared("Hello Ann,\n\nThe label is free.");
    assert.deepEqual(
      less.facts.removed.map(({ fact }) => fact),
      ["30 days"],
    );
  });

  test("takes the same fact in another spelling for the same", () => {
    assert.equal(compared(DRAFT.replace("30 days", "thirty days")).differs, "tone");
  });

  test("takes other words, another greeting and courtesies for a matter of tone", () => {
    for (const after of [
      DRAFT.replace("Hello Ann", "Dear Ann"),
      `${DRAFT} Thank you so much for your patience!`,
      "Hi Ann! An item can be returned within 30 days of delivery. And the label is free.",
    ])
      assert.equal(compared(after).differs, "tone", after);
  });

  test("knows a new request to the customer from a new statement", () => {
    const asked = compared(`${DRAFT} Please send us a photo of the broken hinge.`);
    assert.equal(asked.differs, "steps");
    assert.deepEqual(asked.sentences.added, ["Please send us a photo of the broken hinge."]);
    assert.equal(
      compared(`${DRAFT} Broken hinges are covered by the warranty.`).differs,
      "content",
    );
  });

  test("leaves the customer's own numbers out", () => {
    const { differs } = compared(`${DRAFT} Order 100234.`, `${DRAFT} Order 100235.`);
    assert.equal(differs, "tone");
  });

  test("finds nothing different in a text with other spaces, whatever it says", () => {
    fc.assert(
      fc.property(fc.lorem({ maxCount: 30 }), (text) => {
        const { differs, facts, sentences } = compared(text.replaceAll(" ", "\n "), text);
        assert.equal(differs, "nothing");
        assert.deepEqual([facts.added, facts.removed, facts.changed], [[], [], []]);
        assert.deepEqual(sentences, { added: [], removed: [] });
      }),
      { numRuns: runs(40) },
    );
  });

  test("recognizes a request in the languages teammates write", () => {
    for (const sentence of [
      "Which colour was it?",
      "Bitte schicken Sie ein Foto.",
      "Veuillez patienter.",
    ])
      assert.ok(isRequest(sentence), sentence);
    assert.ok(!isRequest("We will send it."));
  });
});
