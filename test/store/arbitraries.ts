/** Random values for the store's property tests: everything a schema allows, with text that databases mishandle. */
import fc from "fast-check";
import { z } from "zod";
import { Json } from "#core/values/canonical-json.ts";
import { anyCharacter } from "#test/support/any-character.ts";

/** Letters of all scripts, emoji made of several, quotes, backslashes, line ends, text that looks like SQL or JSON. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: anyCharacter, maxLength: 15 }).map(holdable),
  fc.constantFrom(
    "Grüße, 日本語, שלום, Привет, 👩‍👩‍👧, e\u0301",
    "'; drop table message; --",
    String.raw`back\slash \u0041 \n`,
    '{"not": "json"}',
    "5",
    "null",
    "line\r\nline\ttab\u0085\u2028",
    "\u{10FFFF}\uFEFF\uFFFE",
    "",
  ),
);

/** Everything a database can hold; what becomes of the rest is a test of its own. */
function holdable(value: string): string {
  return value.replaceAll("\0", "").toWellFormed();
}

const number = fc.oneof(
  fc.integer(),
  // There is no negative zero in JSON.
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.constantFrom(0.1 + 0.2, 1e21, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE, Number.MAX_VALUE),
);

/** Any JSON value. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    text,
    fc.array(tie("value"), { maxLength: 4 }),
    record(tie("value")),
  ),
})).value;

function record<T>(values: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  // "__proto__" is no name for data: zod drops it.
  const names = text.filter((name) => name !== "__proto__");
  return fc.dictionary(names, values, { maxKeys: 4, noNullPrototype: true });
}

/** Values of a schema, made from the schema itself, so that a field added later is covered on the same day. */
export function valuesOf<Schema extends z.ZodType>(schema: Schema): fc.Arbitrary<z.output<Schema>> {
  return valuesFor(schema).map((value) => schema.parse(value));
}

function valuesFor(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema === Json || schema instanceof z.core.$ZodLazy) return json;
  if (schema instanceof z.core.$ZodString) return stringsFor(schema);
  if (schema instanceof z.core.$ZodNumber) return numbersFor(schema);
  if (schema instanceof z.core.$ZodBoolean) return fc.boolean();
  if (schema instanceof z.core.$ZodDate) return moment;
  if (schema instanceof z.core.$ZodLiteral) return fc.constantFrom(...schema._zod.def.values);
  if (schema instanceof z.core.$ZodEnum)
    return fc.constantFrom(...Object.values(schema._zod.def.entries));
  return containersFor(schema);
}

function containersFor(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.core.$ZodNullable)
    return fc.oneof(fc.constant(null), valuesFor(schema._zod.def.innerType));
  // In objects they may be missing as well; what a schema fills in by itself needs no values of its own.
  if (schema instanceof z.core.$ZodOptional || schema instanceof z.core.$ZodDefault)
    return valuesFor(schema._zod.def.innerType);
  if (schema instanceof z.core.$ZodUnion)
    return fc.oneof(...schema._zod.def.options.map((option) => valuesFor(option)));
  if (schema instanceof z.core.$ZodRecord) return record(valuesFor(schema._zod.def.valueType));
  if (schema instanceof z.core.$ZodArray) {
    const { minItems = 0, maxItems = 3 } = boundsOf(schema);
    return fc.array(valuesFor(schema._zod.def.element), {
      minLength: minItems,
      maxLength: Math.min(maxItems, minItems + 3),
    });
  }
  if (schema instanceof z.core.$ZodObject) {
    const fields = Object.entries(schema._zod.def.shape).map(
      ([name, inner]): [string, fc.Arbitrary<unknown>] => [name, valuesFor(inner)],
    );
    const requiredKeys = Object.entries(schema._zod.def.shape).flatMap(([name, inner]) =>
      inner instanceof z.core.$ZodOptional || inner instanceof z.core.$ZodDefault ? [] : [name],
    );
    return fc.record(Object.fromEntries(fields), { requiredKeys, noNullPrototype: true });
  }
  throw new Error(`no values are known for a schema of type ${schema._zod.def.type}`);
}

/** Times as the database keeps them, to the millisecond. */
const moment = fc.date({
  min: new Date("1970-01-02T00:00:00Z"),
  max: new Date("2200-01-01T00:00:00Z"),
  noInvalidDate: true,
});

function stringsFor(schema: z.core.$ZodType): fc.Arbitrary<string> {
  const { format, pattern } = boundsOf(schema);
  if (format === "date-time") return moment.map((date) => date.toISOString());
  if (format === "date") return moment.map((date) => date.toISOString().slice(0, 10));
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  // The schema itself says how it counts letters that are made of several code units.
  return text.filter((value) => z.safeParse(schema, value).success);
}

function numbersFor(schema: z.core.$ZodType): fc.Arbitrary<number> {
  const { type, minimum, maximum } = boundsOf(schema);
  const range = { min: minimum ?? -1e300, max: maximum ?? 1e300 };
  return type === "integer"
    ? fc.integer({
        min: Math.max(range.min, Number.MIN_SAFE_INTEGER),
        max: Math.min(range.max, Number.MAX_SAFE_INTEGER),
      })
    : fc.double({ ...range, noNaN: true }).map((value) => value + 0);
}

const Bounds = z.object({
  type: z.string(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.int().optional(),
  maxItems: z.int().optional(),
});

/** The limits of one schema, as its JSON Schema states them. */
function boundsOf(schema: z.core.$ZodType): z.infer<typeof Bounds> {
  return Bounds.parse(z.toJSONSchema(schema, { unrepresentable: "any" }));
}
