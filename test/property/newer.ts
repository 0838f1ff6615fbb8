/** What a newer version, running beside this one, may have written where this one reads. */
import { z } from "zod";
import { Json } from "#core/values/canonical-json.ts";

/** A field of a newer version. Its name is none of ours. */
const NEWER = { newerField: { by: "a newer version", list: [1, null] } };

/** The value with an unknown field in every object the schema describes; free JSON is left as it is. */
export function withUnknownFields(schema: z.core.$ZodType, value: unknown): unknown {
  if (value === null || value === undefined || schema === Json) return value;
  if (
    schema instanceof z.core.$ZodNullable ||
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodDefault
  )
    return withUnknownFields(schema._zod.def.innerType, value);
  if (schema instanceof z.core.$ZodUnion) {
    const option = schema._zod.def.options.find((one) => z.safeParse(one, value).success);
    return option === undefined ? value : withUnknownFields(option, value);
  }
  if (schema instanceof z.core.$ZodArray && Array.isArray(value))
    return value.map((item) => withUnknownFields(schema._zod.def.element, item));
  if (typeof value !== "object") return value;
  const entries: [string, unknown][] = Object.entries(value);
  if (schema instanceof z.core.$ZodRecord)
    return Object.fromEntries(
      entries.map(([name, item]) => [name, withUnknownFields(schema._zod.def.valueType, item)]),
    );
  if (!(schema instanceof z.core.$ZodObject)) return value;
  const { shape } = schema._zod.def;
  const known = entries.map(([name, item]): [string, unknown] => {
    const inner = shape[name];
    return [name, inner === undefined ? item : withUnknownFields(inner, item)];
  });
  return { ...Object.fromEntries(known), ...NEWER };
}
