import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsOf, spreadOf } from "#jobs/reports/metrics.ts";
import { NO_ROWS } from "#test/slack/approvals/reports.ts";

test("median and nine tenths are exact for odd, even and many values", () => {
  const upTo = (count: number) => Array.from({ length: count }, (_, index) => count - index);
  assert.deepEqual(spreadOf([]), null);
  assert.deepEqual(spreadOf([7]), { count: 1, medianMs: 7, p90Ms: 7 });
  assert.deepEqual(spreadOf(upTo(10)), { count: 10, medianMs: 5.5, p90Ms: 9 });
  assert.deepEqual(spreadOf(upTo(101)), { count: 101, medianMs: 51, p90Ms: 91 });
});

test("at most five questions are named, those asked most first", () => {
  const search = (query: string, turnId: string) => ({ turnId, query, bestScore: 0 });
  const named = metricsOf(
    {
      ...NO_ROWS,
      searches: ["a", "b", "c", "d", "e", "f", "g"]
        .map((letter) => search(letter, letter))
        .concat(search("g", "h")),
    },
    { shiftsAt: () => [], scoreMin: 0.35 },
  ).questions;
  assert.deepEqual(named, ["g (2 times)", "a", "b", "c", "d"]);
});
