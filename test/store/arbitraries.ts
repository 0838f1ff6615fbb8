/** Values for the properties of the store: everything a schema allows, with the text that databases like to stumble over. */
import fc from "fast-check";
import type { Json } from "#core/canonical.ts";

/** Letters of all scripts, emoji made of several, quotes, backslashes, line ends, text that looks like SQL or JSON. */
export const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }).map(storable),
  fc.constantFrom(
    "Grüße, 日本語, שלום, Привет, 👩‍👩‍👧, e\u0301",
    "'; drop table message; --",
    String.raw`back\slash \u0041 \n`,
    '{"not": "json"}',
    "line\r\nline\ttab\u0085\u2028",
    "\u{10FFFF}\uFEFF\uFFFE",
    "",
  ),
);

/** What PostgreSQL takes as it is: no NUL, and no half of a surrogate pair. */
function storable(value: string): string {
  return value.replaceAll("\0", "").toWellFormed();
}

/** Any JSON value, numbers at the ends of their range included. */
export const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
      fc.integer(),
      fc.constantFrom(0.1 + 0.2, 1e21, Number.MAX_SAFE_INTEGER, Number.MIN_VALUE),
    ),
    text,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4 }),
  ),
})).value;
