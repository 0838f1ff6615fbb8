/** Which fields a schema has, and what a model may fill in of an input. */

import { z } from "zod";

const Schema = z.object({
  properties: z.record(z.string(), z.unknown()).optional(),
  items: z.unknown().optional(),
  enum: z.unknown().optional(),
  const: z.unknown().optional(),
  type: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
  description: z.string().optional(),
});

/** The schema as plain JSON. What JSON cannot say, such as a transformation, is left open. */
function asJson(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
}

/** Whether a schema has a field at this path, such as `payment.id`. */
export function hasField(schema: z.ZodType, path: string): boolean {
  return formsAt(schema, path).length > 0;
}

/** Whether the field at this path is true or false, which is no amount. */
export function isYesOrNo(schema: z.ZodType, path: string): boolean {
  return formsAt(schema, path).some((form) => {
    const { anyOf = [] } = Schema.parse(form);
    return [form, ...anyOf].some((one) => [Schema.parse(one).type].flat().includes("boolean"));
  });
}

function formsAt(schema: z.ZodType, path: string): readonly unknown[] {
  return path
    .split(".")
    .reduce(
      (found: readonly unknown[], name) => found.flatMap((one) => inside(one, name)),
      [asJson(schema)],
    );
}

function inside(schema: unknown, name: string): readonly unknown[] {
  const { properties = {}, items, anyOf = [], allOf = [] } = Schema.parse(schema);
  // A number is a place in a list.
  const placed = items !== undefined && /^\d+$/.test(name) ? [items] : [];
  const own = Object.hasOwn(properties, name) ? [properties[name]] : placed;
  return [...own, ...[...anyOf, ...allOf].flatMap((one) => inside(one, name))];
}

/** The names of an input's properties. */
export function inputNames(input: z.ZodObject): readonly string[] {
  return Object.keys(input.shape);
}

/** Every field of a schema with its path, however deep. */
export function fieldPaths(schema: z.ZodType): readonly string[] {
  return fieldsIn(asJson(schema), "").map(({ path }) => path);
}

/** Paths of the fields that no list of values and no fields of their own limit. */
export function openTexts(schema: z.ZodType): readonly string[] {
  return fieldsIn(asJson(schema), "").flatMap(({ path, inner }) => (isOpen(inner) ? [path] : []));
}

function isOpen(schema: unknown): boolean {
  const { anyOf = [], properties, enum: values, const: only, type } = Schema.parse(schema);
  if (anyOf.length > 0) return anyOf.some(isOpen);
  return values === undefined && only === undefined && properties === undefined && type !== "null";
}

function fieldsIn(
  schema: unknown,
  at: string,
): readonly { readonly path: string; readonly inner: unknown }[] {
  const { properties = {}, items, anyOf = [], allOf = [] } = Schema.parse(schema);
  return [
    ...Object.entries(properties).flatMap(([name, inner]) => {
      const path = at === "" ? name : `${at}.${name}`;
      return [{ path, inner }, ...fieldsIn(inner, path)];
    }),
    ...[...(items === undefined ? [] : [items]), ...anyOf, ...allOf].flatMap((inner) =>
      fieldsIn(inner, at),
    ),
  ];
}

/** What code fixes and no model may choose: who gets something, where it goes, whose account it is. */
const FORBIDDEN_NAME =
  /(?:^|_)(?:e?mail|recipient|receiver|to|cc|bcc|from|sender|url|uri|link|href|host|domain|webhook|channel|thread|conversation|customer|user|requester|account|iban|card|phone|destination|key|token)(?:_|$)/i;
const FORBIDDEN_WORDS =
  /\be-?mail|\brecipients?\b|\burls?\b|\blinks?\b|\bwebsite|\bcustomer (?:id|number)|\baccounts?\b|\bchannel\b|\biban\b|\bphone|payment method/i;

/**
 * Every property of an input, however deep, that a model would choose and must not: a recipient, a link, a customer. By
 * its name, also in camel case, and by the words of its description.
 */
export function chosenByModel(schema: unknown, path: string): readonly string[] {
  const { properties = {}, items, anyOf = [], description = "" } = Schema.parse(schema);
  return [
    ...(FORBIDDEN_WORDS.test(description) ? [`${path}: ${description}`] : []),
    ...Object.entries(properties).flatMap(([name, inner]) => [
      ...(FORBIDDEN_NAME.test(snakeCase(name)) ? [`${path}.${name}`] : []),
      ...chosenByModel(inner, `${path}.${name}`),
    ]),
    ...[...(items === undefined ? [] : [items]), ...anyOf].flatMap((inner) =>
      chosenByModel(inner, path),
    ),
  ];
}

/** The same for a schema of zod. */
export function chosenInInput(input: z.ZodObject, path: string): readonly string[] {
  return chosenByModel(asJson(input), path);
}

function snakeCase(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").replaceAll(/[.-]/g, "_");
}

/** A field that is about a person, by its last name: a record with one is a customer's, and it has to be said which one's. */
export function isAboutPerson(path: string): boolean {
  return PERSON.test(snakeCase(path.split(".").at(-1) ?? ""));
}

const PERSON =
  /(?:^|_)(?:e?mail|phone|mobile|first_name|last_name|full_name|surname|street|address|address_?\d|postcode|zip|birthday|birth_date|date_of_birth|iban|customer|customer_id|user_id|recipient)(?:_|$)/i;
