/** Finds out when certificates and tokens end: of servers as they show themselves, of tokens as these say. */

import { connect, type Socket } from "node:net";
import { connect as connectTls, type PeerCertificate, type TLSSocket } from "node:tls";
import { z } from "zod";
import type { Expiring, Expiry } from "#core/connection/expiry.ts";
import { currentKey } from "#core/connection/signing-keys.ts";
import type { Config } from "#config/environment.ts";
import { Secret } from "#config/secret.ts";

const LOOK_MS = 5_000;

/** A server that is asked for its certificate, and how TLS begins with it. */
interface Server {
  readonly kind: Exclude<Expiring, "token">;
  readonly host: string;
  readonly port: number;
}

/**
 * PostgreSQL's request for TLS: its length and its number ("Message Formats", SSLRequest). The server answers one byte,
 * `S` when it speaks TLS.
 */
const POSTGRES_ASKS_TLS = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * When each certificate and token ends, as far as it can be seen from here; a server that cannot be reached is left to
 * the checks that need it. Never throws. A mail server that begins TLS within its own protocol (STARTTLS) is not asked.
 */
export async function expiriesOf(config: Config): Promise<readonly Expiry[]> {
  const looked = await Promise.all(
    serversOf(config).map(async (server): Promise<readonly Expiry[]> => {
      const at = await certificateEnd(server);
      const what = `The certificate of ${server.host}:${server.port}`;
      return at === null ? [] : [{ kind: server.kind, what, at }];
    }),
  );
  return [...looked.flat(), ...tokensOf(config.environment)];
}

/** The servers this configuration reaches over TLS, each once. */
export function serversOf({ environment, databaseUrl, inboxes }: Config): readonly Server[] {
  const { DESKHAND_PUBLIC_URL: page, REDIS_URL: redis } = environment;
  const found = [
    ...addressed("public_url", page, "https:", 443),
    ...(databaseUrl === null ? [] : addressed("database", currentKey(databaseUrl), null, 5432)),
    ...addressed("redis", redis, "rediss:", 6379),
    ...inboxes.flatMap(({ imap, smtp }): readonly Server[] => [
      ...(imap.secure ? [{ kind: "imap" as const, host: imap.host, port: imap.port }] : []),
      ...(smtp.secure ? [{ kind: "smtp" as const, host: smtp.host, port: smtp.port }] : []),
    ]),
  ];
  return [...new Map(found.map((one) => [`${one.host}:${one.port}`, one])).values()];
}

/** The server of an address; none where there is none, or another scheme. */
function addressed(
  kind: Server["kind"],
  address: string | undefined,
  scheme: string | null,
  usualPort: number,
): readonly Server[] {
  const url = URL.parse(address ?? "");
  if (url === null || url.hostname === "" || (scheme !== null && url.protocol !== scheme))
    return [];
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return [{ kind, host, port: url.port === "" ? usualPort : Number(url.port) }];
}

/** When the certificate that a server shows ends; null when none can be seen within five seconds. Never throws. */
export function certificateEnd({ kind, host, port }: Server): Promise<Date | null> {
  return new Promise((resolve) => {
    const plain = connect({ host, port });
    const timer = setTimeout(() => ended(null), LOOK_MS);
    const ended = (at: Date | null): void => {
      clearTimeout(timer);
      plain.destroy();
      resolve(at);
    };
    plain.on("error", () => ended(null));
    plain.on("close", () => ended(null));
    const secured = (): void => {
      const secure = overTls(plain, host);
      secure.on("error", () => ended(null));
      secure.on("secureConnect", () => ended(endOf(secure.getPeerCertificate())));
    };
    if (kind !== "database") plain.once("connect", secured);
    else {
      plain.once("connect", () => plain.write(POSTGRES_ASKS_TLS));
      plain.once("data", (answer) => (answer.toString("latin1") === "S" ? secured() : ended(null)));
    }
  });
}

/** Nothing is said over this connection, so a certificate that is not trusted may be looked at as well. */
function overTls(socket: Socket, host: string): TLSSocket {
  const isName = /[a-z]/i.test(host) && !host.includes(":");
  return connectTls({ socket, rejectUnauthorized: false, ...(isName ? { servername: host } : {}) });
}

function endOf({ valid_to: end }: PeerCertificate): Date | null {
  const at = new Date(end);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** What a token of the form of RFC 7519 says about itself. */
const Payload = z.object({ exp: z.number().positive().max(8_640_000_000_000) });

/** The tokens that name their own end. */
function tokensOf(environment: Readonly<Record<string, unknown>>): readonly Expiry[] {
  return Object.entries(environment).flatMap(([name, value]): readonly Expiry[] => {
    const at = value instanceof Secret ? value.told(tokenEnd) : null;
    return at === null ? [] : [{ kind: "token", what: `The token in ${name}`, at }];
  });
}

/** The end (`exp`) of a token of the form of RFC 7519, whoever signed it; null for any other text. Never throws. */
export function tokenEnd(token: string): Date | null {
  const payload = /^[\w-]{4,}\.([\w-]{4,})\.[\w-]*$/.exec(token)?.[1];
  if (payload === undefined) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const parsed = Payload.safeParse(read);
    return parsed.success ? new Date(parsed.data.exp * 1_000) : null;
  } catch {
    return null;
  }
}
