/**
 * Fields as a declaration lists them, each with a word for its kind, made into the schema that parses them. A question
 * mark behind a name means that the field may be left out or be null; `or null`, that it is there and may be null.
 */

import { z } from "zod";
import { IdentityLevel } from "#core/values/identity.ts";
import { RefundAmount } from "#core/values/money.ts";

/** A longer text of a model is not sent to a system unless the field says so. */
export const TEXT_LENGTH_MAX = 500;
export const LIST_LENGTH_MAX = 20;
const DEPTH_MAX = 40;

/** What a record may hold by a word alone. */
const RECORD_WORDS = {
  text: z.string(),
  number: z.number(),
  whole: z.int(),
  boolean: z.boolean(),
  /** Seconds since 1970, which nobody reads: the record has the moment, "2026-12-12T00:00:00.000Z". */
  seconds: z
    .int()
    .max(8_640_000_000_000)
    .transform((seconds) => new Date(seconds * 1_000).toISOString()),
  "text or number": z.union([z.string(), z.number()]),
  map: z.record(z.string(), z.unknown()),
  any: z.unknown(),
} as const;

/** What a model may fill in; `line` is a text without control characters, `money` an amount such as "25.00". */
const INPUT_WORDS = ["text", "line", "number", "whole", "boolean", "uuid", "money"] as const;

const Words = z.array(z.string()).min(1).max(200);
const OrNull = { or_null: z.boolean().optional() };

/** A field of a record of which more is to be said than a word; exactly one of its kinds. */
const RecordField = z.union(
  [
    z.strictObject({ one_of: Words, ...OrNull }),
    z.strictObject({ fields: z.record(z.string(), z.unknown()), ...OrNull }),
    z.strictObject({ list: z.unknown(), max: z.int().min(1).optional(), ...OrNull }),
    /** The decimals of this field in a list, added up without their signs. */
    z.strictObject({ sum: z.string().min(1), ...OrNull }),
    /** A text that makes the record unreadable when it is one of these, whatever its letter case. */
    z.strictObject({ text_but: Words, ...OrNull }),
  ],
  `is one of ${Object.keys(RECORD_WORDS).join(", ")}, perhaps with "or null" behind it, or {one_of: […]}, {fields: {…}}, {list: …}, {sum: FIELD}, {text_but: […]}`,
);
type RecordField = z.infer<typeof RecordField>;

const Limits = { min: z.number().optional(), max: z.number().optional() };
const About = { about: z.string().min(1).max(200).optional() };

/** A field of an input of which more is to be said than a word. */
const InputField = z.union(
  [
    z.strictObject({
      type: z.enum(INPUT_WORDS),
      ...Limits,
      ...About,
      /** A regular expression that the whole text has to fit. */
      pattern: z.string().min(1).max(300).optional(),
    }),
    z.strictObject({ one_of: Words, ...About }),
    z.strictObject({ list: z.unknown(), max: z.int().min(1).optional(), ...About }),
  ],
  `is one of ${INPUT_WORDS.join(", ")}, or {type: WORD, min, max, pattern, about}, {one_of: […]}, {list: …}`,
);
type InputField = z.infer<typeof InputField>;

/** Reports what is wrong with a field, by its path. */
type Report = (path: readonly string[], message: string) => void;

/** The fields of a record: what is not listed is dropped before anything else sees it. */
export const RecordFields = z
  .record(z.string(), z.unknown())
  .transform((given, context): z.ZodObject =>
    z.object(shape(given, [], reportTo(context), recordField)),
  );

/** The fields of an input. A model that gives any other one is refused. */
export const InputFields = z
  .record(z.string(), z.unknown())
  .transform((given, context): z.ZodObject =>
    z.strictObject(shape(given, [], reportTo(context), inputField)),
  );

/** A text that is there. */
export const Text = z.string().min(1);

/** What every tool says of itself, whatever it asks. */
export const ToolHead = {
  name: z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, "is lower case letters, digits and underscores"),
  description: Text.max(1_000),
  minimumLevel: IdentityLevel,
  /** Nothing else is taken from a model. */
  input: InputFields,
};

/** Amounts that are shown as money, "120.00 USD": 12000 of usd in minor units, or 120.0 in decimals. */
export const ShownMoney = z.strictObject({
  fields: z.array(Text).min(1),
  /** The field of the record that names the currency. */
  currency: Text,
  unit: z.enum(["minor", "decimal"]),
  /** Digits after the point where the system counts otherwise than ISO 4217, by currency in capital letters. */
  digits: z.record(z.string().regex(/^[A-Z]{3}$/), z.int().min(0).max(4)).exactOptional(),
});
export type ShownMoney = z.output<typeof ShownMoney>;

function reportTo(context: z.RefinementCtx): Report {
  return (path, message) => context.addIssue({ code: "custom", path: [...path], message });
}

type Read = (
  given: unknown,
  path: readonly string[],
  report: Report,
  isOptional: boolean,
) => z.ZodType;

function shape(
  given: Readonly<Record<string, unknown>>,
  path: readonly string[],
  report: Report,
  read: Read,
): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(given).map(([key, field]) => {
      const isOptional = key.endsWith("?");
      const name = isOptional ? key.slice(0, -1) : key;
      return [name, read(field, [...path, key], report, isOptional)];
    }),
  );
}

function recordField(
  given: unknown,
  path: readonly string[],
  report: Report,
  isOptional: boolean,
): z.ZodType {
  const schema = recordKind(given, path, report);
  return isOptional ? schema.nullish() : schema;
}

function recordKind(given: unknown, path: readonly string[], report: Report): z.ZodType {
  if (typeof given === "string") {
    const word = given.replace(OR_NULL, "");
    if (isRecordWord(word))
      return word === given ? RECORD_WORDS[word] : RECORD_WORDS[word].nullable();
  }
  const parsed = RecordField.safeParse(given);
  if (!parsed.success || path.length > DEPTH_MAX) {
    report(path, parsed.success ? "lies too deep" : messageIn(parsed.error));
    return z.unknown();
  }
  const schema = composed(parsed.data, path, report);
  return parsed.data.or_null === true ? schema.nullable() : schema;
}

const OR_NULL = / or null$/;

function composed(data: RecordField, path: readonly string[], report: Report): z.ZodType {
  if ("one_of" in data) return z.enum(data.one_of);
  if ("fields" in data)
    return z.object(shape(data.fields, [...path, "fields"], report, recordField));
  if ("sum" in data)
    return z.array(z.object({ [data.sum]: z.string() })).transform((list) => sum(list, data.sum));
  if ("text_but" in data) {
    const refused = data.text_but.map((text) => text.toLowerCase());
    return z.string().refine((text) => !refused.includes(text.toLowerCase()), "is left to people");
  }
  const list = z.array(recordKind(data.list, [...path, "list"], report));
  return data.max === undefined ? list : list.max(data.max);
}

function isRecordWord(word: string): word is keyof typeof RECORD_WORDS {
  return Object.hasOwn(RECORD_WORDS, word);
}

/** In millionths, so that no digit is lost. */
function sum(list: readonly Readonly<Record<string, unknown>>[], field: string): string {
  const millionths = list.reduce(
    (total, one) => total + Math.round(Math.abs(Number(one[field])) * 1e6),
    0,
  );
  return (millionths / 1e6).toFixed(6).replace(/(?:\.|(?<![.0]))0+$/, "");
}

function inputField(
  given: unknown,
  path: readonly string[],
  report: Report,
  isOptional: boolean,
): z.ZodType {
  const parsed = InputField.safeParse(typeof given === "string" ? { type: given } : given);
  if (!parsed.success) {
    report(path, messageIn(parsed.error));
    return z.unknown();
  }
  const { data } = parsed;
  const kind = inputKind(data, path, report);
  const schema = isOptional ? kind.nullable() : kind;
  return data.about === undefined ? schema : schema.describe(data.about);
}

function inputKind(data: InputField, path: readonly string[], report: Report): z.ZodType {
  if ("one_of" in data) return z.enum(data.one_of);
  if ("list" in data)
    return z
      .array(inputField(data.list, [...path, "list"], report, false))
      .max(data.max ?? LIST_LENGTH_MAX);
  const { type, min, max } = data;
  switch (type) {
    case "whole":
      return limited(z.int(), min, max);
    case "number":
      return limited(z.number(), min, max);
    case "boolean":
      return z.boolean();
    case "uuid":
      return z.guid();
    case "money":
      return RefundAmount;
    case "line":
    case "text":
      return textInput(data, path, report);
  }
}

function limited(number: z.ZodNumber, min: number | undefined, max: number | undefined): z.ZodType {
  const least = min === undefined ? number : number.min(min);
  return max === undefined ? least : least.max(max);
}

function textInput(
  { type, min, max, pattern }: Extract<InputField, { type: unknown }>,
  path: readonly string[],
  report: Report,
): z.ZodType {
  const text = z
    .string()
    .trim()
    .min(min ?? 1)
    .max(max ?? TEXT_LENGTH_MAX);
  const plain = type === "line" ? text.regex(/^\P{Cc}*$/u) : text;
  if (pattern === undefined) return plain;
  try {
    return plain.regex(new RegExp(`^(?:${pattern})$`, "u"));
  } catch {
    report([...path, "pattern"], "is no regular expression");
    return plain;
  }
}

function messageIn({ issues }: z.ZodError): string {
  return issues[0]?.message ?? "is no type";
}
