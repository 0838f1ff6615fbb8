/**
 * Room: The database: connection, schema, migrations, locks, and how values are stored.
 * In: a PostgreSQL URL or a data folder; statements inside one transaction.
 * Out: a `Store` with `run(transaction)`, tables, columns, documents, settings.
 * May touch: the database and the data folder's lock and rights; no vendor.
 * This file: opens PostgreSQL or the embedded database and runs transactions.
 */
import { chmodSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import type * as Embedded from "@electric-sql/pglite";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { DeskhandError, errorCode, reasonOf } from "#core/values/errors.ts";
import type { Log } from "#core/contracts/ports.ts";
import { RefusedStatement } from "#core/values/thrown.ts";
import { HOUR_MS } from "#core/values/moment.ts";
import {
  drizzleOnPglite,
  drizzleOnPostgres,
  type PgDatabase,
  type PgQueryResultHKT,
  type SQL,
  sql,
} from "./drizzle.ts";
import { lockDataFolder, closeToOthers } from "./data-folder.ts";
import {
  listenOnEmbedded,
  listenOnPostgres,
  NO_NOTICES,
  noticeSql,
  noticesThrough,
  type DatabaseNotices,
  type NoticeTopic,
} from "./notices.ts";
import {
  clientBesidePool,
  connectionFrom,
  connectionPool,
  waitPatiently,
} from "./postgres-pool.ts";
import { parsedRows, type Statement, type StatementValue } from "#gate/kernel/statement.ts";
import { storable } from "#gate/kernel/storable-text.ts";
import { asBuilt, type StatementRunner } from "./statement.ts";

type Database = PgDatabase<PgQueryResultHKT>;

/** One transaction. The only handle the store's functions take, so none of them can use the pool from within one. */
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

/**
 * The only access to the database: every access is a short transaction without a network call inside. What is given
 * beside the work is handed on to it.
 */
export interface Store {
  readonly kind: "pglite" | "postgres";
  run<T, Given extends readonly unknown[]>(
    work: (transaction: Transaction, ...given: Given) => Promise<T>,
    ...given: NoInfer<Given>
  ): Promise<T>;
  close(): Promise<void>;
}

/** How a statement runs on a connection of a transaction, and alone on one of a store. */
const runners = new WeakMap<Reader, StatementRunner>();

const notices = new WeakMap<Store, DatabaseNotices>();

/** The notices of this store's database; none where they cannot be heard. */
export function databaseNotices(store: Store): DatabaseNotices {
  return notices.get(store) ?? NO_NOTICES;
}

/** Where a statement may run: within a transaction, or alone, as a commit of its own in one round trip. */
export type Reader = Pick<Store, "run"> | Transaction;

/**
 * Runs a statement there; its text is planned once for each connection. Words from outside are made storable here, as the
 * columns of the query builder do it, so that none of them can keep what happened from being written down.
 */
export async function ask<Row extends z.ZodType>(
  reader: Reader,
  statement: Statement<Row>,
  given: readonly StatementValue[],
): Promise<readonly z.output<Row>[]> {
  const values = given.map((value) => (typeof value === "string" ? storable(value) : value));
  const run = runners.get(reader);
  if (run !== undefined) return parsedRows(statement, await guarded(() => run(statement, values)));
  if ("run" in reader) return reader.run((transaction) => ask(transaction, statement, given));
  return parsedRows(statement, await reader.execute(asBuilt(statement, values)));
}

/** Runs several statements there; alone, they get a transaction of their own. */
export async function within<T>(
  reader: Reader,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return "run" in reader ? reader.run(work) : work(reader);
}

/** Runs a hand-written statement and parses each row: the two drivers agree on rows, not on their types. */
export async function rowsOf<Row extends z.ZodType>(
  reader: Reader,
  row: Row,
  query: SQL,
): Promise<readonly z.output<Row>[]> {
  return within(reader, async (transaction) =>
    parsedRows({ row }, await transaction.execute(query)),
  );
}

/** The values of a hand-written statement that gives one column. */
export async function valuesOf<Value extends z.ZodType>(
  reader: Reader,
  value: Value,
  query: SQL,
): Promise<readonly z.output<Value>[]> {
  const rows = await rowsOf(reader, z.record(z.string(), value), query);
  return rows.flatMap((row) => Object.values(row));
}

/** The row of a statement that always gives one: sums, or a select without a table. */
export function onlyRow<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error("a statement that always gives a row gave none");
  return row;
}

/** The first of the rows that a statement gives; null where it gives none. */
export async function firstRow<Row>(rows: PromiseLike<readonly Row[]>): Promise<Row | null> {
  const [row] = await rows;
  return row ?? null;
}

/** The database's time, which the processes of an installation go by. */
export async function databaseTime(transaction: Transaction): Promise<Date> {
  return onlyRow(await valuesOf(transaction, z.coerce.date(), sql`select now()`));
}

/** Tells every process that hears notices that this changed, once the transaction is committed. */
export async function announce(transaction: Transaction, topic: NoticeTopic): Promise<void> {
  await transaction.execute(sql.raw(`select ${noticeSql(topic, "''")}`));
}

/** How the driver is made to wait for a transaction's answers; nothing for the embedded database, which has no limit. */
const patience = new WeakMap<Transaction, () => void>();

/** Lifts the time limits of a transaction that works through whole tables: the server's, and the driver's. */
export async function withoutTimeLimits(transaction: Transaction): Promise<void> {
  patience.get(transaction)?.();
  // Asked again, it would take the lifted limit for the usual one.
  patience.delete(transaction);
  await transaction.execute(sql`set local statement_timeout = 0`);
}

/**
 * Connects to PostgreSQL when a URL is given, else opens the embedded database in the data folder. Either way the
 * folder belongs to this process until `close`: raw mail and the embedded database are in it too.
 */
export async function openStore(options: {
  readonly databaseUrl: string | null;
  readonly folder: string;
  readonly log: Log;
  /** `in memory`: the embedded database ends with the process; `on disk` when absent. */
  readonly embedded?: "on disk" | "in memory";
}): Promise<Store> {
  const mended = closeToOthers(options.folder);
  if (mended !== null) options.log.warn(mended);
  const lock = lockDataFolder(options.folder);
  try {
    const store =
      options.databaseUrl === null
        ? await (options.embedded === "in memory"
            ? // Nothing is opened on a disk, and the machine's compiler may take its time: evals ask this one without a pause.
              embeddedIn("memory://", options.log)
            : openEmbedded(options.folder, options.log))
        : await openPostgres(options.databaseUrl, options.log);
    return closing(store, databaseNotices(store), async () => {
      try {
        await store.close();
      } finally {
        lock.release();
      }
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Only one of two drivers is used, so each is loaded on demand, and as CommonJS like the query builder. */
const require = createRequire(import.meta.url);

/**
 * The server's time limits, in milliseconds. Transactions make no outside calls: one that is idle this long hangs, and
 * blocks others on the rows it has locked. The first is a number that no operator sets: by it a session is known as ours.
 */
const LIMITS = { statement_timeout: 30_011, idle_in_transaction_session_timeout: 10_000 };

/** The same for one transaction. SET is no query, so an isolation level may still follow. */
const LIMITS_HERE = Object.entries(LIMITS)
  .map(([name, ms]) => `set local ${name} = ${ms}`)
  .concat("set local jit = off")
  .join("; ");

/** The same for a session, after what the URL and PGOPTIONS say; no row where a pooler has dropped our limits. */
const COMPILE_NOTHING = `select set_config('jit', 'off', false) from pg_settings
  where name = 'statement_timeout' and setting::int = ${LIMITS.statement_timeout}`;

/**
 * Opens PostgreSQL alone, beside the processes that work on it: without a data folder, which belongs to one of them.
 * The pool's sessions start with our limits, and compile no statement: each reads few rows, whatever the planner
 * fears, and compiling one takes longer than all it does. A pooler in between (PgBouncer in transaction mode) refuses such
 * settings or drops them, since its sessions are shared: then each transaction sets them itself.
 */
export async function openPostgres(url: string, log: Log): Promise<Store> {
  const onConnect = (client: PoolClient) => client.query(COMPILE_NOTHING);
  const pool = connectionPool(url, { ...LIMITS, onConnect }, log);
  try {
    const { rowCount } = await pool.query(COMPILE_NOTHING);
    if (rowCount === 1) return withNotices(storeOn(pool, null), url, log);
  } catch (error) {
    if (!isRefusedSetting(error)) {
      await pool.end();
      throw notReached(error);
    }
  }
  await pool.end();
  log.info("a pooler stands before the database: limits are set for each transaction");
  const plain = connectionPool(url, {}, log);
  try {
    await plain.query("select 1");
    return storeOn(plain, LIMITS_HERE);
  } catch (error) {
    await plain.end();
    throw notReached(error);
  }
}

/** PgBouncer's message; its error code is that of an unknown message. */
function isRefusedSetting(error: unknown): boolean {
  return error instanceof Error && /unsupported startup parameter/i.test(error.message);
}

/** The operator needs to know what to fix; the driver's message contains no password. */
function notReached(cause: unknown): DeskhandError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DeskhandError("store.unavailable", `the database cannot be reached: ${reason}`, {
    cause,
  });
}

/** A store whose notices arrive on a connection beside the pool's. */
function withNotices(store: Store, url: string, log: Log): Store {
  const heard = noticesThrough(listenOnPostgres(() => clientBesidePool(url), log));
  return closing(store, heard, async () => {
    await heard.close();
    await store.close();
  });
}

/** The same store with these notices, which ends in this way. */
function closing(store: Store, heard: DatabaseNotices, close: () => Promise<void>): Store {
  const same: Store = { ...store, close };
  const runner = runners.get(store);
  if (runner !== undefined) runners.set(same, runner);
  notices.set(same, heard);
  return same;
}

/** `first` runs at the beginning of each transaction. */
function storeOn(pool: Pool, first: string | null): Store {
  const drizzle = drizzleOnPostgres();
  async function connected<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await connectionFrom(pool).catch((cause: unknown) => {
      // A password exchanged meanwhile, a pooler that has no room: nothing of a statement, whatever words it comes in.
      throw isDatabaseTrouble(cause) ? cause : notReached(cause);
    });
    const broken = { is: false };
    try {
      return await work(client);
    } catch (error) {
      broken.is = isDatabaseTrouble(error);
      throw error;
    } finally {
      // A connection that gave no answer may still be busy, and would block its next user.
      client.release(broken.is);
    }
  }
  /** A pooler shares its sessions, so a plan kept there is not found again. */
  const planned = (
    client: PoolClient,
    { name, text }: Statement,
    values: readonly StatementValue[],
  ): Promise<unknown> =>
    client.query(
      first === null ? { name, text, values: [...values] } : { text, values: [...values] },
    );
  /** The builder on each connection, made once. */
  const builders = new WeakMap<PoolClient, Database>();
  const builderOn = (client: PoolClient): Database => {
    const known = builders.get(client) ?? drizzle({ client });
    builders.set(client, known);
    return known;
  };
  const run = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
    connected(async (client) => {
      const waiting = { end: (): void => undefined };
      try {
        return await builderOn(client).transaction(async (transaction) => {
          if (first !== null) await transaction.execute(sql.raw(first));
          runners.set(transaction, (statement, values) => planned(client, statement, values));
          patience.set(transaction, () => {
            waiting.end = waitPatiently(client);
          });
          return work(transaction);
        });
      } finally {
        waiting.end();
      }
    });
  const store: Store = {
    kind: "postgres",
    run: (work, ...given) => guarded(() => run((transaction) => work(transaction, ...given))),
    close: () => pool.end(),
  };
  // Behind a pooler the limits hold within transactions only.
  if (first === null)
    runners.set(store, (statement, values) =>
      connected((client) => planned(client, statement, values)),
    );
  return store;
}

/**
 * The embedded database is compiled once, quickly, and never a second time for speed. That took 550 MB for a moment, 250
 * for good and half of the processor time of a start, for a database that is asked little. Under steady load its
 * statements take up to 1.6 times as long.
 */
const COMPILED_ONCE = ["--no-wasm-dynamic-tiering", "--no-wasm-tier-up"];

/** The usual 128 MB are taken at the start, however small the database; the operating system keeps its files anyway. */
const SMALL_BUFFERS = ["-c", "shared_buffers=32MB"];

async function openEmbedded(folder: string, log: Log): Promise<Store> {
  for (const flag of COMPILED_ONCE) setFlagsFromString(flag);
  const dataDir = join(folder, "pglite");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chmodSync(dataDir, 0o700);
  return embeddedIn(dataDir, log);
}

async function embeddedIn(dataDir: string, log: Log): Promise<Store> {
  const { PGlite }: typeof Embedded = require("@electric-sql/pglite");
  const drizzle = drizzleOnPglite();
  const startParams = [...PGlite.defaultStartParams, ...SMALL_BUFFERS];
  const client = await PGlite.create({ dataDir, startParams });
  const database = drizzle({ client });
  const vacuum = vacuumHourly(client, log);
  const store: Store = {
    kind: "pglite",
    run: (work, ...given) =>
      guarded(() => database.transaction((transaction) => work(transaction, ...given))),
    close: async () => {
      vacuum.stop();
      await client.close();
    },
  };
  runners.set(store, ({ text }, values) => client.query(text, [...values]));
  notices.set(store, noticesThrough(listenOnEmbedded(client, log)));
  return store;
}

/**
 * Gives a temporary failure the one name that tells sources to retry. A refused statement is reported without its
 * parameters, which the query builder puts into its message: they are people's text, and errors end in logs.
 */
async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isDatabaseTrouble(error))
      throw new DeskhandError("store.unavailable", databaseSentence(error), { cause: error });
    if (error instanceof Error && "params" in error && error.cause instanceof Error)
      throw new RefusedStatement(`the database refused a statement: ${error.cause.message}`, {
        cause: error.cause,
      });
    throw error;
  }
}

/**
 * Node's socket errors, and SQLSTATEs (PostgreSQL's appendix A) that are not about the statement: class 08
 * (connection), class 53 (disk full, out of memory, too many connections), 57P0x (shutdown), 25006 (read-only, as a
 * standby is), 40P01 (a deadlock with what others do in it: ours take their locks in one order), and our own time limits:
 * 25P03 (idle in a transaction), 55P03 (lock), 57014 (statement).
 */
const TROUBLE_CODES =
  /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOSPC|08|53|57P0|25006|25P03|40P01|55P03|57014)/;

/** The same where the driver has no code: the pool is full, a time limit is over, the socket is gone. */
const TROUBLE_WORDS =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|encountered a connection error and is not queryable/i;

export function isDatabaseTrouble(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (TROUBLE_CODES.test(errorCode(error)) || TROUBLE_WORDS.test(error.message)) return true;
  return error.cause !== undefined && isDatabaseTrouble(error.cause);
}

/** What a person can do something about, by SQLSTATE (PostgreSQL's appendix A) or the system's own code. */
const SENTENCES: readonly (readonly [codes: RegExp, happened: string, remedy: string])[] = [
  [
    /^25006$/,
    "the database is read-only",
    "Let it take writes again, or name the primary in DATABASE_URL.",
  ],
  [/^(?:53100|ENOSPC)$/, "the database's disk is full", "Make room on it."],
  [
    /^53300$/,
    "the database has no connection left",
    "End clients that need none, or raise max_connections.",
  ],
  [/^53200$/, "the database has no memory left", "Give it more, or end what uses it."],
  [
    /^(?:55P03|57014|25P03|40P01)$/,
    "the database took too long",
    "Look in pg_stat_activity for what holds locks.",
  ],
];

const UNREACHED = [
  null,
  "the database cannot be reached",
  "Start it, or check DATABASE_URL and the network.",
] as const;

/** How much of the driver's words is repeated, in characters; about these failures they hold none of a customer's. */
const WORDS_MAX = 120;

const KEPT = "What was accepted is kept, and senders are asked to send the rest again.";

/** What happened to the database, what was kept and what to do, for the log and for health. */
export function databaseSentence(error: unknown): string {
  const chain: Error[] = [];
  for (let one = error; one instanceof Error; one = one.cause) chain.push(one);
  const found = SENTENCES.find(([codes]) => chain.some((one) => codes.test(errorCode(one))));
  const [, happened, remedy] = found ?? UNREACHED;
  // The innermost error is the driver's; the query builder's around it repeats the parameters.
  const words = chain.at(-1)?.message.slice(0, WORDS_MAX) ?? "";
  return `${happened}${words === "" ? "" : ` (${words})`}. ${KEPT} ${remedy}`;
}

/**
 * Reclaims the space of old rows: the embedded database has no background process for it, and every update leaves a
 * dead row behind. Runs between transactions: VACUUM requires that.
 */
export function vacuumHourly(
  database: { exec(statement: string): Promise<unknown> },
  log: Log,
  everyMs = HOUR_MS,
): { readonly stop: () => void } {
  const timer = setInterval(() => {
    database
      .exec("vacuum")
      .catch((error: unknown) => log.warn("vacuum failed", { reason: reasonOf(error) }));
  }, everyMs);
  // A short command that opens the data must not wait for the timer.
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
