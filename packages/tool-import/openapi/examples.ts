/** A schema from an example, for answers that a document describes in no other way. */
import { isNode, type Node, nodeAt, valueAt } from "./node.ts";

const DEPTH_MAX = 8;
const FIELDS_MAX = 200;
const ITEMS_READ = 20;

/** The example of a kind of content; undefined when there is none. */
export function contentExample(content: Node): unknown {
  const own = valueAt(content, "example");
  if (own !== undefined) return own;
  const [first] = Object.values(nodeAt(content, "examples") ?? {});
  return valueAt(first, "value");
}

/** What a value shows of its kind: types and names. Nothing is required, and `null` may be anything. */
export function schemaOfExample(value: unknown, depth = 0): Node {
  if (value === null || depth > DEPTH_MAX) return { nullable: true };
  if (Array.isArray(value)) return { type: "array", items: itemsSchema(value, depth) };
  if (isNode(value)) {
    const entries = Object.entries(value).slice(0, FIELDS_MAX);
    const properties = entries.map(([name, inner]) => [name, schemaOfExample(inner, depth + 1)]);
    return { type: "object", properties: Object.fromEntries(properties) };
  }
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  return typeof value === "string" || typeof value === "boolean" ? { type: typeof value } : {};
}

/** The items of a list may each show something else. */
function itemsSchema(values: readonly unknown[], depth: number): Node {
  const shown = values.slice(0, ITEMS_READ);
  const merged = shown.every(isNode) ? Object.assign({}, ...shown.toReversed()) : shown[0];
  return shown.length === 0 ? {} : schemaOfExample(merged, depth + 1);
}
