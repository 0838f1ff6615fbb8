/** The fields of a description: found by their paths, narrowed to those that are needed, written as a declaration lists them. */
import { RefundAmount } from "#core/values/money.ts";
import type { Content, ContentMap } from "#importing/command/write-system.ts";
import type { FieldDescription, OperationDescription } from "#importing/description.ts";
import { firstSentences, NO_FIELD, snakeCase } from "#importing/openapi/reading.ts";
import type { RequestTemplate } from "#systems/contract.ts";
import { LIST_LENGTH_MAX, TEXT_LENGTH_MAX } from "#systems/declared-fields.ts";

const NAMED_MAX = 20;

/** A text field that no document describes, such as one inside a part with free keys. */
export function textField(name: string): FieldDescription {
  return { ...NO_FIELD, name };
}

/** An object of these fields. */
export function objectField(name: string, fields: readonly FieldDescription[]): FieldDescription {
  return { ...NO_FIELD, name, type: "object", required: true, fields };
}

/** The field at a path; lists are walked through. Text below a part that is not described; null where there is none. */
export function fieldAt(root: FieldDescription, path: string): FieldDescription | null {
  if (path === "") return root;
  if (root.type === "list" && root.items !== null) return fieldAt(root.items, withoutPlace(path));
  const found = leadingField(root, path);
  if (found !== undefined) return fieldAt(found, path.slice(found.name.length + 1));
  const isOpen = root.type === "any" || root.type === "map" || root.cut !== null;
  return isOpen ? textField(path.slice(path.lastIndexOf(".") + 1)) : null;
}

/** The field that a path begins with. Names may have points in them, so the longest one counts. */
function leadingField({ fields }: FieldDescription, path: string): FieldDescription | undefined {
  return fields
    .filter(({ name }) => name !== "" && (path === name || path.startsWith(`${name}.`)))
    .toSorted((left, right) => right.name.length - left.name.length)[0];
}

/** "; it has a, b, c": what there is instead of a field that is not there. */
export function insteadText({ fields, items }: FieldDescription): string {
  const names = (items?.fields ?? fields).map(({ name }) => name);
  const more = names.length > NAMED_MAX ? `, and ${names.length - NAMED_MAX} more` : "";
  return names.length === 0 ? "" : `; it has ${names.slice(0, NAMED_MAX).join(", ")}${more}`;
}

/** A list's place, such as `0` or a patch's `@id=='1'`, says nothing about what its records look like. */
function withoutPlace(path: string): string {
  return path.replace(/^(?:\d+|@[^.]*)(?:\.|$)/, "");
}

/** Only the named fields, in the order of the document; a named object or list keeps what is in it, two levels deep. */
export function narrowed(root: FieldDescription, paths: readonly string[]): FieldDescription {
  if (root.type === "list" && root.items !== null)
    return { ...root, items: narrowed(root.items, paths.map(withoutPlace)) };
  if (paths.includes("")) return trimmed(root, 2);
  const heads = new Map<string, string[]>();
  for (const path of paths) {
    const head = leadingFieldName(root, path);
    heads.set(head, [...(heads.get(head) ?? []), path.slice(head.length + 1)]);
  }
  const known = root.fields.filter(({ name }) => heads.has(name));
  const unknown = [...heads.keys()].filter((head) => !known.some(({ name }) => name === head));
  const fields = [...known, ...unknown.map(textField)].map((field) => {
    const rest = heads.get(field.name) ?? [];
    if (rest.includes("")) return trimmed(field, 2);
    const open =
      field.type === "object" || field.type === "list" ? field : objectField(field.name, []);
    return { ...narrowed(open, rest), required: field.required, nullable: field.nullable };
  });
  return { ...root, type: "object", fields, items: null, cut: null };
}

function leadingFieldName(root: FieldDescription, path: string): string {
  return leadingField(root, path)?.name ?? path.split(".")[0] ?? path;
}

/** Values of a record that are plain: what a whole object brings with it. */
function trimmed(field: FieldDescription, depth: number): FieldDescription {
  if (field.type === "list" && field.items !== null)
    return { ...field, items: trimmed(field.items, depth - 1) };
  if (field.type !== "object") return field;
  const fields = field.fields
    .filter(({ type }) => depth > 1 || !["object", "list", "map", "any"].includes(type))
    .map((inner) => trimmed(inner, depth - 1));
  return { ...field, fields: fields.slice(0, 20) };
}

/** The same with the values that a field must have. It is never absent then. */
export function withOnly(
  root: FieldDescription,
  path: string,
  values: readonly string[],
): FieldDescription {
  if (path === "") return { ...root, required: true, nullable: false, only: values };
  if (root.type === "list" && root.items !== null)
    return { ...root, items: withOnly(root.items, withoutPlace(path), values) };
  const head = leadingFieldName(root, path);
  const fields = root.fields.map((field) =>
    field.name === head ? withOnly(field, path.slice(head.length + 1), values) : field,
  );
  return { ...root, fields };
}

// Fields as a declaration lists them: a word for each kind, and limits where the document sets some.

/** What a model reads about one input. */
const DESCRIPTION_LENGTH_MAX = 90;
const ENUM_VALUES_MAX = 24;

/** The fields of what a system answers; what the document does not promise may be absent. */
export function recordFields(fields: readonly FieldDescription[]): ContentMap {
  return Object.fromEntries(
    fields.map((field) => [
      field.required || field.only !== undefined ? field.name : `${field.name}?`,
      recordWord(field),
    ]),
  );
}

function recordWord(field: FieldDescription): Content {
  const { type, only, items, required } = field;
  const isNull = field.nullable && required;
  const orNull = isNull ? { or_null: true } : {};
  if (only !== undefined) return { one_of: only };
  if (type === "list")
    return { list: items === null ? "any" : recordWord({ ...items, required: true }), ...orNull };
  if (type === "object") return { fields: recordFields(field.fields), ...orNull };
  const word = plainWord(field);
  return isNull && word !== "any" ? `${word} or null` : word;
}

function plainWord({ type, others }: FieldDescription): string {
  const isText = [type, ...others].includes("string");
  const isNumber = [type, ...others].some((one) => one === "integer" || one === "number");
  if (!["string", "integer", "number"].includes(type)) return type;
  if (isText) return isNumber ? "text or number" : "text";
  return "number";
}

/**
 * What the model fills in, with the limits and the allowed values of the document; the amount of money is written such as
 * 25.00 whatever the system takes.
 */
export function inputFields(inputs: readonly FieldDescription[], amount?: string): ContentMap {
  return Object.fromEntries(
    inputs.map((field) => {
      const { name, description, required } = field;
      if (name === amount)
        return [
          name,
          description === RefundAmount.description
            ? "money"
            : { type: "money", about: description },
        ];
      const about = firstSentences(description, DESCRIPTION_LENGTH_MAX);
      const kind = { ...inputWord(field), ...(about === "" ? {} : { about }) };
      return [required ? name : `${name}?`, wordAlone(kind)];
    }),
  );
}

/** `{ type: text }` is `text`. */
function wordAlone(kind: ContentMap): Content {
  return Object.keys(kind).length === 1 && "type" in kind ? kind["type"] : kind;
}

function inputWord(field: FieldDescription): ContentMap {
  const { type, limits } = field;
  const texts = field.enum.filter((value) => typeof value === "string");
  if (texts.length > 0 && texts.length <= ENUM_VALUES_MAX) return { one_of: texts };
  if (type === "integer" || type === "number") {
    const bounds = { ...finite("min", limits.minimum), ...finite("max", limits.maximum) };
    return { type: type === "integer" ? "whole" : "number", ...bounds };
  }
  if (type === "boolean") return { type };
  return type === "list" ? listWord(field) : textWord(field);
}

function listWord(field: FieldDescription): ContentMap {
  const { items, limits } = field;
  const max = Math.min(LIST_LENGTH_MAX, limits.lengthMax ?? LIST_LENGTH_MAX);
  const list = wordAlone(items === null ? textWord(field) : inputWord(items));
  return { list, ...(max === LIST_LENGTH_MAX ? {} : { max }) };
}

function textWord({ limits }: FieldDescription): ContentMap {
  const max = Math.max(
    1,
    Math.min(TEXT_LENGTH_MAX, Math.floor(limits.lengthMax ?? TEXT_LENGTH_MAX)),
  );
  return max === TEXT_LENGTH_MAX ? { type: "text" } : { type: "text", max };
}

function finite(name: string, value: number | undefined): ContentMap {
  return value === undefined || !Number.isFinite(value) ? {} : { [name]: value };
}

// Named values in the places of an operation: its path, query, headers and body.

/** Values of a request by their names in the document. */
export type Values = NonNullable<RequestTemplate["query"]>;

/** A value's name in the document, and what the document says of it. */
interface Place {
  readonly in: "path" | "query" | "header" | "body";
  readonly field: FieldDescription;
}

/** Where the value of this name goes; a parameter comes before a field of the body. Null where there is none. */
export function namedPlace(operation: OperationDescription, name: string): Place | null {
  const parameter = operation.parameters.find(({ field }) => field.name === name);
  if (parameter !== undefined) return { in: parameter.in, field: parameter.field };
  // Systems read bracketed names of nested filters that their documents name only by the outer part.
  const outer = operation.parameters.find(
    ({ field }) =>
      name.startsWith(`${field.name}[`) && ["object", "map", "any"].includes(field.type),
  );
  const inner = /\[([^\][]+)\]$/.exec(name)?.[1];
  if (outer !== undefined && inner !== undefined) {
    const field = fieldAt(outer.field, inner);
    return field === null ? null : { in: outer.in, field: { ...field, name } };
  }
  const field = operation.body === null ? null : fieldAt(operation.body.content, name);
  return field === null || name === "" ? null : { in: "body", field };
}

/** Names of what the document requires and the model or a fixed value has to give: parameters, and plain body fields. */
export function requiredNames(operation: OperationDescription): readonly string[] {
  return [
    ...operation.parameters
      .filter(({ in: place, field }) => place === "path" || (place === "query" && field.required))
      .map(({ field }) => field.name),
    ...(operation.body === null || operation.body?.encodings[0] === "json-patch"
      ? []
      : requiredBelow(operation.body.content, "")),
  ];
}

/** Headers that every request needs; the connection sends them, or a value is said. */
export function requiredHeaders(operation: OperationDescription): readonly string[] {
  return operation.parameters
    .filter(({ in: place, field }) => place === "header" && field.required)
    .map(({ field }) => field.name);
}

function requiredBelow(field: FieldDescription, path: string): readonly string[] {
  return field.fields
    .filter(({ required, inSomeForms }) => required && !inSomeForms)
    .flatMap((inner) => {
      const name = path === "" ? inner.name : `${path}.${inner.name}`;
      return inner.type === "object" ? requiredBelow(inner, name) : [name];
    });
}

/** The request with every value in its place. Names without a place are left out; `unplaced` finds them. */
export function requestTemplate(
  operation: OperationDescription,
  values: Values,
  encoding: "json" | "form" | "json-patch" | undefined,
): RequestTemplate {
  const inPlace = (where: Place["in"]) =>
    Object.fromEntries(
      Object.entries(values).filter(([name]) => namedPlace(operation, name)?.in === where),
    );
  const [path, query, headers, fields] = [
    inPlace("path"),
    inPlace("query"),
    inPlace("header"),
    inPlace("body"),
  ];
  const chosen = encoding ?? operation.body?.encodings[0];
  const needsBody =
    operation.body !== null && (operation.body.required || Object.keys(fields).length > 0);
  return {
    method: operation.method,
    path: operation.path,
    ...(isEmpty(path) ? {} : { pathValues: path }),
    ...(isEmpty(query) ? {} : { query }),
    ...(isEmpty(headers) ? {} : { headers }),
    ...(needsBody && chosen !== undefined ? { body: { encoding: chosen, fields } } : {}),
  };
}

function isEmpty(values: object): boolean {
  return Object.keys(values).length === 0;
}

/** Names of values that the operation has no place for. */
export function unplaced(operation: OperationDescription, values: Values): readonly string[] {
  return Object.keys(values).filter((name) => namedPlace(operation, name) === null);
}

/** The name of an input for a name of the document: `address.line1` and `q[email_cont]` become words with underscores. */
export function inputName(name: string): string {
  const words = snakeCase(name).slice(0, 40);
  return /^[a-z]/.test(words) ? words : `value_${words}`;
}
