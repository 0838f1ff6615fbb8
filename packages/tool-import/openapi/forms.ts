/** Several forms of one value (`oneOf`, `anyOf`) as one, by a rule that loses as little as a tool can spare. */
import {
  ANYTHING,
  common,
  type Property,
  type RawType,
  type Shape,
  shapeType,
  union,
} from "./shape.ts";

const PLAIN: readonly RawType[] = ["string", "number", "integer", "boolean"];

/**
 * The plainest forms are described and the types of the rest are named: a text before a number before yes or no, these
 * before a list, a list before an object. All objects become one. So `customer`, which is an id or a whole customer, is
 * an id, and a filter that takes a value, a list or an operator takes a value.
 */
export function oneOfForms(forms: readonly Shape[]): Shape {
  const telling = forms.filter((shape) => !isSilent(shape));
  const nullable = forms.some((shape) => shape.nullable);
  if (telling.length === 0) return { ...ANYTHING, nullable };
  const typed = telling.map((shape) => ({ shape, type: shapeType(shape) }));
  const chosen = plainestType(
    typed.filter(({ shape }) => !isEmptying(shape)).map(({ type }) => type),
  );
  const described = typed.flatMap(({ type, shape }) =>
    type === chosen && !isEmptying(shape) ? [shape] : [],
  );
  const others = new Set(typed.map(({ type }) => type ?? "any").filter((type) => type !== chosen));
  const merged = described.length === 1 ? described[0] : mergedForms(described, chosen);
  const shape = merged ?? ANYTHING;
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

function plainestType(types: readonly (RawType | null)[]): RawType | null {
  const order: readonly RawType[] = [...PLAIN, "array", "object"];
  return order.find((type) => types.includes(type)) ?? null;
}

function mergedForms(shapes: readonly Shape[], type: RawType | null): Shape {
  const together = { ...ANYTHING, ...sharedWords(shapes) };
  if (type === "object") return { ...together, ...mergedObjects(shapes) };
  if (type !== "array") return { ...together, enum: allValues(shapes) };
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
  const values = new Set<string | number | boolean>();
  for (const { enum: allowed } of shapes) {
    if (allowed === null) return null;
    for (const value of allowed) values.add(value);
  }
  return [...values];
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
