/** Reads the address of a MySQL or MariaDB database, and decides how far the way to it is trusted. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import type { ConnectionOptions } from "mysql2/promise";
import { DeskhandError } from "#core/values/errors.ts";

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

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
    host: hostOf(url),
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
  if (isIP(hostOf(url)) !== 0)
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

function wishes({ searchParams }: URL): {
  readonly mode: string | null;
  readonly authority: string | null;
} {
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

function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/^\[|\]$/g, "");
}

function certificate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new DeskhandError(
      "config.invalid",
      "the file that ssl-ca names in the address of a database cannot be read",
      { cause },
    );
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
  return new DeskhandError("config.invalid", `the address of a MySQL database ${reason}`);
}
