/**
 * Makes one HTTP request of a template and its values. The template alone decides path, query, headers and fields; a
 * value fills the place it was given and can change nothing else.
 */

import { pathSegment } from "#core/connection/http-answer.ts";
import type { RequestTemplate, Value } from "#systems/contract.ts";
import { plain, Refused, type RequestValues, takeValue } from "#systems/request-values.ts";

/** A request that may be sent as it is. Authentication is added when it is sent. */
export interface PreparedRequest {
  readonly method: RequestTemplate["method"];
  /** Percent-encoded, below the connection's address; begins with a slash. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly type: string; readonly text: string } | null;
}

const TEXT_CHARACTERS_MAX = 8_192;
const BODY_BYTES_MAX = 1024 * 1024;
/** They decide where a message ends, whom it is for, or who asks; a template has no say in that. */
const HEADERS_OF_OURS = new Set([
  "authorization",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Fills a template in. Pure, and never throws: what a value or the template does not allow to be sent is refused, with a
 * reason that quotes no value.
 */
export function prepareRequest(template: RequestTemplate, values: RequestValues) {
  try {
    return { kind: "prepared" as const, request: filledRequest(template, values) };
  } catch (error) {
    if (error instanceof Refused) return { kind: "refused" as const, reason: error.message };
    throw error;
  }
}

/** What is filled in throws `Refused` where a value or the template does not allow it. */
function filledRequest(template: RequestTemplate, values: RequestValues): PreparedRequest {
  const path = filledPath(template, values);
  const query = filledTexts(template.query, values, "query value");
  const headers = filledTexts(template.headers, values, "header");
  const problem = headers.map(headerProblem).find((reason) => reason !== null);
  if (problem !== undefined) throw new Refused(problem);
  const body = filledBody(template.body, values);
  if (Buffer.byteLength(body?.text ?? "") > BODY_BYTES_MAX)
    throw new Refused(`the body is larger than ${BODY_BYTES_MAX} bytes`);
  return { method: template.method, path, query, headers: Object.fromEntries(headers), body };
}

/** A header's name is a token (RFC 9110 5.6.2). */
export function isHeaderName(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name);
}

/** Why a header may not be sent, null when it may. */
export function headerProblem([name, value]: readonly [string, string]): string | null {
  if (!isHeaderName(name)) return `${JSON.stringify(name)} is no name of a header`;
  if (HEADERS_OF_OURS.has(name.toLowerCase())) return `the header ${name} is not for templates`;
  // Visible ASCII: a line break would begin another header, and the rest arrives differently at each server.
  return /^[\x20-\x7e]*$/.test(value)
    ? null
    : `the header ${name} has characters that a header cannot have`;
}

/** Each `{name}` becomes part of exactly one segment. */
function filledPath(template: RequestTemplate, values: RequestValues): string {
  const path = template.path
    .split(/\{([^{}]*)\}/)
    // Every odd piece is a name.
    .map((piece, at) => (at % 2 === 0 ? piece : filledSegment(piece, template, values)))
    .join("");
  if (isNormalPath(path)) return path;
  throw new Refused("the path is not one that is sent");
}

function filledSegment(
  name: string,
  { pathValues = {} }: RequestTemplate,
  values: RequestValues,
): string {
  const place = Object.hasOwn(pathValues, name) ? pathValues[name] : undefined;
  if (place === undefined) throw new Refused(`the path value ${name} is not declared`);
  const segment = pathSegment(scalarText(takeValue(place, values)) ?? "");
  if (segment === null) throw new Refused(`the path value ${name} cannot be part of a path`);
  return segment;
}

/** Whether a URL keeps the path as it is. */
function isNormalPath(path: string): boolean {
  if (!path.startsWith("/") || /[?#]|\/\//.test(path)) return false;
  return URL.parse(`http://localhost${path}`)?.pathname === path;
}

function filledTexts(
  places: Readonly<Record<string, Value>> | undefined,
  values: RequestValues,
  what: string,
): readonly (readonly [string, string])[] {
  return Object.entries(places ?? {}).flatMap(([name, place]) => {
    const value = takeValue(place, values);
    if (value === undefined) return [];
    const text = scalarText(value);
    if (text === null || text.length > TEXT_CHARACTERS_MAX)
      throw new Refused(`the ${what} ${name} is not one short text`);
    return [[name, text] as const];
  });
}

/** One value as text; null for lists, objects, numbers that are none and text that is not Unicode. */
function scalarText(value: unknown): string | null {
  return isScalar(value) ? String(value) : null;
}

/** What one field may be: nothing in it has names of its own. */
type Field = string | number | boolean | readonly (string | number | boolean)[];

type Fields = readonly (readonly [path: string, value: Field])[];

/** A field, or the fields below it by name. */
type Tree = Field | Map<string, Tree>;

const LIST_MAX = 1_000;

/** The body with its content type; null where the template has none. */
function filledBody(
  template: RequestTemplate["body"],
  values: RequestValues,
): PreparedRequest["body"] {
  if (template === undefined) return null;
  const fields = filledFields(template.fields, values);
  const content = treeAsJson(fieldTree(fields));
  switch (template.encoding) {
    case "json":
      return { type: "application/json", text: JSON.stringify(content) };
    case "form":
      return { type: "application/x-www-form-urlencoded", text: formPairs("", content).join("&") };
    case "json-patch":
      return {
        type: "application/json-patch+json",
        text: JSON.stringify(fields.map(replacement)),
      };
  }
}

function filledFields(places: Readonly<Record<string, Value>>, values: RequestValues): Fields {
  return Object.entries(places).flatMap(([path, place]) => {
    if (path.split(".").includes("")) throw new Refused("a field has no name");
    const value = takeValue(place, values);
    if (value === undefined) return [];
    if (!isField(value)) throw new Refused(`the field ${path} is neither one value nor a list`);
    return [[path, value] as const];
  });
}

/** Objects are refused: their names would be fields that the template does not have. */
function isField(value: unknown): value is Field {
  if (!Array.isArray(value)) return isScalar(value);
  return value.length <= LIST_MAX && value.every(isScalar);
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === "string" ? value.isWellFormed() : plain(value) !== null;
}

/** One field cannot also be a place of others. */
function fieldTree(fields: Fields): Map<string, Tree> {
  const root = new Map<string, Tree>();
  for (const [path, value] of fields) {
    const names = path.split(".");
    const last = names.pop() ?? path;
    let place = root;
    for (const name of names) {
      const below = place.get(name) ?? new Map<string, Tree>();
      if (!(below instanceof Map)) throw new Refused(SAME_PLACE);
      place.set(name, below);
      place = below;
    }
    if (place.has(last)) throw new Refused(SAME_PLACE);
    place.set(last, value);
  }
  return root;
}

const SAME_PLACE = "two fields of the body have the same place";

/** Fields that are all numbered are a list: `items.0.id`. One that was left out leaves no gap. */
function treeAsJson(tree: Tree): unknown {
  if (!(tree instanceof Map)) return tree;
  const below = [...tree];
  if (below.length > 0 && below.every(([name]) => /^\d{1,3}$/.test(name)))
    return below
      .toSorted(([one], [other]) => Number(one) - Number(other))
      .map(([, inner]) => treeAsJson(inner));
  // `fromEntries` makes own fields, also of a name such as `__proto__`.
  return Object.fromEntries(below.map(([name, inner]) => [name, treeAsJson(inner)]));
}

/** `address[line1]=x`, and lists by place: `items[0][id]=x`. */
function formPairs(prefix: string, content: unknown): readonly string[] {
  if (typeof content !== "object" || content === null)
    return [`${encodeURIComponent(prefix)}=${encodeURIComponent(String(content))}`];
  return Object.entries(content).flatMap(([name, below]) =>
    formPairs(prefix === "" ? name : `${prefix}[${name}]`, below),
  );
}

/** One operation of RFC 6902; names are escaped by RFC 6901. */
function replacement([path, value]: readonly [string, Field]): object {
  const pointer = path
    .split(".")
    .map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
  return { op: "replace", path: pointer, value };
}
