/** Who signs in where: our two Zendesk identities, the mail inboxes, and the visitors of the chat. */

import type { CredentialState } from "#core/connection/oauth-token.ts";
import { type DeskhandError, reasonOf, invalidConfig } from "#core/values/errors.ts";
import type { Clock, Log, TokenVault } from "#core/contracts/ports.ts";
import { type Environment, signsEverybodyIn, type Config } from "#config/environment.ts";
import { ROLE_TASKS } from "#config/process-roles.ts";
import {
  type LoginStates,
  inboxName,
  loginStates,
  type MailSignIn,
  type MailToken,
  mailToken,
} from "#email/login/sign-in.ts";
import { proxyFor } from "#http/proxy.ts";
import type { Inbox } from "#email/options.ts";
import type { ConfiguredInbox, ConfiguredOAuth, ConfiguredSignIn } from "#config/mail-inboxes.ts";
import { readFileSync } from "node:fs";
import { type TokenRules, publicKeysIn } from "#adapters/chat/identity.ts";
import { acceptedKeys, type Keys } from "#core/connection/signing-keys.ts";
import { type Credential, oauthCredential } from "#zendesk/options.ts";

/** An OAuth client, and the first refresh token if a user authorized it. */
interface SignIn {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string | null;
}

/** Sign-ins of both identities, from the environment or the sandbox; null for one this process does not use. */
export interface SignIns {
  readonly writer: SignIn | null;
  readonly reader: SignIn | null;
}

/** Credentials the adapter asks for before each call, and the state of each identity. */
export interface ZendeskAccess {
  readonly writerToken: Credential;
  readonly readerToken: Credential;
  readonly credentialStates: Readonly<Record<string, CredentialState>>;
}

/** The page on which agents work on a ticket, by its number; null for what is no ticket's number. */
export function agentPage(url: string, ticket: string): string | null {
  return /^[1-9]\d{0,14}$/.test(ticket) ? new URL(`/agent/tickets/${ticket}`, url).href : null;
}

/**
 * The writer writes and reads single tickets; the reader exports, and reads webhooks and triggers. A misspelled scope
 * yields a token without any rights.
 */
const SCOPES = { writer: "read write", reader: "read" } as const;

const EXCHANGE_MS = 10_000;

/** The sign-ins the environment names. */
export function configuredSignIns(environment: Environment): SignIns {
  return {
    writer: configuredSignIn(environment, "WRITER"),
    reader: configuredSignIn(environment, "READER"),
  };
}

function configuredSignIn(environment: Environment, which: "WRITER" | "READER"): SignIn | null {
  const clientId = environment[`ZENDESK_${which}_CLIENT_ID`];
  const secret = environment[`ZENDESK_${which}_CLIENT_SECRET`];
  if (clientId === undefined || secret === undefined) return null;
  const refreshToken = environment[`ZENDESK_${which}_REFRESH_TOKEN`]?.reveal() ?? null;
  return { clientId, clientSecret: secret.reveal(), refreshToken };
}

/** What both identities of an account are made from. */
interface AccessContext {
  readonly url: string;
  readonly signIns: SignIns;
  readonly role: Environment["DESKHAND_ROLE"];
  readonly vault: TokenVault;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Both identities for one account. A process that does not keep the connections has no reader: it neither reads nor
 * renews its token, and asking for it is a `config.invalid`.
 */
export function zendeskAccess(context: AccessContext): ZendeskAccess {
  const [writer, reader] = [identity("writer", context), identity("reader", context)];
  const states = Object.entries({ "zendesk writer": writer, "zendesk reader": reader });
  return {
    writerToken: writer.credential,
    readerToken: reader.credential,
    credentialStates: Object.fromEntries(
      states.flatMap(([name, { standing }]) => (standing === null ? [] : [[name, standing]])),
    ),
  };
}

interface Identity {
  readonly credential: Credential;
  readonly standing: CredentialState | null;
}

function identity(which: keyof SignIns, context: AccessContext): Identity {
  const { url, signIns, role, vault, clock, log } = context;
  const none = (error: DeskhandError): Identity => ({
    credential: () => Promise.reject(error),
    standing: null,
  });
  if (which === "reader" && !ROLE_TASKS[role].connects) return none(readerElsewhere(role));
  const signIn = signIns[which];
  if (signIn === null) return none(signInMissing(which));
  const own = { ...signIn, name: `zendesk ${which}`, scope: SCOPES[which] };
  return oauthCredential({ url, vault, clock, log, timeoutMs: EXCHANGE_MS, identity: own });
}

/** The message of a process that leaves the reader to another one. */
export const READER_ELSEWHERE = "Zendesk's reader signs in where the channels are read";

function readerElsewhere(role: string): DeskhandError {
  const words = `${READER_ELSEWHERE} (role channels, or all); this process has the role ${role}`;
  return invalidConfig(words);
}

function signInMissing(which: string): DeskhandError {
  const names = `ZENDESK_${which.toUpperCase()}_CLIENT_ID and ZENDESK_${which.toUpperCase()}_CLIENT_SECRET`;
  return invalidConfig(
    `this process was started without a sign-in for Zendesk's ${which}: ${names} are not set`,
  );
}

type MailContext = Pick<AccessContext, "vault" | "clock" | "log">;

/** The inboxes as the channel expects them, each with its sign-in, and the state of the logins. */
export function mailAccess(
  configured: readonly ConfiguredInbox[],
  context: MailContext,
): { readonly inboxes: readonly Inbox[]; readonly accounts: LoginStates } {
  return {
    inboxes: configured.map((inbox) => connectedInbox(inbox, context)),
    accounts: loginStates(configured, context),
  };
}

function connectedInbox(inbox: ConfiguredInbox, context: MailContext): Inbox {
  const { address, imap, smtp, graph } = inbox;
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
  const mailServer = ({ host, port, secure, plain = false }: ConfiguredInbox["imap"]) => {
    const at = `${plain ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
    const proxy = URL.canParse(at) ? proxyFor(new URL(at))?.href : undefined;
    return { host, port, secure, plain, proxy };
  };
  return {
    ...inbox,
    imap: { ...mailServer(imap), ...signIn(imap) },
    smtp: { ...mailServer(smtp), ...signIn(smtp) },
    graph: graph && {
      url: "https://graph.microsoft.com/v1.0",
      user: graph.user,
      token: followedToken(`${name}, Graph`, graph.oauth, context),
    },
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

const HOUR_MS = 3_600_000;

/** Who may use the chat. */
export interface ChatAccess {
  readonly tokens: TokenRules;
  readonly origins: ReadonlySet<string>;
}

/**
 * Reads who may use the chat, and the file with public keys. `generated` are the keys this
 * installation makes for itself, which count unless the shop gave one. The generated one does not count where the shop
 * signs with its own keys, unless everything is sample data. Throws `config.invalid`.
 */
export function configuredChatAccess(config: Config, generated: Keys): ChatAccess {
  const { environment } = config;
  const { CHAT_IDENTITY_KEYS: file } = environment;
  const publicKeys = file === undefined ? [] : keysFrom(file);
  const counts =
    environment.CHAT_IDENTITY_SECRET !== undefined ||
    publicKeys.length === 0 ||
    signsEverybodyIn(config);
  return {
    tokens: {
      secrets: counts ? acceptedKeys(chatIdentityKeys(config, generated)) : [],
      publicKeys,
      audience: environment.CHAT_IDENTITY_AUDIENCE ?? null,
      issuer: environment.CHAT_IDENTITY_ISSUER ?? null,
      lifetimeMsMax: environment.CHAT_IDENTITY_HOURS_MAX * HOUR_MS,
    },
    origins: new Set(environment.CHAT_ORIGINS),
  };
}

/** What visitors' tokens are signed with: the shop's own key, or those this installation makes for itself. */
export function chatIdentityKeys(
  { environment }: Pick<Config, "environment">,
  generated: Keys,
): Keys {
  return environment.CHAT_IDENTITY_SECRET?.accepted() ?? generated;
}

function keysFrom(file: string): TokenRules["publicKeys"] {
  try {
    return publicKeysIn(readFileSync(file, "utf8"));
  } catch (cause) {
    throw invalidConfig(`CHAT_IDENTITY_KEYS: ${reasonOf(cause)}`, { cause });
  }
}
