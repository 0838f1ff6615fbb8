/** What reading a database is: an address, and a client that selects. */
import type { Dialect, Statement } from "./statement.ts";

/** A cell as the driver gives it. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;

/**
 * Reads one database. `select` throws `system.unavailable` where it cannot be asked or takes too long, and
 * `system.refused` where it says no; the text of an error holds no value of a row or of a customer.
 */
export interface SqlClient {
  readonly dialect: Dialect;
  select(statement: Statement, signal: AbortSignal): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** How a database is opened. */
export interface SqlAccess {
  /** Names it in errors. */
  readonly name: string;
  /** `postgres://…` or `mysql://…`. May contain a password, so it stands in no error. */
  readonly address: string;
  readonly timeoutMs: number;
}
