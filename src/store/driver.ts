import { createRequire } from "node:module";
import { join } from "node:path";
import type { PgDatabase, PgQueryResultHKT } from "drizzle-orm/pg-core";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { z } from "zod";
import { DeskhandError } from "#core/errors.ts";
import type { Log } from "#core/ports.ts";
import { lockDataFolder } from "./lock.ts";
import * as schema from "./schema.ts";
import { vacuumHourly } from "./vacuum.ts";

type Database = PgDatabase<PgQueryResultHKT, typeof schema>;

/** Inside one transaction. The only handle the store's functions take, so nothing can use the pool from within one. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

/** One database behind one door: every access is a transaction, short and without a network call inside. */
export interface Store {
  readonly kind: "pglite" | "postgres";
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Runs a hand-written statement and parses each row: the two drivers agree on rows, not on their types. */
export async function rowsOf<Row extends z.ZodType>(
  transaction: Transaction,
  row: Row,
  query: SQL,
): Promise<readonly z.output<Row>[]> {
  const result: unknown = await transaction.execute(query);
  return z.object({ rows: z.array(row) }).parse(result).rows;
}

/**
 * Connects to PostgreSQL when a URL is given, else opens the embedded database in the data folder. Either way the
 * folder is this process's alone until `close`: raw mail and the embedded parts live there too.
 */
export async function openStore(options: {
  readonly databaseUrl: string | null;
  readonly folder: string;
  readonly log: Log;
}): Promise<Store> {
  const lock = lockDataFolder(options.folder);
  try {
    const store =
      options.databaseUrl === null
        ? await openEmbedded(options.folder, options.log)
        : await openPostgres(options.databaseUrl, options.log);
    return {
      ...store,
      close: async () => {
        try {
          await store.close();
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

interface NodePostgres {
  readonly drizzle: (options: {
    client: Pool;
    schema: typeof schema;
  }) => NodePgDatabase<typeof schema>;
}

/** The package's ESM entry takes six times as long and four times the memory of its CommonJS one, hence `require`. */
async function openPostgres(url: string, log: Log): Promise<Store> {
  const require = createRequire(import.meta.url);
  const nodePostgres: NodePostgres = require("drizzle-orm/node-postgres");
  const pg: { Pool: new (options: Record<string, unknown>) => Pool } = require("pg");
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    query_timeout: 35_000,
    idle_in_transaction_session_timeout: 30_000,
  });
  pool.on("error", (error) => log.warn("database connection lost", { error: error.message }));
  const database = nodePostgres.drizzle({ client: pool, schema });
  await guarded(() => pool.query("select 1"));
  return {
    kind: "postgres",
    run: (work) => guarded(() => database.transaction((transaction) => work(transaction))),
    close: () => pool.end(),
  };
}

async function openEmbedded(folder: string, log: Log): Promise<Store> {
  const { PGlite } = await import("@electric-sql/pglite");
  const { drizzle } = await import("drizzle-orm/pglite");
  const client = await PGlite.create({ dataDir: join(folder, "pglite") });
  const database = drizzle({ client, schema });
  const vacuum = vacuumHourly(client, log);
  return {
    kind: "pglite",
    run: (work) => guarded(() => database.transaction((transaction) => work(transaction))),
    close: async () => {
      vacuum.stop();
      await client.close();
    },
  };
}

/**
 * Connection troubles get the one name that tells sources to retry. A refused statement is told without its parameters,
 * which the query builder puts into its message: they are people's words, and errors end in logs.
 */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isConnectionTrouble(error))
      throw new DeskhandError("store.unavailable", "the database cannot be reached", {
        cause: error,
      });
    if (error instanceof Error && "params" in error && error.cause instanceof Error)
      throw new Error(`the database refused a statement: ${error.cause.message}`, {
        cause: error.cause,
      });
    throw error;
  }
}

/** Node's socket errors, SQLSTATE class 08 (connection) and 57P0x (shutdown), and the pool's own time-out. */
function isConnectionTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (/^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|08|57P0)/.test(code)) return true;
  if (/timeout exceeded when trying to connect|Connection terminated/i.test(error.message))
    return true;
  return error.cause !== undefined && isConnectionTrouble(error.cause);
}
