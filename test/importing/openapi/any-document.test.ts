/** Documents that were damaged anywhere are answered with problems, and nothing is ever thrown but a refusal. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { load } from "js-yaml";
import { DeskhandError } from "#core/values/errors.ts";
import { openedFrom } from "./opened.ts";
import { runs } from "#test/support/tiers.ts";

const SHOP: unknown = load(
  readFileSync(join(import.meta.dirname, "documents", "bicycle-shop.yaml"), "utf8"),
);

/** What stands in documents where something else should. */
const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  "",
  "text",
  [],
  {},
  [[]],
  { $ref: "#" },
  { $ref: "#/paths" },
  { $ref: "gone.yaml#/x" },
  { $ref: 7 },
  { allOf: [{ $ref: "#/components/schemas/Order" }, null, 3] },
  { oneOf: [] },
  { oneOf: [{ type: "null" }] },
  { type: ["object", "array", "null", 4] },
  { enum: [null, {}, "a", 1] },
  { properties: [], required: {}, items: [] },
  JSON.parse('{"__proto__": {"type": "string"}, "constructor": 1}'),
];

/** The value with what stands at a place replaced; places count every value in the order of the document. */
function replaced(value: unknown, place: number, instead: unknown): unknown {
  let left = place;
  const visit = (at: unknown): unknown => {
    left -= 1;
    if (left === -1) return instead;
    if (Array.isArray(at)) return at.map(visit);
    if (typeof at !== "object" || at === null) return at;
    return Object.fromEntries(Object.entries(at).map(([key, inner]) => [key, visit(inner)]));
  };
  return visit(value);
}

function sizeOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + sizeOf(inner), 1);
}

async function isAnswered(content: unknown): Promise<void> {
  try {
    const system = await openedFrom(content);
    const names = system.system.operations.map(({ name }) => name);
    const { operations, problems } = await system.describe(names);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z][a-z0-9_]{0,63}$/);
    const refused = problems.filter(({ effect }) => effect === "refused");
    assert.ok(operations.length === names.length || refused.length > 0);
    assert.ok(problems.every(({ says }) => says.length > 10 && says.length < 400));
  } catch (error) {
    assert.ok(error instanceof DeskhandError, String(error));
  }
}

describe("any document", () => {
  test("with a value replaced anywhere is described or refused", async () => {
    const size = sizeOf(SHOP);
    const change = fc.tuple(fc.nat({ max: size - 1 }), fc.constantFrom(...ODD));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const damaged = changes.reduce((value, [at, odd]) => replaced(value, at, odd), SHOP);
        await isAnswered(damaged);
      }),
      { numRuns: runs(100) },
    );
  });

  test("of any bytes is refused in words", async () => {
    const text = readFileSync(join(import.meta.dirname, "documents", "bicycle-shop.yaml"));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length }), fc.uint8Array({ maxLength: 8 }), (at, bytes) =>
        isAnswered(Buffer.concat([text.subarray(0, at), bytes, text.subarray(at + bytes.length)])),
      ),
      { numRuns: runs(40) },
    );
  });
});
