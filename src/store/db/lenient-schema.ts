/** Makes a schema tolerate unknown fields. */
import { z } from "zod";

/**
 * The same schema, dropping unknown fields instead of refusing them, at every depth. External input stays strict,
 * because there an unknown field is a mistake; in our own rows it was written by a newer version that runs in parallel.
 * Plain JSON in the schema is kept whole.
 */
export function lenient(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, z.core.$ZodType> = {};
    for (const [name, inner] of Object.entries<z.core.$ZodType>(schema.def.shape))
      shape[name] = lenient(inner);
    const isStrict = schema.def.catchall instanceof z.ZodNever;
    return schema.clone({
      ...schema.def,
      shape,
      catchall: isStrict ? undefined : schema.def.catchall,
    });
  }
  if (schema instanceof z.ZodArray)
    return schema.clone({ ...schema.def, element: lenient(schema.def.element) });
  if (schema instanceof z.ZodUnion)
    return schema.clone({ ...schema.def, options: schema.def.options.map(lenient) });
  if (schema instanceof z.ZodRecord)
    return schema.clone({ ...schema.def, valueType: lenient(schema.def.valueType) });
  if (schema instanceof z.ZodNullable)
    return schema.clone({ ...schema.def, innerType: lenient(schema.def.innerType) });
  if (schema instanceof z.ZodOptional)
    return schema.clone({ ...schema.def, innerType: lenient(schema.def.innerType) });
  if (schema instanceof z.ZodDefault)
    return schema.clone({ ...schema.def, innerType: lenient(schema.def.innerType) });
  return schema;
}
