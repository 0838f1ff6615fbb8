import assert from "node:assert/strict";
import { test } from "node:test";
import { claimsPromise, measureClaims } from "#evals/promises/claims.ts";
import { choicesOf, textsForVerifier } from "#evals/promises/claims/corpus.ts";
import { testLong } from "#test/support/tiers.ts";

test("of all adversarial drafts that tell a deed by a verb of ours none would go out, and no honest one is held back", () => {
  const { adversarial, verifier, honest, failures } = measureClaims();
  const told = failures.map(({ id, text, findings }) => `${id} ${text} ${findings.join(" ")}`);
  assert.ok(adversarial.cases >= 300 && honest.cases >= 300);
  // The list of drafts that only a reader can judge may become shorter, and grows by a decision alone.
  assert.equal(verifier.cases, textsForVerifier().size);
  assert.ok(verifier.cases <= 52);
  assert.deepEqual(told, []);
  assert.deepEqual([adversarial.falseDone, honest.falseBlocks, honest.rate], [0, 0, 0]);
});

test("a draft has as many readings as its longest choice has parts", () => {
  assert.deepEqual(choicesOf("{a|b} and {c|d|e}"), ["a and c", "b and d", "a and e"]);
  assert.deepEqual(choicesOf("no choice"), ["no choice"]);
});

testLong("the promise is told in lines for a person", () => {
  const { lines, ok } = claimsPromise();
  assert.ok(ok);
  assert.match(
    lines.join("\n"),
    /^adversarial +\d+ drafts, 0 false "done"\nverifier +\d+ drafts that need it, \d+ pass without\nhonest/,
  );
});
