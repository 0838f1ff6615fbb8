/** Opens a database by its address, for reading only. */
import { DeskhandError } from "#core/values/errors.ts";
import { neededSetting, type SystemSettings } from "#systems/http/authentication.ts";
import type { Database } from "./declaration.ts";
import { mysqlClient } from "./mysql.ts";
import { postgresClient } from "./postgres.ts";
import type { Dialect, SqlAccess, SqlClient } from "./statement.ts";

/** The database an address is of. Throws `config.invalid` for one that cannot be read. */
export function addressDialect(address: string): Dialect {
  if (/^postgres(?:ql)?:\/\//.test(address)) return "postgres";
  if (/^(?:mysql|mariadb):\/\//.test(address)) return "mysql";
  throw new DeskhandError(
    "config.invalid",
    "the address of a database begins with postgres://, mysql:// or mariadb://",
  );
}

/** Opens a database; connections are made when the first statement needs one. */
export function openSql(access: SqlAccess): SqlClient {
  return addressDialect(access.address) === "mysql" ? mysqlClient(access) : postgresClient(access);
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
