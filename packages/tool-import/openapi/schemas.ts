/** What the keywords of a schema say, put together with what it refers to, within bounds. */
import {
  listAt,
  isNode,
  type Node,
  textAt,
  type Part,
  type References,
  isTrueAt,
  nodeAt,
  numberAt,
  textsAt,
  valueAt,
} from "./references.ts";
import type { FieldDescription } from "#importing/description.ts";

/** A schema that is not read yet: one part, or several that hold all together, or of which one holds. */
export type Schema =
  | { readonly kind: "part"; readonly part: Part }
  | { readonly kind: "all"; readonly of: readonly Schema[] }
  | { readonly kind: "any"; readonly of: readonly Schema[] };

/** The types of JSON Schema, the plainest first. Its arrays are lists here, and `null` is told by `nullable`. */
const RAW_TYPES = ["string", "number", "integer", "boolean", "list", "object"] as const;
export type RawType = (typeof RAW_TYPES)[number];

/** The plainest of these types; null where there is none. */
function plainestType(isThere: (type: RawType) => boolean): RawType | null {
  return RAW_TYPES.find(isThere) ?? null;
}

interface Property {
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
const ANYTHING: Shape = {
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
function ownShape({ node, base }: Part): Shape {
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
function both(first: Shape, second: Shape): Shape {
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

function union<Value>(first: ReadonlySet<Value>, second: ReadonlySet<Value>): ReadonlySet<Value> {
  return new Set([...first, ...second]);
}

function common<Value>(first: ReadonlySet<Value>, second: ReadonlySet<Value>): ReadonlySet<Value> {
  return new Set([...first].filter((value) => second.has(value)));
}

/** Schemas looked at for one operation. The largest of the published ones we know takes a tenth. */
const STEPS_MAX = 200_000;
/** Forms of one value that are looked at; more are a list of everything the system knows. */
const FORMS_MAX = 100;

/** Remarks about a part of the document, each told once. */
export type Remark = (says: string) => void;

/** Reads schemas for one operation. */
export class Schemas {
  readonly #references: References;
  readonly #remark: Remark;
  readonly #known = new Map<Node, Shape>();
  #steps = 0;
  /** True while what is read went through a schema that is being read: what came of it holds only here. */
  #isPartial = false;

  constructor(references: References, remark: Remark) {
    this.#references = references;
    this.#remark = remark;
  }

  /** What a schema says. Broken references and knots that are too large allow anything and are remarked on. */
  shapeOf(schema: Schema): Shape {
    return this.#shape(schema, new Set());
  }

  #shape(schema: Schema, active: ReadonlySet<Node>): Shape {
    this.#steps += 1;
    if (this.#steps > STEPS_MAX) {
      this.#remark(
        `Its schemas refer to each other more than ${STEPS_MAX} times; the rest was not read.`,
      );
      return ANYTHING;
    }
    if (schema.kind === "all")
      return schema.of.map((one) => this.#shape(one, active)).reduce(both, ANYTHING);
    if (schema.kind === "any") return oneOfForms(schema.of.map((one) => this.#shape(one, active)));
    return this.#ofPart(schema.part, active);
  }

  #ofPart(written: Part, active: ReadonlySet<Node>): Shape {
    const part = this.#references.follow(written, (because) =>
      this.#remark(
        `The reference ${textAt(written.node, "$ref").slice(0, 120)} was not followed: ${because}. Any value was assumed.`,
      ),
    );
    if (part === null) return { ...ANYTHING, description: textAt(written.node, "description") };
    const shape = this.#ofSchema(part, active);
    // Words beside a reference are about this place, so they come first (OpenAPI 3.1; 3.0 ignores them).
    return part.node === written.node
      ? shape
      : both({ ...ownShape(written), nodes: ANYTHING.nodes }, shape);
  }

  #ofSchema(part: Part, active: ReadonlySet<Node>): Shape {
    const known = this.#known.get(part.node);
    if (known !== undefined) return known;
    if (active.has(part.node)) {
      this.#isPartial = true;
      return { ...ANYTHING, nodes: new Set([part.node]) };
    }
    const before = this.#isPartial;
    this.#isPartial = false;
    const inside = new Set(active).add(part.node);
    const all = this.#shapes(listAt(part.node, "allOf"), part.base, inside);
    const forms = this.#forms(part, inside);
    const whole = both(ownShape(part), all.reduce(both, ANYTHING));
    const shape = forms.length > 0 ? both(whole, oneOfForms(forms)) : whole;
    if (!this.#isPartial) this.#known.set(part.node, shape);
    this.#isPartial ||= before;
    return shape;
  }

  #shapes(nodes: readonly unknown[], base: string, active: ReadonlySet<Node>): readonly Shape[] {
    return nodes
      .filter(isNode)
      .map((node) => this.#shape({ kind: "part", part: { node, base } }, active));
  }

  #forms({ node, base }: Part, active: ReadonlySet<Node>): readonly Shape[] {
    const listed = [...listAt(node, "oneOf"), ...listAt(node, "anyOf")].filter(isNode);
    if (listed.length > FORMS_MAX)
      this.#remark(`A value has ${listed.length} forms; the first ${FORMS_MAX} were read.`);
    return this.#shapes(listed.slice(0, FORMS_MAX), base, active);
  }
}

// Several forms of one value (`oneOf`, `anyOf`) as one, by a rule that loses as little as a tool can spare.

/**
 * The plainest forms are described and the types of the rest are named: a text before a number before yes or no, these
 * before a list, a list before an object. All objects become one. So `customer`, which is an id or a whole customer, is
 * an id, and a filter that takes a value, a list or an operator takes a value.
 */
function oneOfForms(forms: readonly Shape[]): Shape {
  const telling = forms.filter((shape) => !isSilent(shape));
  const nullable = forms.some((shape) => shape.nullable);
  if (telling.length === 0) return { ...ANYTHING, nullable };
  const typed = telling.map((shape) => ({ shape, type: shapeType(shape) }));
  const full = typed.filter(({ shape }) => !isEmptying(shape));
  const chosen = plainestType((type) => full.some((one) => one.type === type));
  const described = full.flatMap(({ type, shape }) => (type === chosen ? [shape] : []));
  const others = new Set(typed.map(({ type }) => type ?? "any").filter((type) => type !== chosen));
  const [only = ANYTHING] = described;
  const shape = described.length === 1 ? only : mergedForms(described, chosen);
  const types = chosen === null ? shape.types : new Set([chosen]);
  return { ...shape, types, nullable, others: union(others, shape.others) };
}

/** A form with nothing but `required` or `null` says nothing of its own about the value. */
function isSilent(shape: Shape): boolean {
  return (
    shapeType(shape) === null &&
    shape.others.size === 0 &&
    (shape.nullable || shape.required.size > 0)
  );
}

/** A text that can only be empty stands beside the real form to say that the value may be taken away. */
function isEmptying(shape: Shape): boolean {
  return shape.enum?.length === 1 && shape.enum[0] === "";
}

function mergedForms(shapes: readonly Shape[], type: RawType | null): Shape {
  const together = { ...ANYTHING, ...sharedWords(shapes) };
  if (type === "object") return { ...together, ...mergedObjects(shapes) };
  if (type !== "list") return { ...together, enum: allValues(shapes) };
  const items = shapes.map((shape) => shape.items).filter((item) => item !== null);
  return { ...together, items: items.length === 0 ? null : { kind: "any", of: items } };
}

/** What holds whichever form it is. */
function sharedWords(shapes: readonly Shape[]): Partial<Shape> {
  const [first = ANYTHING] = shapes;
  const isShared = (read: (shape: Shape) => string) =>
    shapes.every((shape) => read(shape) === read(first));
  return {
    description: isShared(({ description }) => description) ? first.description : "",
    format: isShared(({ format }) => format) ? first.format : "",
    readOnly: shapes.every(({ readOnly }) => readOnly),
    writeOnly: shapes.every(({ writeOnly }) => writeOnly),
    nodes: shapes.reduce((nodes, shape) => union(nodes, shape.nodes), ANYTHING.nodes),
    others: shapes.reduce((others, shape) => union(others, shape.others), ANYTHING.others),
  };
}

/** Every value of every form; any value when one of the forms allows any. */
function allValues(shapes: readonly Shape[]): Shape["enum"] {
  if (shapes.some((shape) => shape.enum === null)) return null;
  return [...new Set(shapes.flatMap((shape) => shape.enum ?? []))];
}

function mergedObjects(shapes: readonly Shape[]): Partial<Shape> {
  const all = shapes.flatMap(({ properties }) => [...properties]);
  const properties = new Map<string, Property>();
  for (const [key, having] of Map.groupBy(all, ([key]) => key))
    properties.set(key, {
      schema: { kind: "any", of: having.map(([, { schema }]) => schema) },
      inSomeForms: having.length < shapes.length,
    });
  const required = shapes.map((shape) => shape.required).reduce(common);
  const values = shapes.find((shape) => shape.values !== null)?.values ?? null;
  return { properties, required, values };
}
