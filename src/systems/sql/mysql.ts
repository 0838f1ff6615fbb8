/** Reads MySQL and MariaDB: a connection for each look-up, two at a time, in a transaction that cannot write. */
import { LOOPBACK } from "#core/connection/http-answer.ts";
import { createRequire } from "node:module";
import type { Connection, ConnectionOptions, FieldPacket } from "mysql2/promise";
import { z } from "zod";
import { answerWithin, unlessAborted } from "#core/values/deadline.ts";
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import {
  GRACE_MS,
  REFUSING_STATES,
  type Row,
  type SqlAccess,
  type SqlClient,
  sqlFailure,
  type Statement,
} from "./statement.ts";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";

/** The driver is loaded when a database is asked: most installations have none of this kind. */
const require = createRequire(import.meta.url);

/** The number of the type TIMESTAMP in the protocol (MySQL internals, column definitions); it is kept in UTC. */
const TIMESTAMP = 7;

const Rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.null()])));
const Version = z.tuple([z.object({ version: z.string() })]);
const Failure = z
  .object({
    errno: z.number().default(0),
    code: z.string().default(""),
    sqlState: z.string().default(""),
  })
  .catch({ errno: 0, code: "", sqlState: "" });

/**
 * A connection that reads: no file of this machine is ever sent (LOCAL INFILE), one statement is one statement, and no
 * number or date is changed on its way. Throws `config.invalid` for an address that cannot be read, and the driver's error.
 */
export async function connectMysql(address: string, connectTimeout: number): Promise<Connection> {
  const options = {
    ...mysqlOptions(address),
    connectTimeout,
    charset: "utf8mb4_unicode_ci",
    dateStrings: true,
    disableEval: true,
    flags: ["-LOCAL_FILES"],
    jsonStrings: true,
    maxPreparedStatements: 50,
    multipleStatements: false,
    supportBigNumbers: true,
  } satisfies ConnectionOptions;
  const mysql: {
    readonly createConnection: (options: ConnectionOptions) => Promise<Connection>;
  } = require("mysql2/promise");
  const connection = await mysql.createConnection(options);
  // A connection that breaks while it is idle would otherwise end the process; its next statement says what happened.
  connection.on("error", () => {});
  return connection;
}

/** Sets the time limit that ends a statement in the server itself, and UTC for moments. */
export async function limitSession(connection: Connection, timeoutMs: number): Promise<void> {
  const [rows] = await connection.query("select version() as version");
  const [{ version }] = Version.parse(rows);
  const limit = /mariadb/i.test(version)
    ? `max_statement_time = ${timeoutMs / 1_000}`
    : `max_execution_time = ${timeoutMs}`;
  await connection.query(`set session ${limit}, time_zone = '+00:00'`);
}

/** A client for an address that begins with `mysql://` or `mariadb://`. Throws `config.invalid` for one that cannot be read. */
export function mysqlClient(access: SqlAccess): SqlClient {
  mysqlOptions(access.address);
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  let next = 0;
  return {
    dialect: "mysql",
    select(statement, signal) {
      const lane = next;
      next = (next + 1) % lanes.length;
      const asked = (lanes[lane] ?? Promise.resolve()).then(() => {
        signal.throwIfAborted();
        return readOnce(access, statement);
      });
      lanes[lane] = asked.catch(() => null);
      return unlessAborted(asked, signal);
    },
    async close() {
      await Promise.all(lanes);
    },
  };
}

/** Between two look-ups nothing is kept open, so that no connection grows old behind a pooler or a restarted server. */
async function readOnce(access: SqlAccess, statement: Statement): Promise<readonly Row[]> {
  let connection: Connection | null = null;
  try {
    connection = await connectMysql(access.address, access.timeoutMs);
    const rows = readOnly(connection, access, statement);
    // A server may fall silent at any of its statements, and others wait for the lane.
    return await answerWithin(access.timeoutMs + GRACE_MS, rows, () =>
      sqlFailure(access, "slow", ""),
    );
  } catch (error) {
    if (isNoSuchValue(error)) return [];
    throw lookUpFailure(access, error);
  } finally {
    connection?.destroy();
  }
}

async function readOnly(
  connection: Connection,
  { timeoutMs }: SqlAccess,
  { text, values }: Statement,
): Promise<readonly Row[]> {
  await limitSession(connection, timeoutMs);
  // The session too: a statement that ends the transaction before it begins, such as DROP, would leave it behind.
  await connection.query("set session transaction read only");
  await connection.query("start transaction read only");
  const [rows, fields] = await connection.execute(text, [...values]);
  return withZone(Rows.parse(rows), fields);
}

/** A TIMESTAMP is a point in time and says so; a DATETIME has no zone, and none is invented. */
function withZone(rows: readonly Row[], fields: readonly FieldPacket[]): readonly Row[] {
  const names = fields.flatMap(({ name, columnType }) => (columnType === TIMESTAMP ? [name] : []));
  if (names.length === 0) return rows;
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(
      names.map((name) => [name, typeof row[name] === "string" ? `${row[name]}+00` : null]),
    ),
  }));
}

/** How the driver and the server name a failure; its sentences may quote a value. */
export function mysqlFailure(cause: unknown): z.infer<typeof Failure> {
  return Failure.parse(cause);
}

/** A value with letters that the column's character set does not have (1267, 3988): no row can have it. */
function isNoSuchValue(cause: unknown): boolean {
  return [1267, 3988].includes(mysqlFailure(cause).errno);
}

/** Numbers of the server's error reference: a time limit, and limits on connections, which are no refusal. */
const TOO_SLOW = [1317, 1969, 3024];
const TOO_MANY = [1040, 1203, 1226];

function lookUpFailure(access: SqlAccess, cause: unknown): DeskhandError {
  if (cause instanceof DeskhandError) return cause;
  const { errno: number, code, sqlState } = mysqlFailure(cause);
  const detail = number > 0 ? ` (error ${number})` : "";
  if (TOO_SLOW.includes(number)) return sqlFailure(access, "slow", detail);
  if (REFUSING_STATES.test(sqlState) && !TOO_MANY.includes(number))
    return sqlFailure(access, "refused", ` (error ${number})`);
  return sqlFailure(access, "away", isEncryption(code) ? `: ${ENCRYPTION}` : detail);
}

/** Whether a connection failed because it could not be encrypted, or the server could not prove who it is. */
export function isEncryption(code: string): boolean {
  return /^HANDSHAKE_|^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);
}

export const ENCRYPTION =
  "its encryption or certificate was not accepted. Name the file of its authority with ?ssl-ca=PATH, or, where the network is your own, say ?ssl-mode=DISABLED";

/** Longer names and passwords than any server takes. */
const ADDRESS_MAX = 4_096;

/**
 * What of an address the driver is told: `mysql://USER:PASSWORD@HOST:3306/DATABASE`. Beyond this machine the connection
 * is encrypted and the server's certificate checked against its name, unless `?ssl-mode=DISABLED` says otherwise;
 * `ssl-ca` names a file with the authority that signed it. Throws `config.invalid` for anything else, and quotes
 * nothing of the address.
 */
export function mysqlOptions(address: string): ConnectionOptions {
  const url = address.length > ADDRESS_MAX ? null : URL.parse(address);
  if (url === null || url.hostname === "")
    throw invalid("cannot be read as mysql://USER:PASSWORD@HOST:3306/DATABASE");
  const database = plain(url.pathname.slice(1));
  if (database === "" || database.includes("/"))
    throw invalid("names no database: it ends with /DATABASE");
  const user = plain(url.username);
  if (user === "") throw invalid("names no user");
  return {
    host: bareHost(url),
    port: url.port === "" ? 3306 : Number(url.port),
    user,
    password: plain(url.password),
    database,
    ...encryption(url),
  };
}

function encryption(url: URL): Pick<ConnectionOptions, "ssl"> {
  const { mode, authority } = wishes(url);
  const isHere = LOOPBACK.test(url.hostname);
  if (mode === "DISABLED" || (mode === null && authority === null && isHere)) return {};
  // The driver compares a number with the name of this machine.
  if (isIP(bareHost(url)) !== 0)
    throw invalid(
      "names its server by a number, and a certificate is checked by the server's name: write the name, or ?ssl-mode=DISABLED where the network is your own",
    );
  return {
    ssl: {
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      verifyIdentity: true,
      ...(authority === null ? {} : { ca: certificate(authority) }),
    },
  };
}

function wishes({ searchParams }: URL) {
  if ([...searchParams.keys()].some((name) => name !== "ssl-mode" && name !== "ssl-ca"))
    throw invalid("has a parameter that is not known: ssl-mode and ssl-ca are");
  const mode = searchParams.get("ssl-mode");
  const authority = searchParams.get("ssl-ca");
  if (mode !== null && mode !== "VERIFY_IDENTITY" && mode !== "DISABLED")
    throw invalid("has an ssl-mode that is not known: VERIFY_IDENTITY and DISABLED are");
  if (mode === "DISABLED" && authority !== null)
    throw invalid("names ssl-ca, which ssl-mode=DISABLED never looks at. Leave one out");
  return { mode, authority };
}

function bareHost({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, "");
}

function certificate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw invalidConfig("the file that ssl-ca names in the address of a database cannot be read", {
      cause,
    });
  }
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid("has a % that begins no character; a % itself is written %25");
  }
}

function invalid(reason: string): DeskhandError {
  return invalidConfig(`the address of a MySQL database ${reason}`);
}
