import { bigint, customType, timestamp } from "./drizzle.ts";
import type { Persisted } from "./versioned-json.ts";
import { storable, storableJson } from "./storable-text.ts";

/** The kinds of columns our tables have, as code sees them. */

/** A moment, with the time zone kept by the database. */
export const time = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** A whole number that may outgrow 32 bits. */
export const count = (name: string) => bigint(name, { mode: "number" });

/** Text as a database can hold it, in what is written and in what is looked for alike. */
export const text = customType<{ data: string }>({ dataType: () => "text", toDriver: storable });

/**
 * JSON as a database can hold it, written and read through its document. Drizzle's own type takes a stored string apart
 * once more, so that "5" comes back as the number 5.
 */
export const jsonb = <Value>(name: string, document: Persisted<Value>) =>
  customType<{ data: Value; driverData: unknown }>({
    dataType: () => "jsonb",
    toDriver: (value) => storableJson(document.encode(value)),
    fromDriver: (stored) => document.decode(stored),
  })(name);

/** What full-text search looks in; the database makes it. */
export const searchWords = customType<{ data: string }>({ dataType: () => "tsvector" });

export const bytes = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });
