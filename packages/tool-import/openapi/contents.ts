/** Bodies and answers of an operation: which kind of content, and the fields in it. */
import type {
  AnswerDescription,
  BodyDescription,
  FieldDescription,
} from "#importing/description.ts";
import { isNode, isTrueAt, type Node, nodeAt, valueAt } from "./node.ts";
import type { Listed } from "./operations.ts";
import { recordsIn } from "./records.ts";
import { followed, type Reading, schemaIn } from "./reading.ts";
import type { Part } from "./references.ts";
import type { Schema } from "./shape.ts";

type Encoding = BodyDescription["encodings"][number];

interface Content {
  readonly encoding: Encoding;
  readonly schema: Schema;
}

const mediaTypeEncoding = (type: string): Encoding | null => {
  const [plain = ""] = type.toLowerCase().split(";");
  if (plain === "application/json-patch+json") return "json-patch";
  if (plain === "application/x-www-form-urlencoded") return "form";
  return plain === "*/*" || /^(?:application|text)\/(?:[a-z0-9.+-]+\+)?json$/.test(plain)
    ? "json"
    : null;
};

/** The kinds of content that can be sent or read, the document's first one first. */
function usableContents(
  part: Part,
  reading: Reading,
): {
  readonly contents: readonly Content[];
  /** All kinds, for remarks. */
  readonly types: readonly string[];
} {
  const written = nodeAt(part.node, "content");
  // Not foreseen by the specification, and written all the same.
  const content = written === null ? null : followed({ node: written, base: part.base }, reading);
  const kinds = Object.entries(content?.node ?? {});
  const contents = kinds.flatMap(([type, kind]): Content[] => {
    const encoding = mediaTypeEncoding(type);
    const found =
      encoding === null || content === null || !isNode(kind)
        ? null
        : followed({ node: kind, base: content.base }, reading);
    if (encoding === null || found === null) return [];
    const { node, base } = found;
    const example = nodeAt(node, "schema") === null ? contentExample(node) : undefined;
    if (example === undefined) return [{ encoding, schema: schemaIn(node, base) }];
    reading.remark(
      "The document only gives an example of what comes back or is sent; its fields were taken.",
    );
    const shown = { node: schemaOfExample(example), base };
    return [{ encoding, schema: { kind: "part", part: shown } }];
  });
  return { contents, types: kinds.map(([type]) => type.slice(0, 60)) };
}

/** The body of an operation; null when it has none. `shown` is the record that a read of the same path shows. */
export function bodyIn(
  { part, summary }: Listed,
  reading: Reading,
  shown: () => FieldDescription | null,
): BodyDescription | null {
  // A body of a GET has no meaning (RFC 9110, section 9.3.1).
  if (summary.method === "GET") return null;
  const written = nodeAt(part.node, "requestBody");
  const body = written === null ? null : followed({ node: written, base: part.base }, reading);
  if (body === null) return null;
  const required = isTrueAt(body.node, "required");
  const { contents, types } = usableContents(body, reading);
  const [first] = contents;
  if (first === undefined) return withoutBody(types, required, reading);
  const content = reading.fields.tree(first.schema, { name: "", required, direction: "in" });
  const encodings = [...new Set(contents.map(({ encoding }) => encoding))];
  if (first.encoding === "json-patch" || isPatchList(content))
    return patch(required, shown(), reading);
  if (content.type !== "object") return undescribed(content, required, reading);
  return { required, encodings, content };
}

function withoutBody(types: readonly string[], required: boolean, { remark }: Reading): null {
  if (types.length > 0)
    remark(
      `Its body can only be sent as ${types.join(", ")}, which no tool does.`,
      required ? "refused" : "changed",
    );
  return null;
}

/** JSON Patch is often described as plain JSON: a list of `op`, `path` and `value` (RFC 6902). */
function isPatchList({ type, items }: FieldDescription): boolean {
  const names = new Set(items?.fields.map(({ name }) => name));
  return type === "list" && names.has("op") && names.has("path");
}

function patch(
  required: boolean,
  shown: FieldDescription | null,
  { remark, fields }: Reading,
): BodyDescription {
  if (shown === null)
    remark("Its body is a JSON Patch, but no read operation shows the fields that it changes.");
  const nothing: Node = { type: "object" };
  const none = { name: "", required: true, direction: "in" } as const;
  const content = shown ?? fields.tree(schemaIn({ schema: nothing }, ""), none);
  return { required, encodings: ["json-patch"], content };
}

function undescribed(
  { type }: FieldDescription,
  required: boolean,
  { remark }: Reading,
): BodyDescription | null {
  const what = type === "list" ? "is a list of several changes" : "allows anything";
  remark(`Its body ${what}, so no field of it can be narrowed.`, required ? "refused" : "changed");
  return null;
}

/** What an operation sends back when it went well; null when that is nothing. */
export function answerIn(
  { part, summary }: Listed,
  reading: Reading,
  direction: "in" | "out" = "out",
): AnswerDescription | null {
  const response = goodResponse(part, reading);
  if (response === null) return null;
  const { contents, types } = usableContents(response, reading);
  const json = contents.find(({ encoding }) => encoding === "json");
  if (json === undefined) {
    if (types.length > 0) reading.remark(`It answers with ${types.join(", ")}, which is not read.`);
    return null;
  }
  const whole = reading.fields.tree(json.schema, { name: "", required: true, direction });
  return recordsIn(whole, summary.path);
}

function goodResponse({ node, base }: Part, reading: Reading): Part | null {
  const responses = nodeAt(node, "responses") ?? {};
  const good = Object.keys(responses).filter((status) => /^2(?:\d\d|XX)$/i.test(status));
  const [status] = [...good.toSorted(), ...("default" in responses ? ["default"] : [])];
  const written = status === undefined ? null : nodeAt(responses, status);
  return written === null ? null : followed({ node: written, base }, reading);
}

// A schema from an example, for answers that a document describes in no other way.

const DEPTH_MAX = 8;
const FIELDS_MAX = 200;
const ITEMS_READ = 20;

/** The example of a kind of content; undefined when there is none. */
function contentExample(content: Node): unknown {
  const own = valueAt(content, "example");
  if (own !== undefined) return own;
  const [first] = Object.values(nodeAt(content, "examples") ?? {});
  return valueAt(first, "value");
}

/** What a value shows of its kind: types and names. Nothing is required, and `null` may be anything. */
function schemaOfExample(value: unknown, depth = 0): Node {
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
