/** Conversations of one case are recognised as well as promised, on the part the rules were not tuned with. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { measureCases } from "#evals/same-case/measure.ts";
import { readCustomers } from "#evals/same-case/read.ts";

describe("recognising one case", () => {
  const [dev, held] = [measureCases("dev"), measureCases("test")];

  test("the labelled set has at least 300 pairs, many of them of one case, and no text in both parts", () => {
    assert.ok(dev.pairs + held.pairs >= 300, `${dev.pairs + held.pairs} pairs`);
    assert.ok(dev.same + held.same >= 100, `${dev.same + held.same} of one case`);
    const texts = (part: "dev" | "test") =>
      readCustomers(part).flatMap(({ messages }) => messages.map(({ text }) => text));
    const known = new Set(texts("dev"));
    assert.deepEqual(
      texts("test").filter((text) => known.has(text)),
      [],
    );
  });

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
