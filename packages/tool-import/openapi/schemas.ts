/** Puts a schema together with what it refers to, within bounds. */
import { listAt, isNode, type Node, textAt } from "./references.ts";
import type { Part, References } from "./references.ts";
import {
  ANYTHING,
  both,
  common,
  ownShape,
  plainestType,
  type Property,
  type RawType,
  type Schema,
  type Shape,
  shapeType,
  union,
} from "./shape.ts";

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
