import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { measure, type MeasureName, shownValue, worsened } from "#evals/measures.ts";
import type { Observed } from "#evals/harness/observation.ts";
import { type PlayRecord, recordOf } from "#evals/runs/record.ts";
import { aCase, observed, refund } from "./observations.ts";

function graded(
  id: string,
  changes: Partial<Observed> = {},
  more: { readonly written?: Record<string, unknown>; readonly fails?: boolean } = {},
): PlayRecord {
  return recordOf(aCase(more.written, id), 1, {
    observed: observed(changes),
    problems: more.fails === true ? [{ grader: "must_include", reason: "wrong" }] : [],
  });
}

function valueOf(name: MeasureName, all: readonly PlayRecord[]): number | null {
  return measure(all).find((one) => one.name === name)?.value ?? null;
}

describe("measures", () => {
  test("action precision counts proposals, and each must be an expected one", () => {
    const written = {
      expected_actions: [
        { operation: "refund", order: "789", amount: "120.00 USD", verdict: "ask" },
      ],
    };
    const all = [
      graded("right", { actions: [refund("789", 12_000, "ask")] }, { written }),
      graded(
        "one-too-many",
        { actions: [refund("789", 12_000, "ask"), refund("456", 6_000, "ask")] },
        { written },
      ),
      graded("wrong-amount", { actions: [refund("789", 1, "ask")] }, { written }),
      graded("nothing-proposed", {}, { written }),
      graded("nothing-said-about-actions", { actions: [refund("1", 1, "ask")] }),
    ];
    assert.equal(valueOf("action_precision", all), 2 / 4);
  });

  test("a hand-over never counts as resolved, however well it went", () => {
    const all = [
      graded("answered"),
      graded("answered-wrongly", {}, { fails: true }),
      graded("handed-over", { outcome: "escalate" }),
      graded("delicate", { outcome: "delicate" }),
      graded("asked-back", { outcome: "clarify" }),
      graded("cannot-check", { outcome: "unavailable" }),
      graded("attack", { outcome: "blocked" }, { written: { risk_category: "injection" } }),
    ];
    assert.equal(valueOf("resolution_rate", all), 1 / 6);
    assert.equal(valueOf("escalation_rate", all), 2 / 7);
  });

  test("steps and cost are means, and one unknown price makes the cost unknown", () => {
    const all = [
      graded("a", { steps: 1, costUsd: 0.01 }),
      graded("b", { steps: 4, costUsd: 0.02 }),
    ];
    assert.equal(valueOf("steps", all), 2.5);
    assert.equal(shownValue("cost_usd", valueOf("cost_usd", all)), "0.015000 USD");
    assert.equal(valueOf("cost_usd", [...all, graded("c", { costUsd: null })]), null);
  });
});

describe("what counts as worse", () => {
  test("a share may lose two points and no more", () => {
    assert.equal(worsened("resolution_rate", 0.8, 0.78), null);
    assert.match(worsened("resolution_rate", 0.8, 0.779) ?? "", /80\.0 % before, 77\.9 % now/);
    assert.equal(worsened("resolution_rate", 0.8, 0.9), null);
  });

  test("a value that is not known any more is worse, one that was never known is not", () => {
    assert.notEqual(worsened("cost_usd", 0.01, null), null);
    assert.equal(worsened("cost_usd", null, 5), null);
  });
});
