/** OAuth sign-in for mailboxes. */
import type { Clock, Log, TokenVault } from "#core/contracts/ports.ts";
import { type GrantRefused, renewedToken } from "#core/connection/oauth-token.ts";
import type { MailToken } from "./sign-in.ts";
import { requestToken } from "./token-endpoint.ts";

/** One mailbox's way to its tokens. */
export interface MailOAuth {
  /** Also its name in the vault, such as `mail support at shop.example`. */
  readonly name: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  readonly scope: string | null;
  /** The first one; the provider may send another with each token, which is kept and used from then on. */
  readonly refreshToken: string | null;
}

/**
 * Access tokens of one mailbox, renewed before they expire by one process for all. `channel.unauthorized` says what to
 * do; the provider is then not asked again for five minutes.
 */
export function mailToken(
  oauth: MailOAuth,
  surroundings: {
    readonly vault: TokenVault;
    readonly clock: Clock;
    readonly log: Log;
    readonly timeoutMs: number;
  },
): MailToken {
  const { name, tokenUrl, clientId, clientSecret, scope, refreshToken } = oauth;
  const { credential } = renewedToken({
    ...surroundings,
    identity: {
      name,
      // A client without a secret has only its refresh token as a secret of its own.
      sealSecret: clientSecret ?? refreshToken ?? "",
      place: `${tokenUrl} ${clientId}`,
      origin: scope ?? "",
      refreshToken,
      exchange: (refresh) =>
        requestToken({
          url: tokenUrl,
          clientId,
          clientSecret,
          scope,
          refreshToken: refresh,
          timeoutMs: surroundings.timeoutMs,
        }),
      exchangeWords: (refused) => wordsFor(refused, refreshToken !== null),
      refusedWords:
        "the server refuses the access token, and the one it was exchanged for: docs/email.md says what the mailbox and the application need",
      stopLine: "a mailbox gets no usable token; its issuer is left alone for five minutes",
    },
  });
  return credential;
}

/** What a refused exchange means, with what to do. */
function wordsFor({ error, message }: GrantRefused, isRefresh: boolean): string {
  if (error === "invalid_grant" && isRefresh)
    return `the refresh token was revoked or has run out: authorize the application once more and put the new one in its place (${message})`;
  return `no token is issued (${message}): compare tenant, client id, client secret and its end with those at the provider`;
}
