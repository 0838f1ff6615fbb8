/** Makes the body of a request: JSON, a form or a JSON patch, with fields from the template only. */
import type { RequestTemplate, Value } from "#systems/contract.ts";
import { type RequestValues, takeValue } from "#systems/request-values.ts";
import type { RefusedRequest } from "./prepare-request.ts";

/** What one field may be: nothing in it has names of its own. */
type Field = string | number | boolean | readonly (string | number | boolean)[];

type Fields = readonly (readonly [path: string, value: Field])[];

/** A field, or the fields below it by name. */
type Tree = Field | ReadonlyMap<string, Tree>;

type Body = { readonly type: string; readonly text: string };

const LIST_MAX = 1_000;

/** The body with its content type; null where the template has none. Never throws. */
export function bodyOf(
  template: RequestTemplate["body"],
  values: RequestValues,
): { readonly kind: "body"; readonly body: Body | null } | RefusedRequest {
  if (template === undefined) return { kind: "body", body: null };
  const taken = fieldsOf(template.fields, values);
  if (taken.kind === "refused") return taken;
  const tree = treeOf(taken.fields);
  if (tree === null)
    return { kind: "refused", reason: "two fields of the body have the same place" };
  const { encoding } = template;
  if (encoding === "json") return whole("application/json", JSON.stringify(jsonOf(tree)));
  if (encoding === "form")
    return whole("application/x-www-form-urlencoded", formPairs("", tree).join("&"));
  return whole("application/json-patch+json", JSON.stringify(taken.fields.map(replacement)));
}

function whole(type: string, text: string): { readonly kind: "body"; readonly body: Body } {
  return { kind: "body", body: { type, text } };
}

function fieldsOf(
  places: Readonly<Record<string, Value>>,
  values: RequestValues,
): { readonly kind: "fields"; readonly fields: Fields } | RefusedRequest {
  const fields: (readonly [string, Field])[] = [];
  for (const [path, place] of Object.entries(places)) {
    if (path.split(".").includes("")) return { kind: "refused", reason: "a field has no name" };
    const taken = takeValue(place, values);
    if (taken.kind === "refused") return taken;
    if (taken.kind === "absent") continue;
    if (!isField(taken.value))
      return { kind: "refused", reason: `the field ${path} is neither one value nor a list` };
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
function treeOf(fields: Fields): Tree | null {
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

function jsonOf(tree: Tree): unknown {
  if (!isNamed(tree)) return tree;
  if (isList(tree)) return inOrder(tree).map(jsonOf);
  // `fromEntries` makes own fields, also of a name such as `__proto__`.
  return Object.fromEntries([...tree].map(([name, below]) => [name, jsonOf(below)]));
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
