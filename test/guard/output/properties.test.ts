import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canaryFinder, canaryMark } from "#guard/output/leaks.ts";
import { guard, mail } from "#test/guard/input/inbox.ts";
import { outputCheck, receipts, refundOf } from "./evidence-world.ts";
import { anyCharacter } from "#test/support/any-character.ts";
import { runs } from "#test/support/tiers.ts";

/** Pieces that come near to what the rules look for, so that any text made of them works them hard. */
const PIECES = [
  "ignore ",
  "all ",
  "previous ",
  "your ",
  "system ",
  "prompt ",
  "<",
  "<div ",
  "![",
  "](",
  "[",
  "---",
  "&#",
  "&#105;",
  "password is ",
  "4111 ",
  "1",
  "1,",
  "1-",
  "1.",
  "$",
  "order ",
  "#",
  "a.",
  "//",
  "@",
  "a@b.",
  "2025-",
  "refund ",
  "I have ",
  "been ",
  "if ",
  "\n",
  "\n\n",
  "> ",
  ". ",
  " and ",
  "\u200b",
  "\u{E0061}",
  "É",
  "漢",
  "eyJ",
  "one hundred and ",
  "sk-",
  "DE89 ",
  "A".repeat(50),
  "hello ",
  "I have refunded order 123 120.00 USD and ",
  "If I have refunded, ",
  "habe erstattet ",
  "Sie schreiben, dass ",
  "wurde ",
  "remboursé ",
  "reembolsado ",
  "einhundert",
  "vor 5 ",
  "the refund ",
  "my team will ",
  "+1 ",
  "https:",
  "a1b2c3d4e5f6",
  "dear ",
];

test("whatever the text, guard and check answer in their own shape and throw nothing", () => {
  const text = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 300 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(text, text, (first, second) => {
      const { verdict, reasons } = guard.inspect([
        mail(first, {
          subject: second.slice(0, 1_000),
          segments: [{ kind: "hidden", text: second }],
        }),
      ]);
      assert.ok(["allow", "caution", "block"].includes(verdict));
      assert.equal(verdict === "allow", reasons.length === 0);
      assert.ok(reasons.every((reason) => reason.length < 300));
      guard.delicate([mail(first)]);
      assert.equal(typeof guard.mask(first), "string");
      const known = { asked: second, toolResults: [{ tool: "x", result: { text: second } }] };
      const { findings, receiptsFound } = outputCheck.check(
        first,
        receipts({ ...known, proposal: { actions: [refundOf("789", 12_000)] } }),
      );
      assert.ok(
        findings.every(({ kind, reason }) => kind !== "" && reason !== "") && receiptsFound >= 0,
      );
    }),
    { numRuns: runs(800) },
  );
});

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
