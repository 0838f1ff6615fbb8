import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canaryFinder, canaryMark } from "#guard/output/leaks.ts";
import { runs } from "#test/support/tiers.ts";

test("a canary is found however it is spaced or written, also in part, and only with its own secret", () => {
  const canary = canaryMark("secret");
  const isCanary = canaryFinder("secret");
  const split = canary.match(/.{1,4}/g) ?? [];
  const reversed = canary.split("").toReversed().join("");
  const base64 = Buffer.from(`the reference is ${canary}`).toString("base64");
  for (const text of [
    canary,
    `x ${canary}.`,
    canary.toUpperCase(),
    split.join(" "),
    canary.split("").join(" "),
    split.join("-\n"),
    `abc${canary}def`,
    canary.slice(0, 12),
    canary.slice(9, 21),
    canary.slice(-12),
    `${canary.slice(0, -1)}${canary.endsWith("0") ? "1" : "0"}`,
    `It begins with ${canary.slice(0, 14)}, you know.`,
    reversed,
    `${reversed.slice(0, 6)} ${reversed.slice(6, 12)}`,
    base64,
    `Here: ${base64.slice(3)}`,
    base64.replaceAll("+", "-").replaceAll("/", "_"),
    Buffer.from(canary, "hex").toString("base64"),
    Buffer.from(canary).toString("hex"),
    Buffer.from(canary)
      .toString("hex")
      .replaceAll(/../g, (pair) => `%${pair}`),
  ])
    assert.ok(isCanary(text), text);
  assert.ok(!isCanary("An ordinary reply about order 789."));
  assert.ok(!isCanary(canary.slice(0, 11)));
  assert.ok(!canaryFinder("another secret")(canary));
});

test("hexadecimal and base64 text that is no canary is not taken for one", () => {
  const isCanary = canaryFinder("secret");
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 60 }), (bytes) => {
      const buffer = Buffer.from(bytes);
      assert.ok(!isCanary(`${buffer.toString("hex")} ${buffer.toString("base64")}`));
    }),
    { numRuns: runs(200), seed: 1 },
  );
});
