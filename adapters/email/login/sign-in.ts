/**
 * Room: signs in to mail servers, by password or OAuth token.
 * In: the server, the credential, and what earlier logins were told.
 * Out: a login, or `channel.unauthorized` with the time of the next try.
 * May touch: the provider's token endpoint and the stored tokens; IMAP and SMTP only through the caller's attempt.
 */

import type { CredentialState } from "#core/connection/oauth-token.ts";
import { DeskhandError } from "#core/values/errors.ts";
import type { Clock, Log } from "#core/contracts/ports.ts";
import { renewedToken } from "#core/connection/oauth-token.ts";

/** Where a mail server listens, and how the way to it is protected. */
export interface MailEndpoint {
  readonly host: string;
  readonly port: number;
  /**
   * TLS from the first byte. Otherwise the connection has to turn to TLS by STARTTLS before anything secret is said,
   * unless the server is on this machine.
   */
  readonly secure: boolean;
  /** The operator wants it without TLS, for a server in the same closed network. */
  readonly plain?: boolean;
  /** The HTTP proxy on the way to it, which is asked to CONNECT. */
  readonly proxy?: string | undefined;
}

/**
 * How a mailbox is signed in to. A password is a text, or is read anew for each login, so that one that was mended is
 * found. `token` gives an OAuth access token; told which one was just refused, it gives another one. It throws
 * `channel.unauthorized` while there is none, with what to do.
 */
export type MailSignIn =
  | { readonly user: string; readonly pass: string | (() => Promise<string>) }
  | { readonly user: string; readonly token: MailToken };

/** An access token for IMAP and SMTP. */
export type MailToken = (refused?: string) => Promise<string>;

/** What a server is told at a login. */
export type Login =
  | { readonly user: string; readonly pass: string }
  | { readonly user: string; readonly accessToken: string };

/** True when STARTTLS is required: a credential sent to another machine in clear text can be read on the way. */
export function requiresStartTls({ host, secure, plain = false }: MailEndpoint): boolean {
  return !secure && !plain && !["127.0.0.1", "::1", "localhost"].includes(host);
}

/**
 * Signs in, once more with another token when the first one is refused. `attempt` throws what `refusalIn` tells apart:
 * the server's words for a refused login, null for anything else. A refusal is kept by the account, which then leaves
 * the server alone for a while.
 */
export async function signInBy<Opened>(
  signIn: MailSignIn,
  account: LoginState,
  {
    attempt,
    refusalIn,
  }: {
    readonly attempt: (login: Login) => Promise<Opened>;
    readonly refusalIn: (error: unknown) => string | null;
  },
): Promise<Opened> {
  account.check();
  const { user } = signIn;
  const next = async (refused?: string): Promise<Login> => {
    try {
      if ("token" in signIn) return { user, accessToken: await signIn.token(refused) };
      return { user, pass: typeof signIn.pass === "string" ? signIn.pass : await signIn.pass() };
    } catch (error) {
      const isFinal =
        error instanceof DeskhandError &&
        (error.code === "channel.unauthorized" || error.code === "config.invalid");
      throw isFinal ? account.refused(error.message, error) : error;
    }
  };
  const tried = async (login: Login): Promise<Tried<Opened>> => {
    try {
      const opened = await attempt(login);
      account.accepted();
      return { opened };
    } catch (error) {
      const words = refusalIn(error);
      if (words === null) throw error;
      return { words, cause: error };
    }
  };
  const login = await next();
  let result = await tried(login);
  if ("words" in result && "accessToken" in login && account.mayRenew())
    result = await tried(await next(login.accessToken));
  if ("words" in result) throw account.refused(adviceFor(login, result.words), result.cause);
  return result.opened;
}

type Tried<Opened> =
  | { readonly opened: Opened }
  | { readonly words: string; readonly cause: unknown };

function adviceFor(login: Login, words: string): string {
  const said = `the server says “${words}”`;
  return "accessToken" in login
    ? `${said}, also to a new token: is the user name the mailbox's, does the mailbox exist with this protocol switched on, and was the application granted it? docs/email.md says how`
    : `${said}: put user and password right, or the mailbox behind them; a password in a variable needs a restart then, one in a file is read again by itself`;
}

/** How the login to one server of an inbox stands; see `loginStates`. */
export interface LoginState {
  /** Throws `channel.unauthorized` while the server is to be left alone. */
  check(): void;
  /** The server, or the token's issuer, said no: gives the error to throw. */
  refused(words: string, cause: unknown): DeskhandError;
  accepted(): void;
  /** Calls `listener` when a login is accepted after refusals, so that waiting callers go on; returns how to stop. */
  onAccepted(listener: () => void): () => void;
  /** Whether a refused token is worth an exchange; true once in a while only. */
  mayRenew(): boolean;
}

// The state of the logins, so that a wrong password neither locks an account nor delays other inboxes.

/** All inboxes of a process. */
export type LoginStates = ReturnType<typeof loginStates>;

type Server = "IMAP" | "SMTP";

const MINUTE_MS = 60_000;

const LOGIN_WAITS = { first: MINUTE_MS, most: 15 * MINUTE_MS };

interface LoginContext {
  readonly clock: Clock;
  readonly log: Log;
  /** How long a server that refused us is left alone, in milliseconds. */
  readonly waits?: typeof LOGIN_WAITS;
}

/** A new token that is refused within five minutes stops all use of it, also where it is taken. */
const RENEW_AFTER_MS = 6 * MINUTE_MS;

/** The inbox in words that the log does not drop: "support at shop.example". */
export function inboxName(address: string): string {
  return address.toLowerCase().replace("@", " at ");
}

/** Watches over these inboxes, all well at first. */
export function loginStates(
  inboxes: readonly { readonly address: string }[],
  context: LoginContext,
) {
  const watches = new Map(
    inboxes.map(({ address }) => {
      const watchOver = (server: Server): Watch => loginState(inboxName(address), server, context);
      return [address.toLowerCase(), { IMAP: watchOver("IMAP"), SMTP: watchOver("SMTP") }];
    }),
  );
  return {
    /** The state of one server of an inbox; every caller gets the same object. */
    of(address: string, server: Server): LoginState {
      const watch = watches.get(address.toLowerCase());
      if (watch === undefined) throw new Error("not an inbox of this process");
      return watch[server];
    },
    /** Each inbox under a name that is no address, because logs drop those. */
    credentialStates: Object.fromEntries(
      [...watches].map(([address, { IMAP, SMTP }]): readonly [string, CredentialState] => [
        `mail ${inboxName(address)}`,
        { problem: () => [IMAP, SMTP].flatMap((one) => one.problem() ?? []).join("; ") || null },
      ]),
    ),
  };
}

type Watch = LoginState & CredentialState;

function loginState(
  inbox: string,
  server: Server,
  { clock, log, waits = LOGIN_WAITS }: LoginContext,
): Watch {
  const state: { words: string | null; untilMs: number; waitMs: number; renewedMs: number } = {
    words: null,
    untilMs: 0,
    waitMs: 0,
    renewedMs: Number.NEGATIVE_INFINITY,
  };
  const listeners = new Set<() => void>();
  const now = (): number => clock.now().getTime();
  const needsLogin = (words: string): string => `${server} needs login: ${words}`;
  // The mail to be sent is not at fault, so this does not count as a try of it.
  const refusal = (words: string, cause?: unknown): DeskhandError =>
    new DeskhandError("channel.unauthorized", `${inbox}, ${needsLogin(words)}`, {
      retryAfterMs: Math.max(1, state.untilMs - now()),
      notTried: true,
      cause,
    });
  return {
    check() {
      if (state.words === null) return;
      if (state.untilMs > now()) throw refusal(state.words);
      // This one is let through; others wait for what it finds.
      state.untilMs = now() + state.waitMs;
    },
    refused(words, cause) {
      state.waitMs = Math.min(Math.max(waits.first, state.waitMs * 2), waits.most);
      state.untilMs = now() + state.waitMs;
      if (state.words !== words)
        log.error("an inbox needs login; others go on", {
          inbox,
          server,
          reason: words,
          nextTryMs: state.waitMs,
        });
      state.words = words;
      return refusal(words, cause);
    },
    accepted() {
      const isMended = state.words !== null;
      Object.assign(state, { words: null, untilMs: 0, waitMs: 0 });
      // Callers wait only after a refusal. Two that fail for another reason must not wake each other.
      if (!isMended) return;
      log.warn("an inbox is signed in again", { inbox, server });
      for (const listener of listeners) listener();
    },
    onAccepted(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    mayRenew() {
      if (now() - state.renewedMs < RENEW_AFTER_MS) return false;
      state.renewedMs = now();
      return true;
    },
    problem: () => (state.words === null ? null : needsLogin(state.words)),
  };
}

/** One mailbox's way to its tokens. */
interface MailOAuth {
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
  surroundings: Omit<Parameters<typeof renewedToken>[0], "identity">,
): MailToken {
  const { name, tokenUrl, clientId, clientSecret, scope, refreshToken } = oauth;
  const { credential } = renewedToken({
    ...surroundings,
    identity: {
      name,
      endpoint: { url: tokenUrl, clientId, clientSecret, scope },
      account: tokenUrl,
      origin: scope ?? "",
      refreshToken,
      refreshWords: (said) =>
        `the refresh token was revoked or has run out: authorize the application once more and put the new one in its place (${said})`,
      grantWords: (said) =>
        `no token is issued (${said}): compare tenant, client id, client secret and its end with those at the provider`,
      refusedWords:
        "the server refuses the access token, and the one it was exchanged for: docs/email.md says what the mailbox and the application need",
      stopLine: "a mailbox gets no usable token; its issuer is left alone for five minutes",
    },
  });
  return credential;
}
