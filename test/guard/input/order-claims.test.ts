/** What customers claim about an order, measured on labelled sentences. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { orderClaimsIn } from "#guard/input/order-claims.ts";
import { type ClaimSample, DEV, TEST } from "./samples/order-claims.ts";

const find = (text: string): readonly string[] =>
  orderClaimsIn(text).map((claim) =>
    claim.kind === "charged" ? `charged:${claim.minor}` : claim.kind,
  );

for (const [name, samples, bars] of [
  ["the half the rules were made with", DEV, { precision: 0.98, recall: 0.98 }],
  ["the half they were not made with", TEST, { precision: 0.95, recall: 0.8 }],
] as const)
  test(`claims about an order are found in ${name}`, (context) => {
    const { precision, recall, wrong } = measured(samples, find);
    context.diagnostic(
      `${samples.length} texts: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}`,
    );
    assert.ok(precision >= bars.precision && recall >= bars.recall, wrong.join("\n"));
  });

test("no sentence is in both halves, and there are more than a hundred", () => {
  const texts = [...DEV, ...TEST].map(([text]) => text.toLowerCase());
  assert.equal(new Set(texts).size, texts.length);
  assert.ok(texts.length >= 100);
});

test("a text that says both is about more than one thing, and claims neither", () => {
  assert.deepEqual(find("The lamp arrived broken. The second lamp has not arrived."), []);
});

test("a very long text without an end is read in bounded time and claims what its beginning says", () => {
  assert.deepEqual(find(`My order never arrived. ${"not waiting for the ".repeat(20_000)}`), [
    "not_arrived",
  ]);
});

/** Compares what a detector finds with the labels. */
function measured(samples: readonly ClaimSample[], find: (text: string) => readonly string[]) {
  let right = 0;
  let extra = 0;
  let missed = 0;
  const wrong: string[] = [];
  for (const [text, labels] of samples) {
    const found = find(text);
    const tooMany = found.filter((one) => !labels.includes(one));
    const tooFew = labels.filter((one) => !found.includes(one));
    right += found.length - tooMany.length;
    extra += tooMany.length;
    missed += tooFew.length;
    if (tooMany.length + tooFew.length > 0)
      wrong.push(`${text} +[${tooMany.join()}] -[${tooFew.join()}]`);
  }
  return { precision: right / (right + extra), recall: right / (right + missed), wrong };
}
