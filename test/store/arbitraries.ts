/** Values for the properties of the store: everything a schema allows, with the text that databases like to stumble over. */
import fc from "fast-check";
import { z } from "zod";
import { Json } from "#core/canonical.ts";

/** Letters of all scripts, emoji made of several, quotes, backslashes, line ends, text that looks like SQL or JSON. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 15 }).map(holdable),
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

export const jsonObject = record(json);

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
  if (schema === Json) return json;
  // The library's own union of all its types; `def.type` tells them apart.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case "string":
      return stringsFor(schema);
    case "number":
      return numbersFor(schema);
    case "boolean":
      return fc.boolean();
    case "date":
      return moment;
    case "null":
      return fc.constant(null);
    case "literal":
      return fc.constantFrom(...def.values);
    case "enum":
      return fc.constantFrom(...Object.values(def.entries));
    case "nullable":
      return fc.oneof(fc.constant(null), valuesFor(def.innerType));
    case "array": {
      const { minimum = 0, maximum = 3 } = schema._zod.bag;
      return fc.array(valuesFor(def.element), {
        minLength: Number(minimum),
        maxLength: Math.min(Number(maximum), Number(minimum) + 3),
      });
    }
    case "object":
      return fc.record(
        Object.fromEntries(
          Object.entries(def.shape).map(([name, inner]) => [name, valuesFor(inner)]),
        ),
        { noNullPrototype: true },
      );
    case "record":
      return record(valuesFor(def.valueType));
    case "union":
      return fc.oneof(...def.options.map((option) => valuesFor(option)));
    case "lazy":
      return json;
    default:
      throw new Error(`no values are known for a schema of type ${def.type}`);
  }
}

/** Times as the database keeps them, to the millisecond. */
const moment = fc.date({
  min: new Date("1970-01-02T00:00:00Z"),
  max: new Date("2200-01-01T00:00:00Z"),
  noInvalidDate: true,
});

function stringsFor(schema: z.core.$ZodType): fc.Arbitrary<string> {
  const { format, minimum = 0, maximum = 1_000, patterns } = schema._zod.bag;
  if (format === "datetime") return moment.map((date) => date.toISOString());
  if (format === "date") return moment.map((date) => date.toISOString().slice(0, 10));
  const [pattern] = patterns instanceof Set ? [...patterns] : [];
  if (pattern instanceof RegExp) return fc.stringMatching(pattern);
  return text.filter((value) => value.length >= Number(minimum) && value.length <= Number(maximum));
}

function numbersFor(schema: z.core.$ZodType): fc.Arbitrary<number> {
  const { format, minimum, maximum } = schema._zod.bag;
  const range = {
    min: Math.max(Number(minimum ?? Number.MIN_SAFE_INTEGER), Number.MIN_SAFE_INTEGER),
    max: Math.min(Number(maximum ?? Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER),
  };
  return format === "safeint"
    ? fc.integer(range)
    : fc.double({ ...range, noNaN: true }).map((value) => value + 0);
}
