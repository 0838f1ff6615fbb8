/** The scorecard says the same in the weekly report and in the console. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { scorecardOf } from "#jobs/scorecard/scorecard.ts";
import { shadowSection } from "#jobs/scorecard/scorecard-text.ts";
import { scorecardView } from "#server/console/numbers.ts";
import type { DraftScore } from "#store/reports/draft-scores.ts";

const SCORES = scorecardOf(
  Array.from({ length: 40 }, (_, index): DraftScore => ({
    channel: "email",
    topic: index < 4 ? "<faq>" : "order_status",
    autonomy: index < 4 ? "draft" : "shadow",
    agreed: index !== 5,
    wrongActions: index === 5 ? 1 : 0,
    missingFacts: 0,
    atRisk: index === 5 ? { minor: 12_000, currency: "USD" } : null,
    at: new Date("2026-03-01T10:00:00.000Z"),
  })),
);

test("the weekly report has what shadows, each topic on a line", () => {
  assert.deepEqual(shadowSection(SCORES).lines, [
    "order status on email: agreed 35 of 36 (86 to 100 %) · wrong actions in 1 · at risk 120.00 USD · facts missing in 0 of 36 · promote to draft",
  ]);
  assert.deepEqual(shadowSection([]).lines, []);
});

test("the console escapes a topic's name and leads to the page of the policy", () => {
  const page = scorecardView(SCORES).toString();
  assert.ok(page.includes("&lt;faq&gt;") && !page.includes("<faq>"));
  for (const words of [
    "agreed with 35 of 36 (86 to 100 %)",
    "wrong actions in 1 of 36 (0 to 14 %)",
    "at risk: 120.00 USD",
    "promote to draft",
    "stays; 26 more to be judged",
    "Leads decide; nothing changes by itself.",
  ])
    assert.ok(page.includes(words), words);
  assert.ok(scorecardView([]).toString().includes("No draft was judged yet."));
  assert.ok(page.includes('href="/console/policy"'));
});
