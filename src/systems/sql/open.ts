/** Opens a database by its address, for reading only. */
import { DeskhandError } from "#core/values/errors.ts";
import { neededSetting } from "#systems/http/authentication.ts";
import type { SystemSettings } from "#systems/settings.ts";
import type { SqlAccess, SqlClient } from "./access.ts";
import type { Database } from "./declaration.ts";
import { postgresClient } from "./postgres.ts";
import { sqliteClient } from "./sqlite.ts";
import type { Dialect } from "./statement.ts";

/** The database an address is of. Throws `config.invalid` for one that cannot be read, by the kind it names. */
export function dialectOf(address: string): Dialect {
  if (/^postgres(?:ql)?:\/\//.test(address)) return "postgres";
  if (/^sqlite:./.test(address)) return "sqlite";
  const kind = /^(?<kind>[a-z][a-z0-9+]{0,20}):/i.exec(address)?.groups?.["kind"] ?? "";
  throw new DeskhandError(
    "config.invalid",
    /^(?:mysql|mariadb)/i.test(kind)
      ? `${kind}:// is not read: only PostgreSQL (postgres://…) and SQLite (sqlite:PATH) are. For MySQL, offer the look-up over HTTP and import its OpenAPI document`
      : "the address of a database begins with postgres:// or sqlite:",
  );
}

/** Opens a database; connections are made when the first statement needs one. */
export function openSql(access: SqlAccess): SqlClient {
  return dialectOf(access.address) === "postgres" ? postgresClient(access) : sqliteClient(access);
}

/** Gives the one client of each database. Its address is read when it is first asked. */
export function sqlClients(settings: SystemSettings): (database: Database) => SqlClient {
  const clients = new Map<string, SqlClient>();
  return ({ name, addressFrom, limits: { timeoutMs } }) => {
    const key = JSON.stringify([name, addressFrom, timeoutMs]);
    const known = clients.get(key);
    if (known !== undefined) return known;
    const address = neededSetting(settings, addressFrom);
    const client = openSql({ name, address, timeoutMs });
    clients.set(key, client);
    return client;
  };
}
