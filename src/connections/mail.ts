/** Sign-ins of the configured mail inboxes. */

import {
  type LoginStates,
  inboxName,
  loginStates,
  type MailSignIn,
  type MailToken,
  mailToken,
} from "#email/login/sign-in.ts";
import type { Inbox } from "#email/options.ts";
import type { Clock, Log, TokenVault } from "#core/contracts/ports.ts";
import type { ConfiguredInbox, ConfiguredOAuth, ConfiguredSignIn } from "#config/mail-inboxes.ts";

interface MailContext {
  readonly vault: TokenVault;
  readonly clock: Clock;
  readonly log: Log;
}

const EXCHANGE_MS = 10_000;

/** The inboxes as the channel expects them, each with its sign-in, and the state of the logins. */
export function mailAccess(
  configured: readonly ConfiguredInbox[],
  context: MailContext,
): { readonly inboxes: readonly Inbox[]; readonly accounts: LoginStates } {
  const addresses = configured.map(({ address }) => address);
  return {
    inboxes: configured.map((inbox) => connectedInbox(inbox, context)),
    accounts: loginStates(addresses, context),
  };
}

function connectedInbox(inbox: ConfiguredInbox, context: MailContext): Inbox {
  const { address, aliases, brand, plusAddressing, imap, smtp } = inbox;
  const name = `mail ${inboxName(address)}`;
  // Reading and sending use one token, so that one exchange serves both.
  const tokens = new Map<ConfiguredOAuth, MailToken>();
  const sharedToken = (oauth: ConfiguredOAuth): MailToken => {
    const known = tokens.get(oauth) ?? followedToken(name, oauth, context);
    tokens.set(oauth, known);
    return known;
  };
  const signIn = (one: ConfiguredSignIn): MailSignIn =>
    "oauth" in one
      ? { user: one.user, token: sharedToken(one.oauth) }
      : { user: one.user, pass: async () => one.password().reveal() };
  const mailServer = ({ host, port, secure, plain = false }: ConfiguredInbox["imap"]) => ({
    host,
    port,
    secure,
    plain,
  });
  return {
    address,
    aliases,
    brand,
    plusAddressing,
    imap: { ...mailServer(imap), ...signIn(imap) },
    smtp: { ...mailServer(smtp), ...signIn(smtp) },
  };
}

/** A changed secret in its file is a new identity: a refusal of the old one does not block the new one. */
function followedToken(name: string, oauth: ConfiguredOAuth, context: MailContext): MailToken {
  const { tokenUrl, clientId, scope } = oauth;
  let now: { readonly of: string; readonly token: MailToken } | null = null;
  return (refused) => {
    const clientSecret = oauth.clientSecret?.().reveal() ?? null;
    const refreshToken = oauth.refreshToken?.().reveal() ?? null;
    const of = JSON.stringify([clientSecret, refreshToken]);
    if (now?.of !== of) {
      const identity = { name, tokenUrl, clientId, clientSecret, scope, refreshToken };
      now = { of, token: mailToken(identity, { ...context, timeoutMs: EXCHANGE_MS }) };
    }
    return now.token(refused);
  };
}
