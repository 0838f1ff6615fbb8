/** What the keywords of one schema say, and how the words of several are put together. */
import type { FieldDescription } from "#importing/description.ts";
import {
  isNode,
  isTrueAt,
  listAt,
  type Node,
  nodeAt,
  numberAt,
  textAt,
  textsAt,
  valueAt,
} from "./references.ts";
import type { Part } from "./references.ts";

/** A schema that is not read yet: one part, or several that hold all together, or of which one holds. */
export type Schema =
  | { readonly kind: "part"; readonly part: Part }
  | { readonly kind: "all"; readonly of: readonly Schema[] }
  | { readonly kind: "any"; readonly of: readonly Schema[] };

/** The types of JSON Schema, the plainest first. Its arrays are lists here, and `null` is told by `nullable`. */
const RAW_TYPES = ["string", "number", "integer", "boolean", "list", "object"] as const;
export type RawType = (typeof RAW_TYPES)[number];

/** The plainest of these types; null where there is none. */
export function plainestType(isThere: (type: RawType) => boolean): RawType | null {
  return RAW_TYPES.find(isThere) ?? null;
}

export interface Property {
  readonly schema: Schema;
  /** False where all forms have it. */
  readonly inSomeForms: boolean;
}

/** What a field takes over as it stands. */
type Words = Pick<FieldDescription, "nullable" | "description" | "format" | "limits">;

/** One schema with its references, `allOf`, `oneOf` and `anyOf` put together, but without what is inside its fields. */
export interface Shape extends Words {
  /** Empty when the schema does not say. */
  readonly types: ReadonlySet<RawType>;
  /** Types that the value has in forms that are not described further. */
  readonly others: ReadonlySet<RawType | "any">;
  /** Null when any value is allowed. */
  readonly enum: readonly (string | number | boolean)[] | null;
  readonly properties: ReadonlyMap<string, Property>;
  readonly required: ReadonlySet<string>;
  readonly items: Schema | null;
  /** What free keys hold; null when there are none, `any` when it is not said. */
  readonly values: Schema | "any" | null;
  readonly readOnly: boolean;
  readonly writeOnly: boolean;
  /** The schemas of the document it comes from: a field with one of those above it contains itself. */
  readonly nodes: ReadonlySet<Node>;
}

const NOTHING: ReadonlySet<never> = new Set();

/** What a schema says that allows anything. */
export const ANYTHING: Shape = {
  types: NOTHING,
  others: NOTHING,
  nullable: false,
  description: "",
  format: "",
  enum: null,
  limits: {},
  properties: new Map(),
  required: NOTHING,
  items: null,
  values: null,
  readOnly: false,
  writeOnly: false,
  nodes: NOTHING,
};

/** What the keywords of one schema say, without `$ref`, `allOf`, `oneOf` and `anyOf`. */
export function ownShape({ node, base }: Part): Shape {
  const stated = [valueAt(node, "type")].flat();
  const { allowed, hasNull } = allowedValues(node);
  return {
    ...ANYTHING,
    types: new Set(RAW_TYPES.filter((type) => stated.includes(type === "list" ? "array" : type))),
    nullable: isTrueAt(node, "nullable") || stated.includes("null") || hasNull,
    description: textAt(node, "description") || textAt(node, "title"),
    format: textAt(node, "format"),
    enum: allowed,
    limits: nodeLimits(node),
    properties: new Map(
      Object.entries(nodeAt(node, "properties") ?? {}).map(([name, value]) => {
        const part = { node: isNode(value) ? value : {}, base };
        return [name, { schema: { kind: "part", part }, inSomeForms: false }] as const;
      }),
    ),
    required: new Set(textsAt(node, "required")),
    items: partAt(node, "items", base),
    values:
      partAt(node, "additionalProperties", base) ??
      (isTrueAt(node, "additionalProperties") ? "any" : null),
    readOnly: isTrueAt(node, "readOnly"),
    writeOnly: isTrueAt(node, "writeOnly"),
    nodes: new Set([node]),
  };
}

function allowedValues(node: Node): {
  readonly allowed: Shape["enum"];
  readonly hasNull: boolean;
} {
  const constant = valueAt(node, "const");
  const values = constant === undefined ? listAt(node, "enum") : [constant];
  const allowed = values.filter(
    (value) => typeof value === "string" || typeof value === "number" || typeof value === "boolean",
  );
  return { allowed: allowed.length === 0 ? null : allowed, hasNull: values.includes(null) };
}

/** A limit that is not said is left out, because one of `undefined` is not the same as none. */
function nodeLimits(node: Node): Shape["limits"] {
  const isList = valueAt(node, "type") === "array";
  const limits = {
    minimum: numberAt(node, "minimum"),
    maximum: numberAt(node, "maximum"),
    lengthMax: numberAt(node, isList ? "maxItems" : "maxLength"),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function partAt(node: Node, key: string, base: string): Schema | null {
  const inner = nodeAt(node, key);
  return inner === null ? null : { kind: "part", part: { node: inner, base } };
}

/** The type of a value as JSON Schema calls it; null when nothing suggests one. */
export function shapeType(shape: Shape): RawType | null {
  return plainestType((type) => shape.types.has(type)) ?? suggestedType(shape);
}

/** Many documents leave the type out where another keyword makes it plain. */
function suggestedType(shape: Shape): RawType | null {
  if (shape.properties.size > 0 || shape.values !== null) return "object";
  if (shape.items !== null) return "list";
  if (shape.enum !== null) return typeOfValue(shape.enum[0]);
  if (shape.format !== "" || shape.limits.lengthMax !== undefined) return "string";
  return shape.limits.minimum === undefined && shape.limits.maximum === undefined ? null : "number";
}

/** The type of a plain value; null for any other one. */
export function typeOfValue(value: unknown): RawType | null {
  if (typeof value === "string") return "string";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "boolean" ? "boolean" : null;
}

/** Both hold (`allOf`). Words of the first win; a contradiction of types is settled by the first too. */
export function both(first: Shape, second: Shape): Shape {
  return {
    types: commonTypes(first.types, second.types),
    others: union(first.others, second.others),
    // Strictly both would have to allow null; documents write `nullable` beside an `allOf` of one.
    nullable: first.nullable || second.nullable,
    description: first.description || second.description,
    format: first.format || second.format,
    enum: commonValues(first.enum, second.enum),
    limits: { ...second.limits, ...first.limits },
    properties: joined(first.properties, second.properties),
    required: union(first.required, second.required),
    items: allOf(first.items, second.items),
    values: first.values ?? second.values,
    readOnly: first.readOnly || second.readOnly,
    writeOnly: first.writeOnly || second.writeOnly,
    nodes: union(first.nodes, second.nodes),
  };
}

function commonTypes(
  first: ReadonlySet<RawType>,
  second: ReadonlySet<RawType>,
): ReadonlySet<RawType> {
  if (first.size === 0) return second;
  if (second.size === 0) return first;
  const shared = common(first, second);
  if (shared.size > 0) return shared;
  return first.has("number") && second.has("integer") ? second : first;
}

function commonValues(first: Shape["enum"], second: Shape["enum"]): Shape["enum"] {
  if (first === null || second === null) return first ?? second;
  const common = first.filter((value) => second.includes(value));
  return common.length === 0 ? first : common;
}

function joined(first: Shape["properties"], second: Shape["properties"]): Shape["properties"] {
  const properties = new Map(first);
  for (const [name, property] of second) {
    const present = properties.get(name);
    const schema = allOf(present?.schema ?? null, property.schema) ?? property.schema;
    properties.set(name, present === undefined ? property : { ...present, schema });
  }
  return properties;
}

function allOf(first: Schema | null, second: Schema | null): Schema | null {
  return first === null || second === null
    ? (first ?? second)
    : { kind: "all", of: [first, second] };
}

export function union<Value>(
  first: ReadonlySet<Value>,
  second: ReadonlySet<Value>,
): ReadonlySet<Value> {
  return new Set([...first, ...second]);
}

export function common<Value>(
  first: ReadonlySet<Value>,
  second: ReadonlySet<Value>,
): ReadonlySet<Value> {
  return new Set([...first].filter((value) => second.has(value)));
}
