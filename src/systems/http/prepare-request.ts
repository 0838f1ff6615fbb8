/**
 * Makes one HTTP request of a template and its values. The template alone decides path, query, headers and fields; a
 * value fills the place it was given and can change nothing else.
 */

import { pathSegment } from "#core/connection/http-answer.ts";
import type { RequestTemplate, Value } from "#systems/contract.ts";
import { type RequestValues, takeValue } from "#systems/request-values.ts";

/** A request that may be sent as it is. Authentication is added when it is sent. */
export interface PreparedRequest {
  readonly method: RequestTemplate["method"];
  /** Percent-encoded, below the connection's address; begins with a slash. */
  readonly path: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly type: string; readonly text: string } | null;
}

/** Nothing was sent, because a value or the template does not allow it. The reason quotes no value. */
interface RefusedRequest {
  readonly kind: "refused";
  readonly reason: string;
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

/** Fills a template in. Pure, and never throws: what cannot be sent is refused. */
export function prepareRequest(
  template: RequestTemplate,
  values: RequestValues,
): { readonly kind: "prepared"; readonly request: PreparedRequest } | RefusedRequest {
  const path = filledPath(template, values);
  if (path.kind === "refused") return path;
  const query = filledTexts(template.query, values, "query value");
  if (query.kind === "refused") return query;
  const headers = filledTexts(template.headers, values, "header");
  if (headers.kind === "refused") return headers;
  const problem = headers.texts.map(headerProblem).find((reason) => reason !== null);
  if (problem !== undefined) return refused(problem);
  const body = filledBody(template.body, values);
  if (body.kind === "refused") return body;
  if (Buffer.byteLength(body.body?.text ?? "") > BODY_BYTES_MAX)
    return refused(`the body is larger than ${BODY_BYTES_MAX} bytes`);
  return {
    kind: "prepared",
    request: {
      method: template.method,
      path: path.path,
      query: query.texts,
      headers: Object.fromEntries(headers.texts),
      body: body.body,
    },
  };
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

type Path = { readonly kind: "path"; readonly path: string } | RefusedRequest;

/** Each `{name}` becomes part of exactly one segment. */
function filledPath(template: RequestTemplate, values: RequestValues): Path {
  const pieces: string[] = [];
  // Every odd piece is a name.
  for (const [at, piece] of template.path.split(/\{([^{}]*)\}/).entries()) {
    if (at % 2 === 0) {
      pieces.push(piece);
      continue;
    }
    const segment = filledSegment(piece, template.pathValues ?? {}, values);
    if (segment.kind === "refused") return segment;
    pieces.push(segment.path);
  }
  const path = pieces.join("");
  return isNormalPath(path) ? { kind: "path", path } : refused("the path is not one that is sent");
}

function filledSegment(
  name: string,
  places: Readonly<Record<string, Value>>,
  values: RequestValues,
): Path {
  const place = Object.hasOwn(places, name) ? places[name] : undefined;
  if (place === undefined) return refused(`the path value ${name} is not declared`);
  const taken = takeValue(place, values);
  if (taken.kind === "refused") return taken;
  const segment = pathSegment(taken.kind === "absent" ? "" : (scalarText(taken.value) ?? ""));
  return segment === null
    ? refused(`the path value ${name} cannot be part of a path`)
    : { kind: "path", path: segment };
}

/** Whether a URL keeps the path as it is. */
function isNormalPath(path: string): boolean {
  if (!path.startsWith("/") || /[?#]|\/\//.test(path)) return false;
  return URL.parse(`http://localhost${path}`)?.pathname === path;
}

type Texts =
  | { readonly kind: "texts"; readonly texts: readonly (readonly [string, string])[] }
  | RefusedRequest;

function filledTexts(
  places: Readonly<Record<string, Value>> | undefined,
  values: RequestValues,
  what: string,
): Texts {
  const texts: (readonly [string, string])[] = [];
  for (const [name, place] of Object.entries(places ?? {})) {
    const taken = takeValue(place, values);
    if (taken.kind === "refused") return taken;
    if (taken.kind === "absent") continue;
    const text = scalarText(taken.value);
    if (text === null || text.length > TEXT_CHARACTERS_MAX)
      return refused(`the ${what} ${name} is not one short text`);
    texts.push([name, text]);
  }
  return { kind: "texts", texts };
}

/** One value as text; null for lists, objects, numbers that are none and text that is not Unicode. */
function scalarText(value: unknown): string | null {
  return isScalar(value) ? String(value) : null;
}

function refused(reason: string): RefusedRequest {
  return { kind: "refused", reason };
}

/** What one field may be: nothing in it has names of its own. */
type Field = string | number | boolean | readonly (string | number | boolean)[];

type Fields = readonly (readonly [path: string, value: Field])[];

/** A field, or the fields below it by name. */
type Tree = Field | ReadonlyMap<string, Tree>;

type Body = { readonly type: string; readonly text: string };

const LIST_MAX = 1_000;

/** The body with its content type; null where the template has none. Never throws. */
function filledBody(
  template: RequestTemplate["body"],
  values: RequestValues,
): { readonly kind: "body"; readonly body: Body | null } | RefusedRequest {
  if (template === undefined) return { kind: "body", body: null };
  const taken = filledFields(template.fields, values);
  if (taken.kind === "refused") return taken;
  const tree = fieldTree(taken.fields);
  if (tree === null) return refused("two fields of the body have the same place");
  const { encoding } = template;
  if (encoding === "json") return whole("application/json", JSON.stringify(treeAsJson(tree)));
  if (encoding === "form")
    return whole("application/x-www-form-urlencoded", formPairs("", tree).join("&"));
  return whole("application/json-patch+json", JSON.stringify(taken.fields.map(replacement)));
}

function whole(type: string, text: string): { readonly kind: "body"; readonly body: Body } {
  return { kind: "body", body: { type, text } };
}

function filledFields(
  places: Readonly<Record<string, Value>>,
  values: RequestValues,
): { readonly kind: "fields"; readonly fields: Fields } | RefusedRequest {
  const fields: (readonly [string, Field])[] = [];
  for (const [path, place] of Object.entries(places)) {
    if (path.split(".").includes("")) return refused("a field has no name");
    const taken = takeValue(place, values);
    if (taken.kind === "refused") return taken;
    if (taken.kind === "absent") continue;
    if (!isField(taken.value)) return refused(`the field ${path} is neither one value nor a list`);
    fields.push([path, taken.value]);
  }
  return { kind: "fields", fields };
}

/** Objects are refused: their names would be fields that the template does not have. */
function isField(value: unknown): value is Field {
  if (!Array.isArray(value)) return isScalar(value);
  return value.length <= LIST_MAX && value.every(isScalar);
}

function isScalar(value: unknown): value is string | number | boolean {
  if (typeof value === "string") return value.isWellFormed();
  return typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value));
}

/** Null when one field is also a place of others. */
function fieldTree(fields: Fields): Tree | null {
  const root = new Map<string, Tree>();
  for (const [path, value] of fields) {
    const names = path.split(".");
    const last = names.pop() ?? path;
    let place: Map<string, Tree> = root;
    for (const name of names) {
      const below = place.get(name) ?? new Map<string, Tree>();
      if (!(below instanceof Map)) return null;
      place.set(name, below);
      place = below;
    }
    if (place.has(last)) return null;
    place.set(last, value);
  }
  return root;
}

/** Fields that are all numbered are a list: `items.0.id`. One that was left out leaves no gap. */
function isList(tree: ReadonlyMap<string, Tree>): boolean {
  return tree.size > 0 && [...tree.keys()].every((name) => /^\d{1,3}$/.test(name));
}

function isNamed(tree: Tree): tree is ReadonlyMap<string, Tree> {
  return tree instanceof Map;
}

function inOrder(tree: ReadonlyMap<string, Tree>): readonly Tree[] {
  return [...tree]
    .toSorted(([one], [other]) => Number(one) - Number(other))
    .map(([, below]) => below);
}

function treeAsJson(tree: Tree): unknown {
  if (!isNamed(tree)) return tree;
  if (isList(tree)) return inOrder(tree).map(treeAsJson);
  // `fromEntries` makes own fields, also of a name such as `__proto__`.
  return Object.fromEntries([...tree].map(([name, below]) => [name, treeAsJson(below)]));
}

/** `address[line1]=x`, and lists by place: `items[0][id]=x`. */
function formPairs(prefix: string, tree: Tree): readonly string[] {
  if (typeof tree !== "object")
    return [`${encodeURIComponent(prefix)}=${encodeURIComponent(tree)}`];
  return belowIn(tree).flatMap(([name, below]) =>
    formPairs(prefix === "" ? name : `${prefix}[${name}]`, below),
  );
}

function belowIn(
  tree: Exclude<Tree, string | number | boolean>,
): readonly (readonly [string, Tree])[] {
  if (!isNamed(tree)) return tree.map((value, at) => [String(at), value]);
  return isList(tree) ? inOrder(tree).map((below, at) => [String(at), below]) : [...tree];
}

/** One operation of RFC 6902; names are escaped by RFC 6901. */
function replacement([path, value]: readonly [string, Field]): object {
  const pointer = path
    .split(".")
    .map((name) => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`)
    .join("");
  return { op: "replace", path: pointer, value };
}
