/**
 * The query builder with the column types of our tables, loaded as CommonJS. As ESM, its hundred files make Node parse the package's manifest, with
 * thousands of entries, a hundred times: half a second and 200 MB at every start, even of a small command.
 */

import { createRequire } from "node:module";
import type * as Orm from "drizzle-orm";
import type * as NodePostgres from "drizzle-orm/node-postgres";
import type * as PgCore from "drizzle-orm/pg-core";
import type * as Pglite from "drizzle-orm/pglite";
import type { Persisted } from "./versioned-documents.ts";
import { storable, storableJson } from "#gate/kernel/storable-text.ts";

export type { Column, InferSelectModel, SQL } from "drizzle-orm";
export type { PgColumn, PgDatabase, PgQueryResultHKT, PgSelect } from "drizzle-orm/pg-core";

const require = createRequire(import.meta.url);
const orm: typeof Orm = require("drizzle-orm");
const pgCore: typeof PgCore = require("drizzle-orm/pg-core");

export const {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  getTableName,
  gt,
  gte,
  inArray,
  is,
  isNotNull,
  isNull,
  like,
  lt,
  lte,
  ne,
  notInArray,
  or,
  sql,
  Table,
} = orm;

export const { boolean, date, doublePrecision, integer, PgTable, pgTable } = pgCore;
export type PgTable = PgCore.PgTable;

/** The builder on a PostgreSQL connection; its driver is loaded on demand. */
export function drizzleOnPostgres(): typeof NodePostgres.drizzle {
  const { drizzle }: typeof NodePostgres = require("drizzle-orm/node-postgres");
  return drizzle;
}

/** The builder on the embedded database. */
export function drizzleOnPglite(): typeof Pglite.drizzle {
  const { drizzle }: typeof Pglite = require("drizzle-orm/pglite");
  return drizzle;
}

// The column types of our tables, as code sees them.

const { bigint, customType, timestamp } = pgCore;

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

/** The document of a column, to be selected; null also where it cannot be read, since a broken or a newer version wrote it. */
export function asFarAsReadable<Column extends PgCore.PgColumn>(
  column: Column,
): Orm.SQL<Column["_"]["data"] | null> {
  return sql`${column}`.mapWith((stored: unknown) => {
    try {
      return column.mapFromDriverValue(stored);
    } catch {
      return null;
    }
  });
}

/** Bytes. In JSON, PostgreSQL writes them as hexadecimal digits after a sign and an x. */
export const bytes = customType<{ data: Uint8Array; driverData: Uint8Array | string }>({
  dataType: () => "bytea",
  fromDriver: (stored) =>
    typeof stored === "string" ? Buffer.from(stored.slice(2), "hex") : stored,
});
