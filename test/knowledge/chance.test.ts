/** A passage's score is a chance: the share of questions with such evidence that its page answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { answerChance, pageEvidence } from "#knowledge/search.ts";

const SHARE = fc.double({ min: 0, max: 1, noNaN: true });
const LEAD = fc.double({ min: -1, max: 1, noNaN: true });
const EVIDENCE = fc.record({ covered: SHARE, cosine: SHARE, lead: LEAD, apart: LEAD });
const MANNER = fc.constantFrom("meaning" as const, "words" as const);

describe("the chance that a page answers", () => {
  test("it lies between 0 and 1 and grows with the words, the meaning and the lead", () => {
    fc.assert(
      fc.property(EVIDENCE, EVIDENCE, MANNER, fc.boolean(), (one, other, manner, isNamed) => {
        const chosen = (choose: (...both: number[]) => number) => ({
          page: "a",
          covered: choose(one.covered, other.covered),
          cosine: choose(one.cosine, other.cosine),
          lead: choose(one.lead, other.lead),
          apart: isNamed ? choose(one.apart, other.apart) : null,
        });
        const [worse, better] = [chosen(Math.min), chosen(Math.max)];
        const chance = answerChance(worse, manner);
        assert.ok(chance >= 0 && chance <= 1);
        assert.ok(answerChance(better, manner) >= chance);
      }),
    );
  });

  test("a page counts with its first passage, and leads by its distance from the first of the others", () => {
    const evidence = pageEvidence([
      { id: "refunds#top", order: 0.75, covered: 0.5, cosine: 0.25, apart: 0.5 },
      { id: "refunds#when", order: 0.6875, covered: 0.75, cosine: 0.75, apart: 0 },
      { id: "returns#top", order: 0.625, covered: 0.625, cosine: null, apart: -0.5 },
    ]);
    assert.deepEqual(evidence, [
      { page: "refunds", covered: 0.5, cosine: 0.25, lead: 0.125, apart: 0.5 },
      { page: "returns", covered: 0.625, cosine: 0, lead: -0.125, apart: -0.5 },
    ]);
  });
});
