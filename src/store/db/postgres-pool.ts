/** Connections to PostgreSQL: the pool of a process, and how work waits for one of them. */
import { errorCode } from "#core/values/errors.ts";
import { createRequire } from "node:module";
import type { Client, Pool, PoolClient } from "pg";
import type { Log } from "#core/contracts/ports.ts";

/** The driver is loaded on demand: the embedded database needs none. */
const require = createRequire(import.meta.url);

const CONNECTIONS_MAX = 10;

/** How long this process makes do with the connections it has after the server refused another one. */
const NARROW_MS = 30_000;

/** "too many connections", of the server or of our role (PostgreSQL's appendix A, class 53). */
const NO_CONNECTION_LEFT = "53300";

/**
 * A connection from the pool. When the server has none left, work waits for one that this process has already instead
 * of failing; the pool grows again a while later.
 */
export async function connectionFrom(pool: Pool): Promise<PoolClient> {
  for (;;)
    try {
      return await pool.connect();
    } catch (error) {
      const isRefused = errorCode(error) === NO_CONNECTION_LEFT;
      // Those that are still connecting count too, and may be refused as well: each refusal leaves one less to wait for.
      if (!isRefused || pool.totalCount === 0) throw error;
      if (pool.options.max === CONNECTIONS_MAX)
        setTimeout(() => {
          pool.options.max = CONNECTIONS_MAX;
        }, NARROW_MS).unref();
      pool.options.max = Math.min(pool.options.max, pool.totalCount);
    }
}

/** Waits for every answer on this connection, however long it takes, until the returned function is called. */
export function waitPatiently(client: PoolClient): () => void {
  // The driver looks here before each statement, and lets nothing else change it.
  const parameters: unknown = Reflect.get(client, "connectionParameters");
  if (typeof parameters !== "object" || parameters === null) return () => undefined;
  const usual: unknown = Reflect.get(parameters, "query_timeout");
  Reflect.set(parameters, "query_timeout", false);
  return () => void Reflect.set(parameters, "query_timeout", usual);
}

interface Driver {
  readonly Pool: new (options: Record<string, unknown>) => Pool;
  readonly Client: new (options: Record<string, unknown>) => Client;
}

/** The pools of this process; usually one. */
const pools = new Set<Pool>();

/** How many connections the pools of this process have. */
export function poolFigures() {
  const sum = (of: (pool: Pool) => number): number =>
    [...pools].reduce((total, pool) => total + of(pool), 0);
  const idle = sum(({ idleCount }) => idleCount);
  return { used: sum(({ totalCount }) => totalCount) - idle, idle };
}

/** A pool of connections whose sessions start with these settings. Broken connections are logged and replaced. */
export function connectionPool(
  url: string,
  settings: Readonly<Record<string, unknown>>,
  log: Log,
): Pool {
  const pg: Driver = require("pg");
  const pool = new pg.Pool({ ...connectionTo(url), max: CONNECTIONS_MAX, ...settings });
  for (const one of pools) if (one.ended) pools.delete(one);
  pools.add(pool);
  const lost = (error: Error): void =>
    log.warn("database connection lost", { error: error.message });
  pool.on("error", lost);
  // The pool handles errors of idle connections only; one that breaks between two statements would end the process.
  pool.on("connect", (client) => client.on("error", lost));
  return pool;
}

/** One connection beside the pool's, not opened yet. */
export function clientBesidePool(url: string): Client {
  const pg: Driver = require("pg");
  return new pg.Client(connectionTo(url));
}

function connectionTo(url: string): Readonly<Record<string, unknown>> {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectMs(url),
    query_timeout: 35_000,
    // Otherwise a connection whose other side vanished would go unnoticed.
    keepAlive: true,
    // Linux itself waits two hours.
    keepAliveInitialDelayMillis: 10_000,
    // A shop's next customer writes within minutes rather than within the driver's ten seconds, and finds it open.
    idleTimeoutMillis: 300_000,
  };
}

/**
 * The longest wait for a connection, in milliseconds, also for one of the ten while all are in use: five seconds, or
 * the address's own `connect_timeout` in seconds (PostgreSQL's manual, "Connection Strings"), for a server far away.
 */
function connectMs(url: string): number {
  const seconds = Number(/[?&]connect_timeout=(\d{1,3})(?:&|$)/.exec(url)?.[1] ?? 5);
  // Zero is "for ever" there.
  return Math.max(seconds, 2) * 1_000;
}
