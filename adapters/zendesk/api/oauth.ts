/** The OAuth credential for the Zendesk API. */
import { z } from "zod";
import {
  type CredentialState,
  GrantRefused,
  renewedToken,
  type IssuedToken,
} from "#core/connection/oauth-token.ts";
import type { Clock, Log, TokenVault } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type Credential, REFUSED_LINE } from "./credential.ts";

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
