/** Bodies and answers of an operation: which kind of content, the fields in it, and where the records are. */
import type {
  AnswerDescription,
  BodyDescription,
  FieldDescription,
} from "#importing/description.ts";
import type { Listed } from "./operations.ts";
import {
  fieldTree,
  fixedSteps,
  followed,
  NO_FIELD,
  partUnder,
  type Reading,
  schemaIn,
  singularWords,
  wordSet,
} from "./reading.ts";
import { isNode, isTrueAt, type Node, nodeAt, type Part, valueAt } from "./references.ts";
import { type Schema, typeOfValue } from "./schemas.ts";

type Encoding = BodyDescription["encodings"][number];

function mediaTypeEncoding(type: string): Encoding | null {
  const [plain = ""] = type.toLowerCase().split(";");
  if (plain === "application/json-patch+json") return "json-patch";
  if (plain === "application/x-www-form-urlencoded") return "form";
  const isJson = /^(?:\*\/\*|(?:application|text)\/(?:[a-z0-9.+-]+\+)?json)$/.test(plain);
  return isJson ? "json" : null;
}

/** The kinds of content that can be sent or read, the document's first one first, and the names of all kinds for remarks. */
function usableContents(part: Part, reading: Reading) {
  // A reference here is not foreseen by the specification, and written all the same.
  const content = partUnder(part, "content", reading);
  const kinds = Object.entries(content?.node ?? {});
  const contents = kinds.flatMap(([type, node]) => {
    const encoding = mediaTypeEncoding(type);
    if (encoding === null || content === null || !isNode(node)) return [];
    const kind = followed({ node, base: content.base }, reading);
    return kind === null ? [] : [{ encoding, schema: contentSchema(kind, reading) }];
  });
  return { contents, types: kinds.map(([type]) => type.slice(0, 60)) };
}

function contentSchema({ node, base }: Part, reading: Reading): Schema {
  const example = nodeAt(node, "schema") === null ? contentExample(node) : undefined;
  if (example === undefined) return schemaIn(node, base);
  reading.remark(
    "The document only gives an example of what comes back or is sent; its fields were taken.",
  );
  return { kind: "part", part: { node: schemaOfExample(example), base } };
}

/** The body of an operation; null when it has none. `shown` is the record that a read of the same path shows. */
export function bodyIn(
  { part, summary }: Listed,
  reading: Reading,
  shown: () => FieldDescription | null,
): BodyDescription | null {
  // A body of a GET has no meaning (RFC 9110, section 9.3.1).
  if (summary.method === "GET") return null;
  const body = partUnder(part, "requestBody", reading);
  if (body === null) return null;
  const required = isTrueAt(body.node, "required");
  const { contents, types } = usableContents(body, reading);
  const [first] = contents;
  if (first === undefined) {
    if (types.length > 0)
      reading.remark(
        `Its body can only be sent as ${types.join(", ")}, which no tool does.`,
        required ? "refused" : "changed",
      );
    return null;
  }
  const content = fieldTree(reading, first.schema, { name: "", required, direction: "in" });
  const { remark } = reading;
  const encodings = [...new Set(contents.map(({ encoding }) => encoding))];
  if (first.encoding === "json-patch" || isPatchList(content))
    return patch(required, shown(), reading);
  if (content.type === "object") return { required, encodings, content };
  const what = content.type === "list" ? "is a list of several changes" : "allows anything";
  remark(`Its body ${what}, so no field of it can be narrowed.`, required ? "refused" : "changed");
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
  reading: Reading,
): BodyDescription {
  if (shown === null)
    reading.remark(
      "Its body is a JSON Patch, but no read operation shows the fields that it changes.",
    );
  const content = shown ?? { ...NO_FIELD, type: "map", required: true };
  return { required, encodings: ["json-patch"], content };
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
  const whole = fieldTree(reading, json.schema, { name: "", required: true, direction });
  return recordsIn(whole, summary.path);
}

function goodResponse({ node, base }: Part, reading: Reading): Part | null {
  const responses = nodeAt(node, "responses") ?? {};
  const good = Object.keys(responses).filter((status) => /^2(?:\d\d|XX)$/i.test(status));
  const [status] = [...good.toSorted(), ...("default" in responses ? ["default"] : [])];
  return status === undefined ? null : partUnder({ node: responses, base }, status, reading);
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
  const type = typeOfValue(value);
  return type === null ? {} : { type };
}

/** The items of a list may each show something else. */
function itemsSchema(values: readonly unknown[], depth: number): Node {
  const shown = values.slice(0, ITEMS_READ);
  const merged = shown.every(isNode) ? Object.assign({}, ...shown.toReversed()) : shown[0];
  return shown.length === 0 ? {} : schemaOfExample(merged, depth + 1);
}

// Where the records are in an answer: what is around them is there for paging, not for people.

/** What stands beside records: how many there are, where the next ones are, what kind they have. */
const AROUND = wordSet(`
  count cursor error etag estimate event first has included info kind last limit link message
  meta metadata more next object offset ok page paging pagination per prev previous provider
  request response size start status success sum token total type uri url warning
`);

/** Names that say nothing but “here are the records”. */
const HOLDERS = wordSet("content data entry hit item list record response result row value");

/** A record has many fields of its own, and its list of items is not what was asked for. */
const TELLING_MAX = 3;

/** The records in a whole answer to a request for this path. */
function recordsIn(whole: FieldDescription, path: string): AnswerDescription {
  if (whole.type === "list") return { records: "", many: true, record: whole.items ?? whole };
  const own = { records: "", many: false, record: whole };
  if (whole.type !== "object" || hasId(whole, path)) return own;
  const holder = holderIn(whole, path);
  return holder === null ? own : recordsUnder(holder, path);
}

function recordsUnder(holder: FieldDescription, path: string): AnswerDescription {
  if (holder.type === "list")
    return { records: holder.name, many: true, record: holder.items ?? holder };
  // `data: { orders: [...] }` has two layers around the records.
  const inner = hasId(holder, path) ? null : holderIn(holder, path);
  if (inner?.type === "list" && (isNamedBy(inner.name, path) || holder.fields.length === 1))
    return { records: `${holder.name}.${inner.name}`, many: true, record: inner.items ?? inner };
  return { records: holder.name, many: false, record: holder };
}

/** An answer with an id of its own is the record, and a list in it is a part of the record. */
function hasId(field: FieldDescription, path: string): boolean {
  return field.fields.some(({ name, type }) => {
    if (type === "object" || type === "list") return false;
    const [last, ...before] = singularWords(name).toReversed();
    if (before.length === 0) return /^(?:id|uuid|guid|key|number)$/.test(last ?? "");
    return last === "id" && isNamedBy(before.toReversed().join(" "), path);
  });
}

function holderIn(whole: FieldDescription, path: string): FieldDescription | null {
  const holding = whole.fields.filter(holdsRecords);
  const named = namedBy(path, holding);
  if (named !== null) return named;
  const plain = holding.filter(({ name }) => HOLDERS.has(singularWords(name).join(" ")));
  const telling = whole.fields.filter(
    ({ name }) =>
      !singularWords(name).every((word) => AROUND.has(word) || word === "id" || word === "date"),
  );
  if (plain.length === 1 && telling.length <= TELLING_MAX) return plain[0] ?? null;
  const [only] = telling;
  return telling.length === 1 && only !== undefined && holdsRecords(only) ? only : null;
}

function holdsRecords({ type, items }: FieldDescription): boolean {
  return (
    type === "object" || (type === "list" && (items?.type === "object" || items?.type === "map"))
  );
}

/** The field with the name of a step of the path, the last one first: `orders` of `/customers/{id}/orders/search`. */
function namedBy(path: string, fields: readonly FieldDescription[]): FieldDescription | null {
  for (const step of wordSteps(path).toReversed()) {
    const named = fields.filter(({ name }) => singularWords(name).join(" ") === step);
    if (named.length === 1) return named[0] ?? null;
  }
  return null;
}

/** The steps of a path that are words, as the names of fields are compared. */
function wordSteps(path: string): readonly string[] {
  const steps = fixedSteps(path.replace(/\.json$/, ""));
  return steps.map((step) => singularWords(step).join(" "));
}

/** Whether a name is that of one of the last two steps, singular or plural. */
function isNamedBy(name: string, path: string): boolean {
  return wordSteps(path).slice(-2).includes(singularWords(name).join(" "));
}
