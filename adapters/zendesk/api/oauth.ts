/** The OAuth credential for the Zendesk API. */
import type { CredentialState } from "#core/connection/credential-state.ts";
import type { Clock, Log, TokenVault } from "#core/contracts/ports.ts";
import { type GrantRefused, renewedToken } from "#core/connection/oauth-token.ts";
import { type Credential, REFUSED_LINE } from "./credential.ts";
import { grantToken } from "./token-grant.ts";

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
