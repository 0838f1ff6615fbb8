/** What Zendesk's OpenAPI document says beyond what a validating proxy looks at: query parameters and examples; and the copy of it in which bodies of requests are closed. */

import { parse } from "yaml";
import { z } from "zod";

type Json = Readonly<Record<string, unknown>>;
const Json = z.record(z.string(), z.unknown());
const List = z.array(z.unknown());

/** One operation of the document. */
export interface Operation {
  /** The names of the query parameters it knows. */
  readonly query: ReadonlySet<string>;
  /** The examples of its answers, by status. */
  readonly examples: ReadonlyMap<number, readonly unknown[]>;
}

/** Finds the operation of a call; null for what the document does not have. */
export type FindOperation = (method: string, path: string) => Operation | null;

/** Reads the document, YAML or JSON. */
export function readDocument(text: string): FindOperation {
  const document = Json.parse(parse(text));
  const paths = Object.entries(Json.parse(document["paths"])).map(([path, item]) => ({
    steps: path.split("/"),
    item: Json.parse(item),
  }));
  const known = new Map<string, Operation | null>();
  const find = (method: string, path: string): Operation | null => {
    const steps = path.split("/");
    const fits = paths
      .filter((one) => one.steps.length === steps.length && one.steps.every(matchesStep(steps)))
      .toSorted((one, other) => wildcards(one.steps) - wildcards(other.steps));
    const item = fits.find((one) => one.item[method.toLowerCase()] !== undefined)?.item;
    return item === undefined ? null : operationOf(document, item, method.toLowerCase());
  };
  return (method, path) => {
    const key = `${method} ${path}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = find(method, path);
    known.set(key, found);
    return found;
  };
}

function matchesStep(steps: readonly string[]): (step: string, at: number) => boolean {
  return (step, at) => step === steps[at] || (step.startsWith("{") && steps[at] !== "");
}

function wildcards(steps: readonly string[]): number {
  return steps.filter((step) => step.startsWith("{")).length;
}

function operationOf(document: Json, item: Json, method: string): Operation {
  const operation = Json.parse(item[method]);
  const parameters = [item["parameters"], operation["parameters"]].flatMap((given) =>
    (List.safeParse(given).data ?? []).map((one) => resolved(document, one)),
  );
  const query = parameters
    .filter((parameter) => parameter["in"] === "query")
    .flatMap((parameter) => namesOf(document, parameter));
  const responses = Object.entries(Json.safeParse(operation["responses"]).data ?? {});
  return {
    query: new Set(query),
    examples: new Map(
      responses.map(([status, response]) => [Number(status), examplesOf(document, response)]),
    ),
  };
}

/** A parameter that is an object is written with its properties in brackets: `page[size]`. */
function namesOf(document: Json, parameter: Json): readonly string[] {
  const name = String(parameter["name"]);
  const schema = resolved(document, parameter["schema"] ?? {});
  const choices = ["oneOf", "anyOf"].flatMap((way) => List.safeParse(schema[way]).data ?? []);
  const properties = [schema, ...choices.map((one) => resolved(document, one))].flatMap((one) =>
    Object.keys(Json.safeParse(one["properties"]).data ?? {}),
  );
  return [name, ...properties.map((property) => `${name}[${property}]`)];
}

function examplesOf(document: Json, response: unknown): readonly unknown[] {
  const content = Json.safeParse(resolved(document, response)["content"]).data ?? {};
  const media = Json.safeParse(content["application/json"]).data ?? {};
  const named = Object.values(Json.safeParse(media["examples"]).data ?? {}).map(
    (example) => resolved(document, example)["value"],
  );
  return media["example"] === undefined ? named : [...named, media["example"]];
}

/** What `#/a/b` points to; anything else is itself. */
function resolved(document: Json, given: unknown): Json {
  const schema = Json.parse(given);
  const reference = z.string().safeParse(schema["$ref"]);
  if (!reference.success) return schema;
  const found = reference.data
    .split("/")
    .slice(1)
    .reduce<Json>((at, step) => Json.parse(at[step]), document);
  return resolved(document, found);
}

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
