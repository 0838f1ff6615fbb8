/** Conversations of one case are recognised as well as promised, on the part the rules were not tuned with. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { measureCases } from "#evals/same-case/measure.ts";

describe("recognising one case", () => {
  const held = measureCases("test");

  test("what is joined on the test part is one case in at least 98 of 100 pairs", () => {
    assert.ok(
      held.precision >= 0.98,
      JSON.stringify(held.wrong.filter(({ kind }) => kind === "joined")),
    );
  });

  test("at least 80 of 100 pairs of one case are joined without asking", () => {
    assert.ok(held.recall >= 0.8, `${held.recall}`);
  });
});
