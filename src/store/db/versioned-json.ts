import { z } from "zod";
import { JsonObject } from "#core/values/canonical-json.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { lenient } from "./lenient-schema.ts";

/** Where a stored document says which version of its shape it has. No field of ours begins with this sign. */
const VERSION_FIELD = "$version";

const Fields = z.record(z.string(), z.unknown());

/** One step: a document as the version before wrote it, as the next one would have. Pure, and never changed again. */
type Upgrade = (older: JsonObject) => JsonObject;

/** How one kind of value is kept: written by `encode`, read by `decode`, which reads what older versions wrote as well. */
export interface Persisted<Value> {
  encode(value: Value): unknown;
  /**
   * Throws `store.newer_schema` for a document of a version this code does not know: whoever runs the newer code can
   * read it, so it is left where it is. Fields that are merely unknown are dropped.
   */
  decode(stored: unknown): Value;
}

/** What one kind of document is called in errors, and how its shape came to be. */
export interface PersistedShape<Schema extends z.ZodType> {
  readonly name: string;
  /** Counted from 1. It goes up when a version before could not read what is written, or would read it wrongly. */
  readonly version: number;
  readonly schema: Schema;
  /** From version 1 to 2, from 2 to 3 and so on. */
  readonly upgrades: readonly Upgrade[];
  /** For a document that has always carried its version, under a name of its own. */
  readonly versionField?: string;
}

/**
 * A document without a version is version 1, and version 1 is written without one: that is what rows of every release
 * before this rule look like, and what those releases can still read while they run beside a newer one.
 */
export function persisted<Schema extends z.ZodType>(
  shape: PersistedShape<Schema>,
): Persisted<z.output<Schema>> {
  const { name, version, schema, upgrades, versionField = VERSION_FIELD } = shape;
  if (upgrades.length !== version - 1)
    throw new Error(`${name} is at version ${version} and has ${upgrades.length} upgrades`);
  return {
    encode(value) {
      if (version === 1 && versionField === VERSION_FIELD) return value;
      return { ...Fields.parse(value), [versionField]: version };
    },
    decode(stored) {
      const opened = open(stored, versionField);
      if (opened.version > version) throw newer(name, opened.version, version);
      const current = upgrades
        .slice(opened.version - 1)
        .reduce((older, upgrade) => upgrade(JsonObject.parse(older)), opened.document);
      const read = schema.safeParse(current);
      return read.success ? read.data : schema.parse(z.parse(lenient(schema), current));
    },
  };
}

/** A list of documents, each with the version it was written in: an appended one may be newer than those before it. */
export function persistedEach<Value>(one: Persisted<Value>): Persisted<Value[]> {
  return {
    encode: (values) => values.map((value) => one.encode(value)),
    decode: (stored) =>
      z
        .array(z.unknown())
        .parse(stored)
        .map((item) => one.decode(item)),
  };
}

/**
 * Kept as it is, for what has no place for a version: lists of words, and JSON whose meaning somebody else knows. It never
 * changes its shape; what needs another one gets another column.
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
  return { version: z.int().min(1).parse(version), document };
}

function newer(name: string, found: number, known: number): DeskhandError {
  return new DeskhandError(
    "store.newer_schema",
    `A ${name} has version ${found}; this Deskhand reads up to ${known}. It is left for the newer one.`,
  );
}
