/** Writes described fields as a declaration lists them: a word for each kind, and limits where the document sets some. */
import { RefundAmount } from "#core/values/money.ts";
import type { FieldDescription } from "#importing/description.ts";
import { shortened } from "./fields.ts";
import type { PlannedInput } from "./plan.ts";

/** What a text of an input may hold where its document names no limit, which is what the word alone means. */
const TEXT_LENGTH_MAX = 500;
const LIST_LENGTH_MAX = 20;
/** What a model reads about one input. */
const DESCRIPTION_LENGTH_MAX = 90;
const ENUM_VALUES_MAX = 24;

/** Content of a YAML file. Parts that are undefined are left out. */
export type Content =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Content[]
  | { readonly [key: string]: Content };

/** The fields of what a system answers; what the document does not promise may be absent. */
export function recordFields(fields: readonly FieldDescription[]): Content {
  return Object.fromEntries(
    fields.map((field) => [
      field.required || field.only !== undefined ? field.name : `${field.name}?`,
      recordWord(field),
    ]),
  );
}

function recordWord(field: FieldDescription): Content {
  const { type, only, items, required } = field;
  const isNull = field.nullable && required;
  if (only !== undefined) return { one_of: only };
  if (type === "list") {
    const list = items === null ? "any" : recordWord({ ...items, required: true });
    return { list, ...(isNull ? { or_null: true } : {}) };
  }
  if (type === "object")
    return { fields: recordFields(field.fields), ...(isNull ? { or_null: true } : {}) };
  const word = plainWord(field, type);
  return isNull && word !== "any" ? `${word} or null` : word;
}

function plainWord(
  { others }: FieldDescription,
  type: Exclude<FieldDescription["type"], "list" | "object">,
): string {
  const isNumberToo = others.some((other) => other === "integer" || other === "number");
  switch (type) {
    case "string":
      return isNumberToo ? "text or number" : "text";
    case "integer":
    case "number":
      return others.includes("string") ? "text or number" : "number";
    case "boolean":
    case "map":
    case "any":
      return type;
    default:
      throw new Error(`unknown type ${String(type satisfies never)}`);
  }
}

/** What the model fills in, with the limits and the allowed values of the document. */
export function inputFields(inputs: readonly PlannedInput[]): Content {
  return Object.fromEntries(
    inputs.map(({ name, field, isOptional, isMoney }) => {
      if (isMoney)
        return [
          name,
          field.description === RefundAmount.description
            ? "money"
            : { type: "money", about: field.description },
        ];
      const about = shortened(field.description, DESCRIPTION_LENGTH_MAX);
      const kind = { ...inputWord(field), ...(about === "" ? {} : { about }) };
      return [isOptional ? `${name}?` : name, wordAlone(kind)];
    }),
  );
}

/** `{ type: text }` is `text`. */
function wordAlone(kind: Readonly<Record<string, Content>>): Content {
  return Object.keys(kind).length === 1 && "type" in kind ? kind["type"] : kind;
}

function inputWord(field: FieldDescription): Readonly<Record<string, Content>> {
  const { type, limits } = field;
  const texts = field.enum.filter((value) => typeof value === "string");
  if (texts.length > 0 && texts.length <= ENUM_VALUES_MAX) return { one_of: texts };
  switch (type) {
    case "integer":
    case "number": {
      const bounds = { ...finite("min", limits.minimum), ...finite("max", limits.maximum) };
      return { type: type === "integer" ? "whole" : "number", ...bounds };
    }
    case "boolean":
      return { type };
    case "list":
      return listWord(field);
    case "string":
    case "object":
    case "map":
    case "any":
      return textWord(field);
    default:
      throw new Error(`unknown type ${String(type satisfies never)}`);
  }
}

function listWord(field: FieldDescription): Readonly<Record<string, Content>> {
  const { items, limits } = field;
  const max = Math.min(LIST_LENGTH_MAX, limits.lengthMax ?? LIST_LENGTH_MAX);
  const list = wordAlone(items === null ? textWord(field) : inputWord(items));
  return { list, ...(max === LIST_LENGTH_MAX ? {} : { max }) };
}

function textWord({ limits }: FieldDescription): Readonly<Record<string, Content>> {
  const max = Math.max(
    1,
    Math.min(TEXT_LENGTH_MAX, Math.floor(limits.lengthMax ?? TEXT_LENGTH_MAX)),
  );
  return max === TEXT_LENGTH_MAX ? { type: "text" } : { type: "text", max };
}

function finite(name: string, value: number | undefined): Readonly<Record<string, Content>> {
  return value === undefined || !Number.isFinite(value) ? {} : { [name]: value };
}
