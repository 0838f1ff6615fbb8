/** Where a quote stands, and what is folded before it is looked for. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { judged, said } from "./samples.ts";
import type { Statement } from "#verifier/request.ts";

const ORDER = "order 2001";
const SHIPPED = "order 2001: status shipped";
const PAGE = "Refunds";

/** The reasons of the findings, in order. */
function reasons(...statements: readonly Statement[]): readonly string[] {
  return judged(statements).findings.map(({ reason }) => reason);
}

describe("a quote", () => {
  test("with one other letter stands nowhere", () => {
    for (const [from, quote] of [
      [ORDER, "order 2001: status shiped"],
      [PAGE, "order 2002: status shipped"],
    ] as const) {
      const { findings, miscopied } = judged([said("fact", "It is on its way.", from, quote)]);
      assert.deepEqual(
        findings.map(({ words, reason }) => [words, reason]),
        [["It is on its way.", "its quote stands in no source"]],
      );
      assert.deepEqual(miscopied, [quote]);
    }
  });

  test("is judged by the source it stands in, also where another number was given", () => {
    const { findings, backed } = judged([said("fact", "It is on its way.", PAGE, SHIPPED)]);
    assert.deepEqual(findings, []);
    assert.equal(backed[0]?.source, "order 2001, from the shop");
    const theirs = said("fact", "It is at the depot in Chicago.", PAGE, "the depot in Chicago");
    assert.match(reasons(theirs)[0] ?? "", /only the customer/);
  });

  test("other forms of quotes and dashes are the same letters", () => {
    const sources = [
      { kind: "page" as const, name: "P", orderId: null, text: "It’s open – “always”." },
    ];
    const quote = `it's open - "always"`;
    const { miscopied } = judged([{ text: "It is open.", kind: "fact", source: 1, quote }], {
      sources,
    });
    assert.deepEqual(miscopied, []);
  });
});
