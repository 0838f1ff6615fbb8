/** A passage's score is a chance: the share of questions with such evidence that its page answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { answerChance, pageEvidence } from "#knowledge/search.ts";

const SHARE = fc.double({ min: 0, max: 1, noNaN: true });
const LEAD = fc.double({ min: -1, max: 1, noNaN: true });
const MANNER = fc.constantFrom("meaning" as const, "words" as const);

describe("the chance that a page answers", () => {
  test("it lies between 0 and 1 and grows with the score and with the lead", () => {
    fc.assert(
      fc.property(SHARE, SHARE, LEAD, LEAD, MANNER, (score, other, lead, further, manner) => {
        const worse = { page: "a", score: Math.min(score, other), lead: Math.min(lead, further) };
        const better = { page: "a", score: Math.max(score, other), lead: Math.max(lead, further) };
        const chance = answerChance(worse, manner);
        assert.ok(chance >= 0 && chance <= 1);
        assert.ok(answerChance(better, manner) >= chance);
      }),
    );
  });

  test("a page counts with its first passage, and leads by its distance from the first of the others", () => {
    const evidence = pageEvidence([
      { id: "refunds#top", order: 0.75, score: 0.5 },
      { id: "refunds#when", order: 0.6875, score: 0.75 },
      { id: "returns#top", order: 0.625, score: 0.625 },
    ]);
    assert.deepEqual(evidence, [
      { page: "refunds", score: 0.5, lead: 0.125 },
      { page: "returns", score: 0.625, lead: -0.125 },
    ]);
  });
});
