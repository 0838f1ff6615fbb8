/** Reads PostgreSQL: two connections at most, and every statement in a transaction that cannot write. */
import { createRequire } from "node:module";
import type { Pool, PoolClient } from "pg";
import { z } from "zod";
import { type DeskhandError, errorCode } from "#core/values/errors.ts";
import { LOOPBACK } from "#core/connection/http-answer.ts";
import {
  GRACE_MS,
  REFUSING_STATES,
  type Row,
  type SqlAccess,
  type SqlClient,
  sqlFailure,
  type Statement,
} from "./statement.ts";

/** The driver is loaded when a database is asked: most installations have none of their own. */
const require = createRequire(import.meta.url);

const CONNECTIONS_MAX = 2;

/** A value that is not in the form of its column (PostgreSQL, appendix A, class 22): no row can have it. */
const NO_SUCH_VALUE = ["22P02", "22003", "22007", "22008", "22021"];

const Rows = z.array(
  z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
);

/** Types by their numbers (pg_type.dat) that are not left as text. */
const READ = new Map<number, (text: string) => string | number | boolean>([
  [16, (text) => text === "t"],
  [21, Number],
  [23, Number],
  // A `char(8)` is filled with spaces that are no part of its value.
  [1042, (text) => text.trimEnd()],
]);

/** A client for an address that begins with `postgres://`. */
export function postgresClient(access: SqlAccess): SqlClient {
  let pool: Pool | null = null;
  return {
    dialect: "postgres",
    async select(statement, signal) {
      signal.throwIfAborted();
      pool ??= connectionPool(access);
      const client = await pool.connect().catch((cause: unknown) => {
        throw lookUpFailure(access, cause);
      });
      let broken = true;
      try {
        const rows = await readOnly(client, access, statement);
        broken = false;
        return rows;
      } catch (error) {
        if (NO_SUCH_VALUE.includes(errorCode(error))) return [];
        throw lookUpFailure(access, error);
      } finally {
        client.release(broken);
      }
    },
    async close() {
      await pool?.end();
      pool = null;
    },
  };
}

/** The limit is set by the transaction, since a pooler in front of the server keeps nothing of a session. */
async function readOnly(
  client: PoolClient,
  { timeoutMs }: SqlAccess,
  { text, values }: Statement,
): Promise<readonly Row[]> {
  await client.query(
    `begin read only; set local statement_timeout = ${timeoutMs}; set local timezone = 'UTC'`,
  );
  const types = { getTypeParser: (type: number) => READ.get(type) ?? ((value: string) => value) };
  const result = await client.query({ text, values: [...values], types });
  await client.query("rollback");
  return Rows.parse(result.rows);
}

/**
 * What of an address the driver is told. Beyond this machine the connection is encrypted and the server's certificate
 * checked against its name, unless the address says otherwise: its parameters take precedence in the driver.
 */
export function postgresAddress(address: string) {
  const url = URL.parse(address);
  const host = url?.searchParams.get("host") ?? url?.hostname ?? "";
  // Without a host, or with a folder for one, it is a socket of this machine.
  const isHere = host === "" || /^(?:\/|%2f)/i.test(host) || LOOPBACK.test(host);
  return { connectionString: address, ssl: !isHere };
}

/** What to do where a server is not reached for its encryption or certificate. */
export const POSTGRES_ENCRYPTION =
  "beyond this machine it has to be encrypted: name the file of its authority with ?sslrootcert=PATH, or, where the network is your own, say ?sslmode=disable";

function connectionPool({ address, timeoutMs }: SqlAccess): Pool {
  const pg: { readonly Pool: new (options: Record<string, unknown>) => Pool } = require("pg");
  const pool = new pg.Pool({
    ...postgresAddress(address),
    application_name: "deskhand-look-ups",
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs + GRACE_MS,
    idleTimeoutMillis: 10_000,
    allowExitOnIdle: true,
  });
  const lost = (): void => {};
  // A connection that breaks while idle is replaced by the pool; without a listener it would end the process.
  pool.on("error", lost);
  pool.on("connect", (client) => client.on("error", lost));
  return pool;
}

function lookUpFailure(access: SqlAccess, cause: unknown): DeskhandError {
  const code = errorCode(cause);
  const detail = /^[0-9A-Z]{5}$/.test(code) ? ` (SQLSTATE ${code})` : "";
  if (code === "57014") return sqlFailure(access, "slow", detail);
  if (REFUSING_STATES.test(code)) return sqlFailure(access, "refused", detail);
  const isPlain = detail !== "" || !postgresAddress(access.address).ssl;
  return sqlFailure(access, "away", isPlain ? detail : `; ${POSTGRES_ENCRYPTION}`);
}
