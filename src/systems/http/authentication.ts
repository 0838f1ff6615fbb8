/**
 * Signs requests to a system, and says to which addresses secrets may go. Secrets are read when a request is sent and
 * stay in this file and the request.
 */

import { DeskhandError } from "#core/values/errors.ts";
import type { Authentication } from "#systems/contract.ts";
import type { SystemSettings } from "#systems/settings.ts";

/** What is added to a request, and the texts that must appear nowhere else. */
export interface Signature {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly secrets: readonly string[];
}

/** Gives the access token, or another one than the token that was just refused. */
export type AccessToken = (signal: AbortSignal, refused?: string) => Promise<string>;

/** Throws `config.invalid` for a setting that is missing or cannot be sent; it names the setting only. */
export async function signatureFor(
  authentication: Authentication,
  settings: SystemSettings,
  token: () => Promise<string>,
): Promise<Signature> {
  switch (authentication.kind) {
    case "none":
      return { headers: {}, query: [], secrets: [] };
    case "api-key": {
      const key = sendable(settings, authentication.secret);
      return authentication.in === "header"
        ? { headers: { [authentication.name]: key }, query: [], secrets: [key] }
        : { headers: {}, query: [[authentication.name, key]], secrets: [key] };
    }
    case "basic": {
      const user = neededSetting(settings, authentication.user);
      // RFC 7617 2: the first colon ends the user's name.
      if (user.includes(":"))
        throw new DeskhandError("config.invalid", `${authentication.user} cannot have a colon`);
      const secret = neededSetting(settings, authentication.secret);
      const both = basicCredentials(user, secret);
      return { headers: { authorization: `Basic ${both}` }, query: [], secrets: [secret, both] };
    }
    case "bearer":
      return bearer(sendable(settings, authentication.secret));
    case "client-credentials":
      return bearer(await token());
  }
}

/** The two names of RFC 7617, for the header. */
export function basicCredentials(user: string, secret: string): string {
  return Buffer.from(`${user}:${secret}`).toString("base64");
}

/** Throws `config.invalid` when the setting is not there. */
export function neededSetting(settings: SystemSettings, name: string): string {
  const value = settings.text(name);
  if (value !== null && value !== "") return value;
  throw new DeskhandError(
    "config.invalid",
    `the setting ${name} is not set: set it, or ${name}_FILE`,
  );
}

function bearer(token: string): Signature {
  return { headers: { authorization: `Bearer ${token}` }, query: [], secrets: [token] };
}

/** Node's own error for such a header would be read as a lost answer. */
function sendable(settings: SystemSettings, name: string): string {
  const value = neededSetting(settings, name);
  if (/^[\x20-\x7e]+$/.test(value)) return value;
  throw new DeskhandError(
    "config.invalid",
    `the setting ${name} has characters that cannot be sent`,
  );
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * An address with `https`, or with `http` on this machine. Throws `config.invalid`, which quotes nothing of the address:
 * it may hold credentials. `what` says whose address it is.
 */
export function secureAddress(text: string, what: string): URL {
  const invalid = (reason: string): DeskhandError =>
    new DeskhandError("config.invalid", `${what} ${reason}`);
  const url = URL.parse(text);
  if (url === null) throw invalid("is no address");
  if (url.username !== "" || url.password !== "")
    throw invalid("has credentials in it: name them in the connection's authentication instead");
  if (url.search !== "" || url.hash !== "") throw invalid("has a ? or # in it, which is not sent");
  const isHere = url.protocol === "http:" && LOOPBACK.test(url.hostname);
  if (url.protocol !== "https:" && !isHere) throw invalid("has to begin with https://");
  return url;
}
