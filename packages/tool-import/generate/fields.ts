/** Finds fields by their paths, and narrows a description to the fields that are needed. */
import type { FieldDescription } from "#importing/description.ts";
import { oneLine } from "#core/values/words.ts";

const NAMED_MAX = 20;

const NO_FIELD: FieldDescription = {
  name: "",
  type: "string",
  required: false,
  nullable: false,
  description: "",
  format: "",
  enum: [],
  limits: {},
  fields: [],
  items: null,
  others: [],
  inSomeForms: false,
  cut: null,
  personal: false,
};

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
  const inner = root;
  const found = [...inner.fields]
    .filter(({ name }) => name !== "" && (path === name || path.startsWith(`${name}.`)))
    .sort((left, right) => right.name.length - left.name.length)[0];
  if (found !== undefined) return fieldAt(found, path.slice(found.name.length + 1));
  const isOpen = inner.type === "any" || inner.type === "map" || inner.cut !== null;
  return isOpen ? textField(path.slice(path.lastIndexOf(".") + 1)) : null;
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

function leadingFieldName({ fields }: FieldDescription, path: string): string {
  const names = fields
    .map(({ name }) => name)
    .filter((name) => path === name || path.startsWith(`${name}.`));
  return names.sort((left, right) => right.length - left.length)[0] ?? path.split(".")[0] ?? path;
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

/** The first sentence that fits, or the beginning up to a word. */
export function shortened(text: string, longest: number): string {
  const line = oneLine(text);
  if (line.length <= longest) return line;
  const cut = line.slice(0, longest);
  const sentence = Math.max(cut.lastIndexOf(". "), cut.lastIndexOf("; "));
  if (sentence > longest / 3) return cut.slice(0, sentence + 1);
  return `${cut.slice(0, Math.max(1, cut.lastIndexOf(" "))).trimEnd()} …`;
}
