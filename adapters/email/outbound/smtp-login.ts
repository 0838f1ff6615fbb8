/** Connects to an SMTP server and signs in. */
import SMTPConnection, { type CustomAuthenticationContext } from "nodemailer/lib/smtp-connection";
import { z } from "zod";
import {
  type LoginState,
  type Login,
  type MailEndpoint,
  type MailSignIn,
  signInBy,
  requiresStartTls,
} from "#email/login/sign-in.ts";

/** One SMTP submission server. Without a user it is spoken to without login. */
export type SmtpServer = MailEndpoint & (MailSignIn | { readonly user?: undefined });

/** Milliseconds of silence after which each step of a submission counts as failed. */
export interface SmtpTimeouts {
  readonly connectMs: number;
  readonly answerMs: number;
}

/** Not XOAUTH2: under that name the library wants to make tokens itself, and says passwords where it cannot. */
const TOKEN_METHOD = "TOKEN";

/** A connection that is not open yet, with TLS as the server's place wants it. */
export function smtpConnection(server: MailEndpoint, timeouts: SmtpTimeouts): SMTPConnection {
  return new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.secure,
    ...(requiresStartTls(server) ? { requireTLS: true } : {}),
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    socketTimeout: timeouts.answerMs,
    customAuth: { [TOKEN_METHOD]: sayToken },
  });
}

/** Runs one exchange with the server to its answer, or to the end of the connection. */
export type LoginStep = (
  run: (done: (error?: Error | null, info?: unknown) => void) => void,
) => Promise<unknown>;

/**
 * Connects and signs in. Throws `channel.unauthorized` when the account needs login, without connecting while that is
 * known.
 */
export async function connectSmtp(
  connection: SMTPConnection,
  server: SmtpServer,
  {
    step,
    account,
    reached = () => undefined,
  }: {
    readonly step: LoginStep;
    readonly account: LoginState;
    /** Gets the server's answer to our greeting, which names its extensions. */
    readonly reached?: (answer: string) => void;
  },
): Promise<void> {
  const connect = async (): Promise<void> => {
    await step((done) => connection.connect(done));
    reached(connection.lastServerResponse || "");
  };
  if (server.user === undefined) return connect();
  let connected = false;
  await signInBy(server, account, {
    refusalIn,
    attempt: async (login) => {
      if (!connected) await connect();
      connected = true;
      await step((done) => connection.login(authOf(login), done));
    },
  });
}

function authOf(login: Login) {
  const { user } = login;
  return "accessToken" in login
    ? { method: TOKEN_METHOD, credentials: { user, pass: login.accessToken } }
    : { credentials: { user, pass: login.pass } };
}

/**
 * The exchange as Google and Microsoft describe it. A refusal may come as 334 with details, and the server then waits
 * for an empty line before it says its 535.
 */
async function sayToken(exchange: CustomAuthenticationContext): Promise<void> {
  const { user, pass } = exchange.auth.credentials;
  const words = [`user=${user}`, `auth=Bearer ${pass}`, "", ""].join("\u0001");
  let answer = await exchange.sendCommand(`AUTH XOAUTH2 ${Buffer.from(words).toString("base64")}`);
  if (answer.status === 334) answer = await exchange.sendCommand("");
  if (answer.status !== 235) throw new Error("the token is refused");
}

const LoginFailure = z.object({
  message: z.string().catch(""),
  code: z.string().catch(""),
  responseCode: z.int().optional().catch(undefined),
});

/** What a server says that refuses a login; 4xx is none, it means later (RFC 4954 section 6). */
function refusalIn(error: unknown): string | null {
  const failure = LoginFailure.safeParse(error).data;
  if (failure?.code !== "EAUTH" || (failure.responseCode ?? 0) < 500) return null;
  return failure.message.slice(0, WORDS_MAX);
}

const WORDS_MAX = 200;
