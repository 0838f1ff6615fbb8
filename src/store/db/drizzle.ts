/**
 * The query builder, loaded as CommonJS. As ESM, its hundred files make Node parse the package's manifest, with
 * thousands of entries, a hundred times: half a second and 200 MB at every start, even of a small command.
 */
import { createRequire } from "node:module";
import type * as Orm from "drizzle-orm";
import type * as NodePostgres from "drizzle-orm/node-postgres";
import type * as PgCore from "drizzle-orm/pg-core";
import type * as Pglite from "drizzle-orm/pglite";

export type { Column, InferSelectModel, SQL } from "drizzle-orm";
export type { PgColumn, PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";

const require = createRequire(import.meta.url);
const orm: typeof Orm = require("drizzle-orm");
const pgCore: typeof PgCore = require("drizzle-orm/pg-core");

export const {
  and,
  asc,
  desc,
  eq,
  exists,
  getTableColumns,
  getTableName,
  gt,
  gte,
  inArray,
  is,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  not,
  notInArray,
  or,
  sql,
  sum,
  Table,
} = orm;

export const {
  bigint,
  boolean,
  customType,
  date,
  doublePrecision,
  getTableConfig,
  integer,
  PgTable,
  pgTable,
  primaryKey,
  timestamp,
} = pgCore;
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
