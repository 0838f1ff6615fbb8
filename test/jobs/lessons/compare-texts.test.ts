/** What is said to differ between a draft and what a teammate made of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compareTexts } from "#jobs/lessons/compare-texts.ts";

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

  test("takes the same fact in another spelling for the same", () => {
    assert.equal(compared(DRAFT.replace("30 days", "thirty days")).differs, "tone");
  });

  test("leaves the customer's own numbers out", () => {
    const { differs } = compared(`${DRAFT} Order 100234.`, `${DRAFT} Order 100235.`);
    assert.equal(differs, "tone");
  });
});
