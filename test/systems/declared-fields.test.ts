/** Fields by words: what a record keeps, what a model may fill in, and mistakes by their places. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { z } from "zod";
import { InputFields, RecordFields } from "#systems/declared-fields.ts";
import { hasField } from "#systems/check-change.ts";

function mistakes(form: typeof RecordFields, fields: unknown) {
  const parsed = form.safeParse(fields);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join("."));
}

describe("the fields of a record", () => {
  test("are kept, and nothing else is", () => {
    const record = RecordFields.parse({
      id: "text",
      total: "number",
      count: "whole",
      paid: "boolean",
      ref: "text or number",
      extra: "any",
      tags: { list: "text", max: 2 },
      customer: { fields: { id: "text" } },
    });
    const given = {
      id: "1",
      total: 1.5,
      count: 2,
      paid: true,
      ref: 7,
      extra: [1],
      tags: ["a"],
      customer: { id: "c", card: "4242" },
      secret: "s",
    };
    const { secret: _, ...kept } = given;
    assert.deepEqual(record.parse(given), { ...kept, customer: { id: "c" } });
    for (const wrong of [
      { count: 1.5 },
      { id: null },
      { tags: ["a", "b", "c"] },
      { ref: true },
      { customer: null },
    ])
      assert.equal(record.safeParse({ ...given, ...wrong }).success, false, JSON.stringify(wrong));
    assert.ok(hasField(record, "customer.id") && !hasField(record, "customer.card"));
  });

  test("in seconds since 1970 are moments, and any other number is refused", () => {
    const record = RecordFields.parse({ ends: "seconds" });
    assert.deepEqual(record.parse({ ends: 1_797_033_600 }), { ends: "2026-12-12T00:00:00.000Z" });
    for (const ends of [1.5, "1797033600", 1e15])
      assert.equal(record.safeParse({ ends }).success, false);
  });

  test("may be null where it says so, and left out where their name ends with a question mark", () => {
    const record = RecordFields.parse({
      "note?": "text",
      sent: "text or null",
      charge: { fields: { id: "text" }, or_null: true },
    });
    assert.deepEqual(record.parse({ sent: null, charge: null }), { sent: null, charge: null });
    assert.equal(record.safeParse({ note: null, sent: null, charge: null }).success, true);
    assert.equal(record.safeParse({ sent: null }).success, false);
    assert.equal(record.safeParse({ charge: null }).success, false);
  });

  test("that name their values are unreadable with any other, and refused ones are refused in any letter case", () => {
    const record = RecordFields.parse({
      state: { one_of: ["booked", "pending"] },
      currency: { text_but: ["ISK"] },
    });
    assert.equal(record.safeParse({ state: "booked", currency: "eur" }).success, true);
    assert.equal(record.safeParse({ state: "failed", currency: "eur" }).success, false);
    assert.equal(record.safeParse({ state: "booked", currency: "isk" }).success, false);
  });

  test("add up a list of decimals without a digit lost", () => {
    const record = RecordFields.parse({ refunds: { sum: "total" } });
    const totals = (...all: string[]) =>
      record.parse({ refunds: all.map((total) => ({ total, secret: "s" })) })["refunds"];
    assert.equal(totals("-0.10", "-0.20"), "0.3");
    assert.equal(totals(), "0");
    assert.equal(totals("-2.125"), "2.125");
  });

  test("with a mistake are told by place", () => {
    assert.deepEqual(
      mistakes(RecordFields, {
        id: "string",
        a: { fields: { b: { list: "texts" } } },
        c: { one_of: [], list: "text" },
      }),
      ["id", "a.fields.b.list", "c"],
    );
  });
});

describe("the fields of an input", () => {
  test("refuse any other one, what is too long or too large, and control characters on one line", () => {
    const input = InputFields.parse({
      id: { type: "text", pattern: String.raw`pi_\w{1,5}` },
      line: "line",
      count: { type: "whole", min: 0, max: 9 },
      reason: { one_of: ["late", "broken"] },
      ids: { list: "uuid" },
      amount: "money",
      "note?": { type: "text", max: 3, about: "A word." },
    });
    const given = {
      id: " pi_1 ",
      line: "one line",
      count: 1,
      reason: "late",
      ids: [],
      amount: null,
      note: null,
    };
    assert.equal(input.parse(given)["id"], "pi_1");
    for (const wrong of [
      { other: 1 },
      { id: "x pi_1" },
      { id: "pi_1 x" },
      { line: "two\nlines" },
      { line: "a".repeat(501) },
      { line: " " },
      { count: 10 },
      { reason: "lost" },
      { ids: ["no"] },
      { note: "four" },
      { note: undefined },
    ])
      assert.equal(input.safeParse({ ...given, ...wrong }).success, false, JSON.stringify(wrong));
    assert.match(JSON.stringify(z.toJSONSchema(input)), /"description":"A word\."/);
  });

  test("with a mistake are told by place", () => {
    assert.deepEqual(
      mistakes(InputFields, {
        a: "any",
        b: { type: "text", pattern: "(" },
        c: { list: { type: "number", least: 1 } },
      }),
      ["a", "b.pattern", "c.list"],
    );
  });
});
