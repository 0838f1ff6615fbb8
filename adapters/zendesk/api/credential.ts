/** Credentials for Zendesk API calls: fixed ones, and tokens of OAuth clients. */

import { type CredentialState, credentialPause } from "#core/connection/credential-state.ts";
import type { Clock, Log, TokenVault } from "#core/contracts/ports.ts";
import { z } from "zod";
import { GrantRefused, renewedToken, type IssuedToken } from "#core/connection/oauth-token.ts";
import { DeskhandError } from "#core/values/errors.ts";

/**
 * Gives the credential for the next call: a bearer token, or the whole value of `Authorization` where it has a space.
 * Given the one Zendesk has just refused (401), it returns another one, or the same when there is no other.
 *
 * Throws `channel.unauthorized` while Zendesk accepts none, `channel.unavailable` when none can be obtained now.
 */
export type Credential = (refused?: string) => Promise<string>;

/** The header for a credential. */
export function authorizationOf(credential: string): string {
  return credential.includes(" ") ? credential : `Bearer ${credential}`;
}

/** What the log says when Zendesk has refused us for good. */
const REFUSED_LINE = "Zendesk refuses our credential; it is left alone for five minutes";

/** A credential that cannot be renewed: an access token made by hand, or an API token. */
export function fixedCredential(options: {
  readonly credential: string;
  /** The variable it came from. */
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
}): { readonly credential: Credential; readonly standing: CredentialState } {
  const { credential, name, clock, log } = options;
  const stopped = credentialPause({ clock, log, line: REFUSED_LINE });
  return {
    standing: stopped,
    credential: async (refused) => {
      if (refused !== undefined)
        throw stopped.begin(
          `Zendesk refuses ${name} (401): it was revoked or has run out. Put a new one in its place; docs/zendesk.md says how`,
        );
      stopped.check();
      return credential;
    },
  };
}

/** The value of `Authorization` for an account's API token, which acts as the agent it is used with. */
export function basicCredential(email: string, apiToken: string): string {
  return `Basic ${Buffer.from(`${email}/token:${apiToken}`).toString("base64")}`;
}

// Exchanges an OAuth grant for an access token at Zendesk.

/** What a client asks a token for (RFC 6749 4.4.2 and 6). */
type Grant =
  | {
      readonly kind: "client_credentials";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope: string;
    }
  | {
      readonly kind: "refresh_token";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly refreshToken: string;
    };

const TokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  refresh_token: z.string().min(1).nullish(),
  expires_in: z.number().positive().nullish(),
});
const ErrorAnswer = z.object({ error: z.string(), error_description: z.string().nullish() });

/** A token without a stated lifetime is assumed to have Zendesk's default, half an hour. */
const DEFAULT_LIFETIME_SECONDS = 1_800;
const MESSAGE_CHARACTERS_MAX = 200;

/**
 * `POST /oauth/tokens`. Throws `GrantRefused` for a final refusal, `channel.unavailable` when a retry may help. Neither
 * error names a secret: of Zendesk's answer only the code and description are kept.
 */
async function grantToken(url: string, grant: Grant, timeoutMs: number): Promise<IssuedToken> {
  const address = `${url.replace(/(?<!\/)\/+$/, "")}/oauth/tokens`;
  const { status, body } = await post(address, grant, timeoutMs).catch(async (error: unknown) => {
    // A kept-alive connection may just have been closed. A second request does no harm, unless the first was carried
    // out and used up the refresh token.
    if (grant.kind === "refresh_token" || isTimeout(error)) throw error;
    return await post(address, grant, timeoutMs);
  });
  if (status >= 200 && status < 300) {
    const issued = TokenAnswer.safeParse(body);
    // The cause would quote the answer, which holds tokens.
    if (!issued.success)
      throw new DeskhandError("channel.unavailable", "Zendesk's token was not understood");
    const { access_token, refresh_token, expires_in } = issued.data;
    return {
      access: access_token,
      refresh: refresh_token ?? null,
      expiresInMs: (expires_in ?? DEFAULT_LIFETIME_SECONDS) * 1_000,
    };
  }
  const refused = ErrorAnswer.safeParse(body);
  const isFinal = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  const words = refused.success
    ? `${refused.data.error}: ${refused.data.error_description ?? ""}`
    : `status ${status}`;
  if (isFinal)
    throw new GrantRefused(
      refused.success ? refused.data.error : String(status),
      words.slice(0, MESSAGE_CHARACTERS_MAX),
    );
  throw new DeskhandError("channel.unavailable", `Zendesk issues no token now (status ${status})`);
}

async function post(
  address: string,
  grant: Grant,
  timeoutMs: number,
): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(bodyOf(grant)),
      // Secrets must not follow a redirect to another host.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body: unknown = await response.json().catch(() => null);
    return { status: response.status, body };
  } catch (cause) {
    throw new DeskhandError("channel.unavailable", "Zendesk's token endpoint cannot be reached", {
      cause,
    });
  }
}

function isTimeout(error: unknown): boolean {
  const cause = error instanceof DeskhandError ? error.cause : null;
  return cause instanceof Error && cause.name === "TimeoutError";
}

function bodyOf(grant: Grant): Readonly<Record<string, string>> {
  const client = {
    grant_type: grant.kind,
    client_id: grant.clientId,
    client_secret: grant.clientSecret,
  };
  return grant.kind === "client_credentials"
    ? { ...client, scope: grant.scope }
    : { ...client, refresh_token: grant.refreshToken };
}

/** One identity of ours at the account. */
interface OAuthIdentity {
  /** Also its name in the token vault: `zendesk writer`, `zendesk reader`. */
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Space-separated, as the grant asks for it. */
  readonly scope: string;
  /** The first refresh token of the authorization code flow; null for client credentials. */
  readonly refreshToken: string | null;
}

interface OAuthOptions {
  readonly url: string;
  readonly identity: OAuthIdentity;
  readonly vault: TokenVault;
  readonly clock: Clock;
  readonly log: Log;
  /** For one exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/** The credential of an identity, renewed before it expires and after a 401, with one exchange for all processes. */
export function oauthCredential({ url, identity, ...rest }: OAuthOptions): {
  readonly credential: Credential;
  readonly standing: CredentialState;
} {
  const { name, clientId, clientSecret, scope } = identity;
  const client = { clientId, clientSecret };
  return renewedToken({
    ...rest,
    identity: {
      name,
      sealSecret: clientSecret,
      place: `${url} ${clientId}`,
      origin: scope,
      refreshToken: identity.refreshToken,
      exchange: (refreshToken) =>
        grantToken(
          url,
          refreshToken === null
            ? { kind: "client_credentials", ...client, scope }
            : { kind: "refresh_token", ...client, refreshToken },
          rest.timeoutMs,
        ),
      exchangeWords: (refused) => refusalText(identity, refused),
      refusedWords: `Zendesk refuses the ${name}'s token, and the one it was exchanged for (401). Is its user still active, and its OAuth client? \`deskhand doctor\` looks`,
      stopLine: REFUSED_LINE,
    },
  });
}

/** What an exchange that was refused means, with what to do. Zendesk's text carries no secret. */
function refusalText(
  { name, refreshToken }: OAuthIdentity,
  { error, message }: GrantRefused,
): string {
  if (error === "invalid_grant" && refreshToken !== null)
    return `the ${name}'s refresh token was used, revoked or has run out: authorize its OAuth client once more and set the new one (${message})`;
  return `Zendesk gives the ${name} no token (${message}): compare the OAuth client's identifier and secret with its variables`;
}
