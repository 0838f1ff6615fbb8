/** What the keywords of one schema say, and how the words of several are put together. */
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
} from "./node.ts";
import type { Part } from "./references.ts";

/** A schema that is not read yet: one part, or several that hold all together, or of which one holds. */
export type Schema =
  | { readonly kind: "part"; readonly part: Part }
  | { readonly kind: "all"; readonly of: readonly Schema[] }
  | { readonly kind: "any"; readonly of: readonly Schema[] };

/** The types of JSON Schema without `null`, which is told by `nullable`. */
export type RawType = "string" | "integer" | "number" | "boolean" | "object" | "array";

export interface Property {
  readonly schema: Schema;
  /** False where all forms have it. */
  readonly inSomeForms: boolean;
}

/** One schema with its references, `allOf`, `oneOf` and `anyOf` put together, but without what is inside its fields. */
export interface Shape {
  /** Empty when the schema does not say. */
  readonly types: ReadonlySet<RawType>;
  /** Types that the value has in forms that are not described further. */
  readonly others: ReadonlySet<RawType | "any">;
  readonly nullable: boolean;
  readonly description: string;
  readonly format: string;
  /** Null when any value is allowed. */
  readonly enum: readonly (string | number | boolean)[] | null;
  readonly limits: {
    readonly minimum?: number;
    readonly maximum?: number;
    readonly lengthMax?: number;
  };
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

const RAW_TYPES: ReadonlySet<string> = new Set([
  "string",
  "integer",
  "number",
  "boolean",
  "object",
  "array",
]);

const isRawType = (value: unknown): value is RawType =>
  typeof value === "string" && RAW_TYPES.has(value);

/** What the keywords of one schema say, without `$ref`, `allOf`, `oneOf` and `anyOf`. */
export function ownShape({ node, base }: Part): Shape {
  const stated = [valueAt(node, "type")].flat();
  const { allowed, hasNull } = allowedValues(node);
  return {
    ...ANYTHING,
    types: new Set(stated.filter(isRawType)),
    nullable: isTrueAt(node, "nullable") || stated.includes("null") || hasNull,
    description: textAt(node, "description") || textAt(node, "title"),
    format: textAt(node, "format"),
    enum: allowed,
    limits: nodeLimits(node),
    properties: nodeProperties(node, base),
    required: new Set(textsAt(node, "required")),
    items: partAt(node, "items", base),
    values: additionalValues(node, base),
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

function nodeLimits(node: Node): Shape["limits"] {
  const isList = valueAt(node, "type") === "array";
  const limits = {
    minimum: numberAt(node, "minimum"),
    maximum: numberAt(node, "maximum"),
    lengthMax: numberAt(node, isList ? "maxItems" : "maxLength"),
  };
  return definedLimits(limits);
}

/** Leaves out what is not said, because a limit of `undefined` is not the same as none. */
function definedLimits(limits: Readonly<Record<string, number | undefined>>): Shape["limits"] {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
}

function nodeProperties(node: Node, base: string): Shape["properties"] {
  const properties = new Map<string, Property>();
  for (const [name, value] of Object.entries(nodeAt(node, "properties") ?? {})) {
    const schema: Schema = { kind: "part", part: { node: isNode(value) ? value : {}, base } };
    properties.set(name, { schema, inSomeForms: false });
  }
  return properties;
}

function partAt(node: Node, key: string, base: string): Schema | null {
  const inner = nodeAt(node, key);
  return inner === null ? null : { kind: "part", part: { node: inner, base } };
}

function additionalValues(node: Node, base: string): Shape["values"] {
  return (
    partAt(node, "additionalProperties", base) ??
    (isTrueAt(node, "additionalProperties") ? "any" : null)
  );
}

/** The type of a value as JSON Schema calls it; null when nothing suggests one. */
export function shapeType(shape: Shape): RawType | null {
  for (const type of ["string", "number", "integer", "boolean", "array", "object"] as const)
    if (shape.types.has(type)) return type;
  return suggestedType(shape);
}

/** Many documents leave the type out where another keyword makes it plain. */
function suggestedType(shape: Shape): RawType | null {
  if (shape.properties.size > 0 || shape.values !== null) return "object";
  if (shape.items !== null) return "array";
  if (shape.enum !== null) return typeOfValue(shape.enum[0]);
  if (shape.format !== "" || shape.limits.lengthMax !== undefined) return "string";
  return shape.limits.minimum === undefined && shape.limits.maximum === undefined ? null : "number";
}

function typeOfValue(value: unknown): RawType | null {
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
    items: joinedSchema(first.items, second.items),
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
    properties.set(
      name,
      present === undefined
        ? property
        : { ...present, schema: allOf(present.schema, property.schema) },
    );
  }
  return properties;
}

function joinedSchema(first: Schema | null, second: Schema | null): Schema | null {
  return first === null || second === null ? (first ?? second) : allOf(first, second);
}

const allOf = (...of: readonly Schema[]): Schema => ({ kind: "all", of });

export function union<Value>(
  first: ReadonlySet<Value>,
  second: ReadonlySet<Value>,
): ReadonlySet<Value> {
  if (first.size === 0) return second;
  return second.size === 0 ? first : new Set([...first, ...second]);
}

export function common<Value>(
  first: ReadonlySet<Value>,
  second: ReadonlySet<Value>,
): ReadonlySet<Value> {
  return new Set([...first].filter((value) => second.has(value)));
}
