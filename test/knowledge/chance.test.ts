/** A passage's score is a chance: the share of questions with such evidence that its page answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { calibrate, weightsOf } from "#evals/knowledge/calibrate.ts";
import { chanceOf, evidenceOf, logistic } from "#knowledge/chance.ts";
import { withEmptyStore } from "#evals/knowledge/empty-store.ts";
import { testLong } from "#test/support/tiers.ts";

const SHARE = fc.double({ min: 0, max: 1, noNaN: true });
const LEAD = fc.double({ min: -1, max: 1, noNaN: true });
const MANNER = fc.constantFrom("meaning" as const, "words" as const);

describe("the chance that a page answers", () => {
  test("it lies between 0 and 1 and grows with the score and with the lead", () => {
    fc.assert(
      fc.property(SHARE, SHARE, LEAD, LEAD, MANNER, (score, other, lead, further, manner) => {
        const worse = { page: "a", score: Math.min(score, other), lead: Math.min(lead, further) };
        const better = { page: "a", score: Math.max(score, other), lead: Math.max(lead, further) };
        const chance = chanceOf(worse, manner);
        assert.ok(chance >= 0 && chance <= 1);
        assert.ok(chanceOf(better, manner) >= chance);
      }),
    );
  });

  test("a page counts with its first passage, and leads by its distance from the first of the others", () => {
    const evidence = evidenceOf([
      { id: "refunds#top", order: 0.75, score: 0.5 },
      { id: "refunds#when", order: 0.6875, score: 0.75 },
      { id: "returns#top", order: 0.625, score: 0.625 },
    ]);
    assert.deepEqual(evidence, [
      { page: "refunds", score: 0.5, lead: 0.125 },
      { page: "returns", score: 0.625, lead: -0.125 },
    ]);
  });

  test("a page that alone is found leads by its whole order", () => {
    const [only] = evidenceOf([{ id: "help/refunds.md#top", order: 0.25, score: 0.5 }]);
    assert.deepEqual(only, { page: "help/refunds.md", score: 0.5, lead: 0.25 });
  });

  test("fitting finds the weights by which examples were made", () => {
    const truth = { intercept: -2, score: 4, lead: 3 };
    const examples = Array.from({ length: 6_000 }, (_, at) => {
      // Numbers spread evenly over their range, without chance, so that the test is the same every time.
      const spread = (step: number): number => (at * step) % 1;
      const evidence = { score: spread(0.618_034), lead: spread(0.754_877) - 0.3 };
      return { ...evidence, isRight: spread(0.569_84) < logistic(truth, evidence) };
    });
    const weights = weightsOf(examples);
    for (const name of ["intercept", "score", "lead"] as const)
      assert.ok(Math.abs(weights[name] - truth[name]) < 0.3, `${name} ${weights[name]}`);
  });

  test("questions that were all right still give finite weights", () => {
    const weights = weightsOf([{ score: 0.5, lead: 0.1, isRight: true }]);
    for (const weight of Object.values(weights)) assert.ok(Number.isFinite(weight));
    assert.ok(logistic(weights, { score: 0.5, lead: 0.1 }) > 0.5);
  });

  testLong(
    "questions about the sample shop are fitted by words and meaning and by words alone",
    async () => {
      const questions = [
        { id: "1", question: "What is your refund policy?", page: "refund-policy", also: [] },
        { id: "2", question: "How long is the warranty?", page: "warranty", also: [] },
        { id: "3", question: "Do you repair spaceships of the army?", page: null, also: [] },
        { id: "4", question: "Which wine goes with the moon?", page: null, also: [] },
      ];
      const { fitted, judged } = await withEmptyStore((parts) => calibrate(questions, parts));
      assert.ok(fitted.meaning.score > 0);
      assert.ok(fitted.words.score > 0);
      assert.ok(judged.meaning.questions >= 2);
    },
  );
});
