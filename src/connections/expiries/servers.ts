/** The servers that this installation reaches over TLS, and how TLS begins with each. */

import type { MailEndpoint } from "#email/login/sign-in.ts";
import type { Expiring } from "#core/connection/expiry.ts";
import { currentKey } from "#core/connection/signing-keys.ts";
import type { Config } from "#config/environment.ts";
import { blobPlaceOf } from "#config/storage.ts";
import { mysqlOptions } from "#systems/sql/mysql-address.ts";
import type { TlsBegin } from "./look-at-server.ts";
import type { OwnSystems } from "./systems.ts";

/** A server that is asked for its certificate, and how TLS begins with it. */
export interface TlsServer {
  readonly kind: Exclude<Expiring, "token" | "file">;
  readonly host: string;
  readonly port: number;
  readonly begin: TlsBegin;
}

/** Each server once. Asks nobody. Never throws. */
export function serversOf(config: Config, systems: OwnSystems): readonly TlsServer[] {
  const { environment, databaseUrl, inboxes } = config;
  const found = [
    ...overHttps("public_url", environment.DESKHAND_PUBLIC_URL),
    ...overPostgres("database", databaseUrl === null ? undefined : currentKey(databaseUrl)),
    ...overTls("redis", "rediss:", environment.REDIS_URL, 6379),
    ...ofStorage(config),
    ...inboxes.flatMap(({ imap, smtp }) => [...ofMail("imap", imap), ...ofMail("smtp", smtp)]),
    ...overHttps("system", environment.SHOP_URL),
    ...overHttps("system", environment.OPENAI_BASE_URL),
    ...systems.addresses.flatMap((address) => overHttps("system", address)),
    ...systems.databases.flatMap(ofDatabase),
  ];
  return [...new Map(found.map((one) => [`${one.host}:${one.port}`, one])).values()];
}

function overHttps(kind: TlsServer["kind"], address: string | undefined): readonly TlsServer[] {
  return overTls(kind, "https:", address, 443);
}

function overTls(
  kind: TlsServer["kind"],
  protocol: "https:" | "rediss:",
  address: string | undefined,
  usualPort: number,
): readonly TlsServer[] {
  const url = URL.parse(address ?? "");
  return url?.protocol === protocol ? at({ kind, begin: "tls" }, url, usualPort) : [];
}

function overPostgres(kind: TlsServer["kind"], address: string | undefined): readonly TlsServer[] {
  const url = URL.parse(address ?? "");
  return url === null ? [] : at({ kind, begin: "postgres" }, url, 5432);
}

/** The host without the brackets of an IPv6 address; none for an address without one, such as that of a socket. */
function at(
  server: Pick<TlsServer, "kind" | "begin">,
  { hostname, port }: URL,
  usualPort: number,
): readonly TlsServer[] {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return host === "" ? [] : [{ ...server, host, port: port === "" ? usualPort : Number(port) }];
}

function ofStorage(config: Config): readonly TlsServer[] {
  const place = blobPlaceOf(config);
  return "bucket" in place ? overHttps("storage", place.bucket.endpoint) : [];
}

/** A server the operator wants without TLS is not asked; on others TLS begins at once or within their protocol. */
function ofMail(
  kind: "imap" | "smtp",
  { host, port, secure, plain = false }: MailEndpoint,
): readonly TlsServer[] {
  return plain ? [] : [{ kind, host, port, begin: secure ? "tls" : kind }];
}

/** A database of your own. MySQL is asked where the connection to it is encrypted. */
function ofDatabase(address: string): readonly TlsServer[] {
  if (/^postgres(?:ql)?:/.test(address)) return overPostgres("system", address);
  if (!/^(?:mysql|mariadb):/.test(address)) return [];
  try {
    const { host = "", port = 3306, ssl } = mysqlOptions(address);
    return ssl === undefined ? [] : [{ kind: "system", host, port, begin: "mysql" }];
  } catch {
    return [];
  }
}
