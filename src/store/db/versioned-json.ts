/** Versioned JSON: stored documents that newer and older code can both read. */
import { z } from "zod";
import { JsonObject } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";

/** The field of a stored document that holds its version. No field of ours begins with this sign. */
const VERSION_FIELD = "$version";

// Made once: a reader that is made for each row costs more than what it reads.
const Fields = z.record(z.string(), z.unknown());
const Items = z.array(z.unknown());
const Version = z.int().min(1);

/** One step: turns a document of the previous version into one of the next. Pure, and never changed again. */
type Upgrade = (older: JsonObject) => JsonObject;

/** How one kind of value is stored: written by `encode`, read by `decode`, which also reads older versions. */
export interface Persisted<Value> {
  encode(value: Value): unknown;
  /**
   * Throws `store.newer_schema` for a document of an unknown newer version: it is left for a process that runs the
   * newer code. Fields that are merely unknown are dropped.
   */
  decode(stored: unknown): Value;
}

/** The name of one kind of document in errors, and the history of its shape. */
interface PersistedShape<Schema extends z.ZodType> {
  readonly name: string;
  readonly schema: Schema;
  /**
   * From version 1 to 2, from 2 to 3 and so on; none while the document is at version 1. One is added when older code
   * could not read what is written, or would read it wrongly.
   */
  readonly upgrades?: readonly Upgrade[];
  /** Members, at any depth, that are stored under another key than their name in code. */
  readonly storedKeys?: Readonly<Record<string, string>>;
  /** For a value whose form in code differs from the stored one by more than keys: makes the one of the other. */
  readonly form?: {
    toStored(value: z.output<Schema>): unknown;
    fromStored(stored: unknown): unknown;
  };
  /** For a document that has always carried its version in a field of its own. */
  readonly versionField?: string;
}

/**
 * A document without a version is version 1, and version 1 is written without one: rows of every release before
 * versioning look like that, and those releases can still read them while they run beside a newer one.
 */
export function persisted<Schema extends z.ZodType>(
  shape: PersistedShape<Schema>,
): Persisted<z.output<Schema>> {
  const {
    name,
    schema,
    upgrades = [],
    storedKeys = {},
    versionField = VERSION_FIELD,
    form,
  } = shape;
  const version = upgrades.length + 1;
  const codeNames = Object.fromEntries(
    Object.entries(storedKeys).map(([code, key]) => [key, code]),
  );
  return {
    encode(written) {
      const value = withKeys(form === undefined ? written : form.toStored(written), storedKeys);
      if (version === 1 && versionField === VERSION_FIELD) return value;
      return { ...Fields.parse(value), [versionField]: version };
    },
    decode(stored) {
      const opened = open(stored, versionField);
      if (opened.version > version) throw newer(name, opened.version, version);
      const upgraded = upgrades
        .slice(opened.version - 1)
        .reduce((older, upgrade) => upgrade(JsonObject.parse(older)), opened.document);
      const named = withKeys(upgraded, codeNames);
      const current = form === undefined ? named : form.fromStored(named);
      const read = schema.safeParse(current);
      return read.success ? read.data : schema.parse(z.parse(lenient(schema), current));
    },
  };
}

/** The same value with these keys renamed at every depth. */
function withKeys(value: unknown, names: Readonly<Record<string, string>>): unknown {
  if (Object.keys(names).length === 0 || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => withKeys(item, names));
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [names[key] ?? key, withKeys(inner, names)]),
  );
}

/** A list of documents, each with its own version: an appended one may be newer than those before it. */
export function persistedEach<Value>(one: Persisted<Value>): Persisted<Value[]> {
  return {
    encode: (values) => values.map((value) => one.encode(value)),
    decode: (stored) => Items.parse(stored).map((item) => one.decode(item)),
  };
}

/**
 * Stored as it is, for values without room for a version: lists of text, and JSON that another module interprets. Its
 * shape never changes; another shape gets another column.
 */
export function persistedAsIs<Schema extends z.ZodType>(
  schema: Schema,
): Persisted<z.output<Schema>> {
  return { encode: (value) => value, decode: (stored) => schema.parse(stored) };
}

function open(
  stored: unknown,
  versionField: string,
): { readonly version: number; readonly document: unknown } {
  if (typeof stored !== "object" || stored === null || Array.isArray(stored))
    return { version: 1, document: stored };
  const { [versionField]: version = 1, ...document } = Fields.parse(stored);
  return { version: Version.parse(version), document };
}

function newer(name: string, found: number, known: number): DeskhandError {
  return new DeskhandError(
    "store.newer_schema",
    `A ${name} has version ${found}; this Deskhand reads up to ${known}. It is left for the newer one.`,
  );
}

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
