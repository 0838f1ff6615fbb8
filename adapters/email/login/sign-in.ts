/**
 * Room: signs in to mail servers, by password or OAuth token.
 * In: the server, the credential, and what earlier logins were told.
 * Out: a login, or `channel.unauthorized` with the time of the next try.
 * May touch: the provider's token endpoint and the stored tokens; IMAP and SMTP only through the caller's attempt.
 */
import { DeskhandError } from "#core/values/errors.ts";

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

/** What to say now. */
async function loginFor(signIn: MailSignIn, refused?: string): Promise<Login> {
  const { user } = signIn;
  if ("token" in signIn) return { user, accessToken: await signIn.token(refused) };
  return { user, pass: typeof signIn.pass === "string" ? signIn.pass : await signIn.pass() };
}

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
  const next = async (refused?: string): Promise<Login> => {
    try {
      return await loginFor(signIn, refused);
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
