/** The column types of our tables, as code sees them. */
import { bigint, customType, timestamp } from "./drizzle.ts";
import type { Persisted } from "./versioned-documents.ts";
import { storable, storableJson } from "./storable-text.ts";

/** A moment, with the time zone kept by the database. */
export const time = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** An integer that may exceed 32 bits. */
export const count = (name: string) => bigint(name, { mode: "number" });

/** Text made storable, both when written and when compared in a query. */
export const text = customType<{ data: string }>({ dataType: () => "text", toDriver: storable });

/**
 * JSON made storable, written and read through its document. Drizzle's own type parses a stored string once more, so
 * that "5" would come back as the number 5.
 */
export const jsonb = <Value>(name: string, document: Persisted<Value>) =>
  customType<{ data: Value; driverData: unknown }>({
    dataType: () => "jsonb",
    toDriver: (value) => storableJson(document.encode(value)),
    fromDriver: (stored) => document.decode(stored),
  })(name);

/** The index of full-text search; the database computes it. */
export const searchWords = customType<{ data: string }>({ dataType: () => "tsvector" });

/** Bytes. In JSON, PostgreSQL writes them as hexadecimal digits after a sign and an x. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array | string }>({
  dataType: () => "bytea",
  fromDriver: (stored) =>
    typeof stored === "string" ? Buffer.from(stored.slice(2), "hex") : stored,
});
