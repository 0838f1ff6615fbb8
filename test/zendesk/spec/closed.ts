import { parse } from "yaml";
import { z } from "zod";

type Json = Record<string, unknown>;
const Json = z.record(z.string(), z.unknown());
const Parts = z.array(Json);

/** How deep a body may nest before its inner parts are left open; no body of the document nests deeper. */
const DEPTH_MAX = 12;

/**
 * The OpenAPI document as JSON, with every request body closed: a property that a body's schema does not name is an
 * error. The document leaves them open and accounts ignore what they do not know, so a misspelled property would be
 * lost without a sign. Answers stay open, because accounts add to them.
 */
export function closeRequests(text: string): string {
  const document = Json.parse(parse(text));
  const paths = mapped(document["paths"], (path) =>
    mapped(path, (operation) => {
      const { requestBody, ...rest } = Json.safeParse(operation).data ?? {};
      const body = Json.safeParse(requestBody);
      if (!body.success) return operation;
      const content = mapped(body.data["content"], (media) => {
        const { schema, ...other } = Json.parse(media);
        const known = Json.safeParse(schema);
        return known.success ? { ...other, schema: closed(document, known.data, 0) } : media;
      });
      return { ...rest, requestBody: { ...body.data, content } };
    }),
  );
  return JSON.stringify({ ...document, paths });
}

function mapped(value: unknown, change: (part: unknown) => unknown): unknown {
  const known = Json.safeParse(value);
  if (!known.success) return value;
  return Object.fromEntries(Object.entries(known.data).map(([name, part]) => [name, change(part)]));
}

function closed(document: Json, given: Json, depth: number): Json {
  if (depth > DEPTH_MAX) return given;
  const schema = resolved(document, given);
  const inner = (part: Json): Json => closed(document, part, depth + 1);
  const all = Parts.safeParse(schema["allOf"]);
  if (all.success) {
    const { allOf: _allOf, ...own } = schema;
    return inner(merged([...all.data.map((part) => resolved(document, part)), own]));
  }
  for (const choice of ["oneOf", "anyOf"] as const) {
    const parts = Parts.safeParse(schema[choice]);
    if (parts.success) return { ...schema, [choice]: parts.data.map(inner) };
  }
  const items = Json.safeParse(schema["items"]);
  if (items.success) return { ...schema, items: inner(items.data) };
  const properties = Json.safeParse(schema["properties"]);
  if (!properties.success) return schema;
  const entries = Object.entries(properties.data).map(([name, value]) => [
    name,
    inner(Json.parse(value)),
  ]);
  return { additionalProperties: false, ...schema, properties: Object.fromEntries(entries) };
}

/** What `#/a/b` points to; anything else is the schema itself. */
function resolved(document: Json, schema: Json): Json {
  const reference = z.string().safeParse(schema["$ref"]);
  if (!reference.success) return schema;
  const found = reference.data
    .split("/")
    .slice(1)
    .reduce<Json>((at, step) => Json.parse(at[step]), document);
  return resolved(document, found);
}

function merged(parts: readonly Json[]): Json {
  const properties = parts.map((part) => Json.safeParse(part["properties"]).data ?? {});
  const required = parts.flatMap(
    (part) => z.array(z.string()).safeParse(part["required"]).data ?? [],
  );
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...properties),
    ...(required.length === 0 ? {} : { required }),
  };
}
