/**
 * Signs requests to a system, and says to which addresses secrets may go. Secrets are read when a request is sent and
 * stay in this file and the request.
 */

import { type Fetch, isSecure } from "#core/connection/http-answer.ts";
import {
  renewedAheadMs,
  requestToken,
  type TokenEndpoint,
  type TokenReply,
} from "#core/connection/oauth-token.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { unlessAborted, withinMs } from "#core/values/deadline.ts";
import { DeskhandError, invalidConfig } from "#core/values/errors.ts";
import type { Authentication, Connection } from "#systems/contract.ts";

/** What is added to a request, and the texts that must appear nowhere else. */
export interface Signature {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly secrets: readonly string[];
}

/** Gives the access token, or another one than the token that was just refused. */
export type AccessToken = (signal: AbortSignal, refused?: string) => Promise<string>;

/** Where an authentication's credentials travel in a request. */
export function placedCredentials(
  authentication: Authentication,
  credentials: string,
): Pick<Signature, "headers" | "query"> {
  switch (authentication.kind) {
    case "none":
      return { headers: {}, query: [] };
    case "api-key": {
      const { name } = authentication;
      return authentication.in === "header"
        ? { headers: { [name]: credentials }, query: [] }
        : { headers: {}, query: [[name, credentials]] };
    }
    case "basic":
      return { headers: { Authorization: `Basic ${credentials}` }, query: [] };
    case "bearer":
    case "client-credentials": {
      const header = "header" in authentication ? authentication.header : undefined;
      return header === undefined
        ? { headers: { Authorization: `Bearer ${credentials}` }, query: [] }
        : { headers: { [header]: credentials }, query: [] };
    }
  }
}

/** Throws `config.invalid` for a setting that is missing or cannot be sent; it names the setting only. */
export function signatureFor(
  authentication: Authentication,
  settings: SystemSettings,
  token: string,
): Signature {
  const secrets = sentSecrets(authentication, settings, token);
  return { ...placedCredentials(authentication, secrets.at(-1) ?? ""), secrets };
}

/** The texts that are sent or stand in what is sent; the last one is what travels. */
function sentSecrets(
  authentication: Authentication,
  settings: SystemSettings,
  token: string,
): readonly string[] {
  switch (authentication.kind) {
    case "none":
      return [];
    case "basic": {
      const user = neededSetting(settings, authentication.user);
      // RFC 7617 2: the first colon ends the user's name.
      if (user.includes(":")) throw invalidConfig(`${authentication.user} cannot have a colon`);
      const secret = neededSetting(settings, authentication.secret);
      return [secret, Buffer.from(`${user}:${secret}`).toString("base64")];
    }
    case "api-key":
    case "bearer":
      return [sendable(settings, authentication.secret)];
    case "client-credentials":
      return [token];
  }
}

/** Throws `config.invalid` when the setting is not there. */
export function neededSetting(settings: SystemSettings, name: string): string {
  const value = settings.text(name);
  if (value !== null && value !== "") return value;
  throw invalidConfig(`the setting ${name} is not set: set it, or ${name}_FILE`);
}

/** Node's own error for such a header would be read as a lost answer. */
function sendable(settings: SystemSettings, name: string): string {
  const value = neededSetting(settings, name);
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw invalidConfig(`the setting ${name} has characters that cannot be sent`);
}

/**
 * An address with `https`, or with `http` on this machine. Throws `config.invalid`, which quotes nothing of the address:
 * it may hold credentials. `what` says whose address it is.
 */
export function secureAddress(text: string, what: string): URL {
  const invalid = (reason: string): DeskhandError => invalidConfig(`${what} ${reason}`);
  const url = URL.parse(text);
  if (url === null) throw invalid("is no address");
  if (url.username !== "" || url.password !== "")
    throw invalid("has credentials in it: name them in the connection's authentication instead");
  if (url.search !== "" || url.hash !== "") throw invalid("has a ? or # in it, which is not sent");
  if (!isSecure(url)) throw invalid("has to begin with https://");
  return url;
}

// Access tokens by client credentials.

type ClientCredentials = Extract<Authentication, { kind: "client-credentials" }>;

interface Kept {
  readonly access: string;
  readonly renewAt: number;
  /** From when on it is replaced when it is refused: later for one that replaced a refused one itself. */
  readonly replaceFrom: number;
}

const REPLACED_MS = 60_000;
const SETTING = /^[A-Z][A-Z0-9_]*$/;

/**
 * Makes the access tokens of a connection (RFC 6749 4.4). They are kept in memory and renewed shortly before they expire,
 * by one request for all callers. One that is refused early is renewed once; when the new one is refused too, it stays
 * until it may have been repaired, so that a wrong scope does not become a request for a token with each call.
 *
 * Throws `system.unavailable` or `config.invalid` while no token is to be had; neither holds a secret.
 */
export function accessToken(options: {
  readonly connection: Connection;
  readonly authentication: ClientCredentials;
  readonly settings: SystemSettings;
  readonly fetch: Fetch;
  readonly clock: Clock;
}): AccessToken {
  const { connection, authentication, settings, clock } = options;
  let kept: Kept | null = null;
  let underWay: Promise<string> | null = null;

  async function renewed(isReplaced: boolean): Promise<string> {
    const endpoint = tokenEndpoint(options);
    const reply = await withinMs(connection.limits.timeoutMs, (signal) =>
      requestToken(endpoint, null, { fetch: options.fetch, clock, signal }),
    );
    if (reply.kind !== "issued") throw noToken(connection.name, reply);
    const { access, expiresInMs } = reply;
    const now = clock.now().getTime();
    kept = {
      access,
      renewAt: now + expiresInMs - renewedAheadMs(expiresInMs),
      replaceFrom: isReplaced ? now + REPLACED_MS : now,
    };
    return access;
  }

  return async (signal, refused) => {
    signal.throwIfAborted();
    const { client, lastingToken } = authentication;
    if (lastingToken !== undefined && settings.text(client) === null && settings.text(lastingToken))
      return sendable(settings, lastingToken);
    const now = clock.now().getTime();
    const isGood = kept !== null && kept.access !== refused && now < kept.renewAt;
    if (kept !== null && (isGood || (refused !== undefined && now < kept.replaceFrom)))
      return kept.access;
    // A caller that leaves must not end the renewal that others wait for.
    underWay ??= renewed(refused !== undefined).finally(() => (underWay = null));
    return await unlessAborted(underWay, signal);
  };
}

function tokenEndpoint({
  connection,
  authentication,
  settings,
}: Parameters<typeof accessToken>[0]): TokenEndpoint {
  const { tokenUrl, credentialsIn = "header", scopes, client, secret } = authentication;
  const place = SETTING.test(tokenUrl) ? neededSetting(settings, tokenUrl) : tokenUrl;
  const { addressFrom } = connection;
  const base =
    settings.text(addressFrom) ?? connection.address ?? neededSetting(settings, addressFrom);
  const address = place.startsWith("/") ? (URL.parse(place, base)?.href ?? "") : place;
  return {
    url: secureAddress(address, `the address of the tokens of ${connection.name}`).href,
    clientId: neededSetting(settings, client),
    clientSecret: neededSetting(settings, secret),
    credentialsIn,
    scope: scopes.length === 0 ? null : scopes.join(" "),
  };
}

/** Of the answer only its code is kept: a description may quote what was sent. */
function noToken(name: string, reply: Exclude<TokenReply, { kind: "issued" }>): DeskhandError {
  const begin = `${name} cannot be asked, since its token endpoint`;
  if (reply.kind === "unanswered")
    return new DeskhandError("system.unavailable", `${begin} does not answer`, {
      cause: reply.cause,
    });
  const { error, status, retryAfterMs } = reply;
  const words =
    error === null
      ? `answers ${status} without a token`
      : `refuses the client: ${error}; check its credentials`;
  return new DeskhandError("system.unavailable", `${begin} ${words}`, { retryAfterMs });
}

/**
 * Reads settings when they are needed, so that a secret that was changed in its file counts from then on. Throws
 * `config.invalid`, which names the setting and never its value.
 */
export interface SystemSettings {
  /** The value of `NAME`, or the content of the file that `NAME_FILE` names; null when neither is set. */
  text(name: string): string | null;
}
