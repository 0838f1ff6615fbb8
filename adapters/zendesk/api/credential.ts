/** Credentials for Zendesk's API: fixed ones, and tokens of OAuth clients. */
import type { Clock, Log } from "#core/contracts/ports.ts";
import {
  type CredentialState,
  credentialPause,
  renewedToken,
} from "#core/connection/oauth-token.ts";

/**
 * Gives the credential for the next call: a bearer token, or the whole value of `Authorization` where it has a space.
 * Given the one Zendesk has just refused (401), it returns another one, or the same when there is no other.
 *
 * Throws `channel.unauthorized` while Zendesk accepts none, `channel.unavailable` when none can be obtained now.
 */
export type Credential = (refused?: string) => Promise<string>;

/** The header for a credential. */
export function authorizationHeader(credential: string): string {
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

interface OAuthOptions extends Omit<Parameters<typeof renewedToken>[0], "identity"> {
  readonly url: string;
  readonly identity: OAuthIdentity;
}

/** The credential of an identity, renewed before it expires and after a 401, with one exchange for all processes. */
export function oauthCredential({ url, identity, ...rest }: OAuthOptions): {
  readonly credential: Credential;
  readonly standing: CredentialState;
} {
  const { name, clientId, clientSecret, scope, refreshToken } = identity;
  return renewedToken({
    ...rest,
    identity: {
      name,
      endpoint: {
        url: `${url.replace(/(?<!\/)\/+$/, "")}/oauth/tokens`,
        clientId,
        clientSecret,
        scope: refreshToken === null ? scope : null,
      },
      account: url,
      origin: scope,
      refreshToken,
      refreshWords: (said) =>
        `the ${name}'s refresh token was used, revoked or has run out: authorize its OAuth client once more and set the new one (${said})`,
      grantWords: (said) =>
        `Zendesk gives the ${name} no token (${said}): compare ZENDESK_URL with the account, and the OAuth client's identifier and secret with its variables`,
      refusedWords: `Zendesk refuses the ${name}'s token, and the one it was exchanged for (401). Is its user still active, and its OAuth client? \`deskhand doctor\` looks`,
      stopLine: REFUSED_LINE,
    },
  });
}
