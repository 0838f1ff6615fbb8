/** Makes examples of records from their description: always the same for the same fields. */
import { createHash } from "node:crypto";
import type { FieldDescription } from "#importing/description.ts";

/** A value of JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What is known of the requester in examples; digits, so that they fit systems whose ids are numbers. */
export const EXAMPLE_REQUESTER = {
  customer_id: "1002",
  email: "ann@customer.test",
  system_id: "1001",
} as const;

const FORMATS: Readonly<Record<string, string>> = {
  "date-time": "2026-01-15T09:30:00Z",
  date: "2026-01-15",
  email: "sam@customer.test",
  uuid: "6f1c2d3e-4a5b-4c6d-8e7f-0a1b2c3d4e5f",
  uri: "https://example.test/page",
  decimal: "12.50",
};

/** An example of a value. `path` is where it stands, and decides which example it is. */
export function exampleOf(field: FieldDescription, path = field.name): Json {
  const [first] = field.only ?? field.enum;
  if (first !== undefined) return first;
  switch (field.type) {
    case "object":
      return Object.fromEntries(
        field.fields.map((inner) => [inner.name, exampleOf(inner, `${path}.${inner.name}`)]),
      );
    case "list":
      return listOf(field, path);
    case "integer":
    case "number":
      return numberOf(field, path);
    case "boolean":
      return true;
    case "map":
      return {};
    case "string":
    case "any":
      return textOf(field, path);
    default:
      throw new Error(`unknown type ${String(field.type satisfies never)}`);
  }
}

function listOf({ items }: FieldDescription, path: string): Json {
  return items === null ? [] : [exampleOf(items, `${path}.0`)];
}

function numberOf({ limits }: FieldDescription, path: string): number {
  const { minimum = 0, maximum = 900 } = limits;
  return Math.min(maximum, Math.max(minimum, 100 + seed(path)));
}

function textOf({ format, limits, name }: FieldDescription, path: string): string {
  const known = FORMATS[format];
  if (known !== undefined) return known;
  const text = `${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}-${seed(path)}`;
  const shortest = limits.lengthMin ?? 0;
  return text.padEnd(Math.min(shortest, 100), "0").slice(0, Math.max(1, limits.lengthMax ?? 60));
}

/** A number of two or three digits that is the same for the same path. */
function seed(path: string): number {
  return (createHash("sha256").update(path).digest()[0] ?? 0) + 10;
}

/** The value at a dotted path; undefined where there is none. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  if (path === "") return value;
  const [name = "", ...rest] = path.split(".");
  if (typeof value !== "object" || value === null) return undefined;
  const inner = Object.getOwnPropertyDescriptor(value, name)?.value;
  return valueAt(inner, rest.join("."));
}

/** The same value with another one at a path; what is missing on the way is made, lists for numbers. */
export function withValue(value: Json | undefined, path: string, put: Json): Json {
  if (path === "") return put;
  const [name = "", ...rest] = path.split(".");
  const inner = withValue(valueAt(value, name), rest.join("."), put);
  if (/^\d+$/.test(name)) {
    const list: Json[] = Array.isArray(value) ? [...value] : [];
    list[Number(name)] = inner;
    return list;
  }
  const before = isMap(value) ? value : {};
  return { ...before, [name]: inner };
}

function isMap(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
