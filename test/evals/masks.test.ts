/** The masks of candidates: nothing that was planted is left, and what is no person's stays readable. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { LANGUAGES } from "#evals/promises/masks/values.ts";
import { measureMasks, textsOf } from "#evals/promises/masks.ts";
import { mask as maskSecrets } from "#guard/mask-secrets.ts";
import { maskExact } from "#jobs/masks/by-form.ts";

describe("the masks of candidates", () => {
  test("leave nothing of what was planted in 500 texts of eleven languages", () => {
    const { texts, left, leftovers, kept } = measureMasks("built");
    assert.equal(texts, 500);
    assert.equal(left, 0, JSON.stringify(leftovers.slice(0, 3)));
    assert.ok(kept > 0.9, `${kept} of the other words are kept`);
    assert.equal(new Set(textsOf("built").map(({ language }) => language)).size, LANGUAGES.length);
  });

  test("are measured by a measure that sees what a mask leaves", () => {
    const nothing = measureMasks("built", () => (text) => text);
    assert.equal(nothing.left, nothing.values);
    const formsOnly = measureMasks("built", () => maskExact);
    assert.ok(
      (formsOnly.leftBySlot["other"] ?? 0) > 100 && formsOnly.leftBySlot["mail"] === undefined,
    );
  });
});

/** Folders of texts; the generated personal data of `masks/` is made up. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesIn(path) : [path];
  });
}

/** Disguised attacks write an ending moved by thirteen letters. */
const RESERVED =
  /(?:\.|^)(?:test|grfg|example|invalid|localhost|127\.0\.0\.1)$|(?:^|\.)example\.(?:com|org|net)$/i;
/** Digests of recorded requests and disguised attacks are hexadecimal, and one of them in ten looks like a card. */
const HEXADECIMAL = /"asked": "[0-9a-f]{16}"|[0-9a-f]{40}/;
/**
 * Numbers that makers of payment software publish for tests, account numbers from the standard's own examples, and a
 * placeholder of an id.
 */
const PUBLISHED =
  /4111.?1111.?1111.?1111|4242.?4242.?4242.?4242|5500.?0000.?0000.?0004|5555.?5555.?5555.?4444|3782.?822463.?10005|DE89.?3704|GB82.?WEST|GB29.?NWBK|FR14.?2004|NL91.?ABNA|4444-555555555555|0000-4000-8000-000000000000/;

test("nothing personal is in the files of evals/: no address outside reserved domains, no card, no account", () => {
  const found = filesIn(join(import.meta.dirname, "../../evals")).flatMap((path) => {
    const text = readFileSync(path, "utf8");
    const mails = [...text.matchAll(/[\w.+-]+@([\w-]+(?:\.[\w-]+)+)/g)].filter(
      ([, domain = ""]) => !RESERVED.test(domain),
    );
    const numbers = text
      .split("\n")
      .filter(
        (line) =>
          /\[(?:card number|bank account) removed\]/.test(maskSecrets(line)) &&
          !PUBLISHED.test(line) &&
          !HEXADECIMAL.test(line) &&
          !line.includes(" removed]"),
      );
    return [
      ...mails.map(([mail]) => mail),
      ...numbers.map((line) => line.trim().slice(0, 120)),
    ].map((one) => `${path}: ${one}`);
  });
  assert.deepEqual(found, []);
});
