/** What the figures of a topic speak for, by their interval. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { adviceOn, AGREED_MIN, JUDGED_MIN, topicScorecard } from "#jobs/scorecard/scorecard.ts";
import type { DraftScore } from "#store/reports/draft-scores.ts";
import { runs } from "#test/support/tiers.ts";

function score(more: Partial<DraftScore> = {}): DraftScore {
  return {
    channel: "email",
    topic: "refund",
    autonomy: "shadow",
    agreed: true,
    wrongActions: 0,
    missingFacts: 0,
    atRisk: null,
    at: new Date("2026-03-01T10:00:00.000Z"),
    ...more,
  };
}

/** So many drafts of one topic, of which people did not agree with some. */
function drafts(all: number, apart: number, more: Partial<DraftScore> = {}) {
  const scores = Array.from({ length: all }, (_, index) =>
    score({ ...more, agreed: index >= apart }),
  );
  const [topic] = topicScorecard(scores);
  assert.ok(topic);
  return topic;
}

describe("what the figures of a topic speak for", () => {
  test("with fewer than thirty drafts nothing is promoted, however good they are", () => {
    assert.equal(adviceOn(drafts(29, 0)), null);
    assert.equal(adviceOn(drafts(30, 0))?.to, "draft");
  });

  test("the lower end of the interval decides, not the share itself", () => {
    // 24 of 30 are 80 %, and their interval begins at 63 %.
    assert.equal(adviceOn(drafts(30, 6)), null);
    // The same share of 120 begins at 72 %.
    assert.equal(adviceOn(drafts(120, 24))?.kind, "promote");
  });

  test("a level the figures do not allow is given back at once, also with few drafts", () => {
    assert.equal(adviceOn(drafts(40, 20, { autonomy: "draft" }))?.to, "shadow");
    assert.equal(adviceOn(drafts(5, 5, { autonomy: "draft" }))?.kind, "demote");
    assert.equal(adviceOn(drafts(5, 2, { autonomy: "draft" })), null);
    assert.equal(adviceOn(drafts(1, 0, { autonomy: "auto", wrongActions: 1 }))?.to, "draft");
    assert.equal(adviceOn(drafts(9, 9, { autonomy: "shadow" })), null);
  });

  test("whatever is judged: what permits more rests on thirty drafts and the lower end, and goes one step", () => {
    const level = fc.constantFrom("shadow", "draft", "auto" as const);
    fc.assert(
      fc.property(fc.nat(150), fc.nat(150), level, fc.nat(2), (of, off, autonomy, wrongActions) => {
        fc.pre(of > 0);
        const topic = drafts(of, Math.min(of, off), { autonomy, wrongActions });
        const advice = adviceOn(topic);
        if (advice?.kind !== "promote") return;
        assert.ok(topic.judged >= JUDGED_MIN);
        const to = advice.to === "auto" ? "auto" : "draft";
        assert.ok(topic.agreed.low >= AGREED_MIN[to]);
        assert.deepEqual(
          [advice.from, to],
          to === "auto" ? ["draft", "auto"] : ["shadow", "draft"],
        );
        assert.ok(to === "draft" || topic.wrongActions.count === 0);
      }),
      { numRuns: runs(300) },
    );
  });
});
