/** Credentials for Zendesk API calls. */
import { type CredentialState, credentialPause } from "#core/connection/oauth-token.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";

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
export const REFUSED_LINE = "Zendesk refuses our credential; it is left alone for five minutes";

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
