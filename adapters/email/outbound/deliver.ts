/**
 * Delivers a mail, over an SMTP connection that signs in or, where administrators forbid SMTP, through Microsoft
 * Graph; and what the failures of both mean.
 */
import { Readable } from "node:stream";
import SMTPConnection, { type CustomAuthenticationContext } from "nodemailer/lib/smtp-connection";
import httpProxyClient from "nodemailer/lib/smtp-connection/http-proxy-client";
import { z } from "zod";
import {
  type LoginState,
  type Login,
  type MailEndpoint,
  type MailSignIn,
  signInBy,
  requiresStartTls,
  type MailToken,
} from "#email/login/sign-in.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { exchangeOnce, type HttpExchange } from "#core/connection/http-answer.ts";
import type { Clock } from "#core/contracts/ports.ts";

/** One SMTP submission server. Without a user it is spoken to without login. */
export type SmtpServer = MailEndpoint & (MailSignIn | { readonly user?: undefined });

/** Milliseconds of silence after which each step of a submission counts as failed. */
export interface SmtpTimeouts {
  readonly connectMs: number;
  /** How long a mail server may take to answer before the outcome of a sending is unknown. */
  readonly smtpAnswerMs: number;
}

/** Not XOAUTH2: under that name the library wants to make tokens itself, and says passwords where it cannot. */
const TOKEN_METHOD = "TOKEN";
const ENVELOPE = "ENVELOPE";

/** A connection that is not open yet, with TLS as the server's place wants it, and how its exchanges are run. */
export function smtpLine(server: MailEndpoint, timeouts: SmtpTimeouts) {
  const connection = new SMTPConnection({
    host: server.host,
    port: server.port,
    secure: server.secure,
    ...(requiresStartTls(server) ? { requireTLS: true } : {}),
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    socketTimeout: timeouts.smtpAnswerMs,
    customAuth: { [TOKEN_METHOD]: sayToken, [ENVELOPE]: sayEnvelope },
  });
  const failed = Promise.withResolvers<never>();
  // The rejection needs a handler even when no caller waits.
  failed.promise.catch(() => {});
  connection.on("error", (error) => failed.reject(error));
  connection.on("end", () => failed.reject(new Error("the connection ended")));
  return {
    connection,
    /** Ends the exchange under way, and every one after it, with this error. */
    giveUp: failed.reject,
    /** Runs one exchange with the server to its answer, or to the end of the connection. */
    step: (run: (done: (error?: Error | null, info?: unknown) => void) => void) => {
      const done = Promise.withResolvers<unknown>();
      run((error, info) => (error ? done.reject(error) : done.resolve(info)));
      return Promise.race([done.promise, failed.promise]);
    },
  };
}

type SmtpLine = ReturnType<typeof smtpLine>;

/**
 * Connects and signs in. Throws `channel.unauthorized` when the account needs login, without connecting while that is
 * known.
 */
export async function connectSmtp(
  { connection, step }: Pick<SmtpLine, "connection" | "step">,
  server: SmtpServer,
  {
    account,
    reached = () => undefined,
  }: {
    readonly account: LoginState;
    /** Gets the server's answer to our greeting, which names its extensions. */
    readonly reached?: (answer: string) => void;
  },
): Promise<void> {
  const connect = async (): Promise<void> => {
    const { proxy, port, host } = server;
    const { connectionTimeout: timeout } = connection.options;
    let isGivenUp = false;
    if (proxy !== undefined)
      await step((done) =>
        httpProxyClient(proxy, port, host, { timeout }, (error, socket) => {
          if (isGivenUp) socket?.destroy();
          else if (socket) connection.options.connection = socket;
          done(error);
        }),
      ).finally(() => (isGivenUp = true));
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
      await step((done) => connection.login(smtpAuthentication(login), done));
    },
  });
}

function smtpAuthentication(login: Login) {
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

/** What a failure of the connection or the server tells. */
const SmtpFailure = z.object({
  message: z.string().catch(""),
  code: z.string().catch(""),
  responseCode: z.int().optional().catch(undefined),
});

/** What a server says that refuses a login; 4xx is none, it means later (RFC 4954 section 6). */
function refusalIn(error: unknown): string | null {
  const failure = SmtpFailure.safeParse(error).data;
  if (failure?.code !== "EAUTH" || (failure.responseCode ?? 0) < 500) return null;
  return failure.message.slice(0, WORDS_MAX);
}

const WORDS_MAX = 200;

/** What nodemailer tells of a mail that was taken. */
const SmtpTaken = z.object({
  response: z.string().catch(""),
  rejected: z.array(z.string()).catch([]),
});

/** Whether the server can have the mail. Once it asked for the content, silence says nothing. */
type Stage = "before-content" | "content";

/** How one mail is handed over. */
interface SubmitOptions {
  readonly timeouts: SmtpTimeouts;
  readonly account: LoginState;
  readonly signal: AbortSignal;
  readonly beforeSending: () => Promise<unknown>;
}

/**
 * Hands one mail to the server and gives what it said when it took it, and whom in copy it refused.
 * `beforeSending` runs when login succeeded and nothing was announced yet; when it throws, nothing was
 * sent.
 *
 * Throws `channel.unauthorized` (the login is refused), `channel.unavailable` (not sent, try again),
 * `channel.refused` (not sent, final) or `channel.uncertain`: the content was under way and no answer
 * came, so the server may have it.
 */
export async function submitMail(
  server: SmtpServer,
  mail: {
    readonly raw: Buffer;
    readonly returnPath: string;
    readonly to: string;
    readonly cc?: readonly string[];
  },
  options: SubmitOptions,
): Promise<z.infer<typeof SmtpTaken>> {
  const { timeouts, signal, account } = options;
  const line = smtpLine(server, timeouts);
  const { connection, step } = line;
  let stage: Stage = "before-content";
  const abort = (): void => line.giveUp(new Error("given up on waiting"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) abort();
    await connectSmtp(line, server, { account });
    await options.beforeSending();
    const content = Readable.from(
      (async function* content() {
        stage = "content";
        yield mail.raw;
      })(),
    );
    const envelope = { from: mail.returnPath, to: [mail.to, ...(mail.cc ?? [])] };
    const taken = SmtpTaken.parse(await step((done) => connection.send(envelope, content, done)));
    connection.quit();
    // Without one of those in Cc it is out all the same.
    if (taken.rejected.includes(mail.to)) throw partly(taken);
    return taken;
  } catch (error) {
    connection.close();
    throw error instanceof DeskhandError ? error : asSmtpError(error, stage);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Throws `channel.refused`, with the refused command, where the server takes no mail of this address to itself. Nothing is sent. */
export async function trySender({ connection, step }: SmtpLine, address: string): Promise<void> {
  const asked = { method: ENVELOPE, user: address, pass: "" };
  await step((done) => connection.login(asked, done)).catch((error: unknown) => {
    const failed = asSmtpError(error, "before-content");
    if (failed.code === "channel.refused") throw failed;
  });
}

/** Sender and recipient without DATA: the library says such commands in a login of one's own only. */
async function sayEnvelope(exchange: CustomAuthenticationContext): Promise<void> {
  const { user } = exchange.auth.credentials;
  for (const command of [`MAIL FROM:<${user}>`, `RCPT TO:<${user}>`]) {
    const { response } = await exchange.sendCommand(command);
    if (!response.startsWith("2")) throw new Error(command);
  }
}

/** Reported although others may have it, since the customer has nothing. */
function partly({ rejected, response }: z.infer<typeof SmtpTaken>): DeskhandError {
  return new DeskhandError(
    "channel.refused",
    `the mail server took the mail, but not for ${rejected.join(", ")}: ${response}`,
  );
}

/** Limits of our own account, which end within a day though they are refusals (Gmail, Exchange Online); none is about the mail. */
const OF_ACCOUNT =
  /\b5\.4\.5\b|\b5\.2\.2\b(?=[^\n]{0,200}submission)|\b5\.2\.25[1345]\b|\bSTOREDRV\b|: 53[05] /i;

/** An answer of the server is certain; without one only the stage tells (RFC 5321 section 4.2.1 for the classes). */
function asSmtpError(error: unknown, stage: Stage): DeskhandError {
  const { message, responseCode } = SmtpFailure.parse(error);
  const failed = (code: DeskhandError["code"], words: string): DeskhandError =>
    new DeskhandError(code, `${words}: ${message}`, { cause: error });
  if (responseCode !== undefined && responseCode >= 500 && !OF_ACCOUNT.test(message))
    return failed("channel.refused", "the mail server refused");
  if (responseCode !== undefined && responseCode >= 400)
    return failed("channel.unavailable", "the mail server said later");
  return stage === "content"
    ? failed("channel.uncertain", "no answer after the mail was handed over")
    : failed("channel.unavailable", "the mail server cannot be reached");
}

/** One mailbox of Exchange Online that mail is sent from. */
export interface GraphMailbox {
  /** Such as `https://graph.microsoft.com/v1.0`. */
  readonly url: string;
  /** The mailbox: its address or id. */
  readonly user: string;
  readonly token: MailToken;
}

const ANSWER_BYTES_MAX = 64 * 1024;
/** The token, what it was granted, or the mailbox is not right, whatever is sent. */
class NotGranted extends Error {}

/**
 * Hands one mail to Exchange, which keeps the copy in Sent Items by itself. That it was accepted is all it says: neither
 * that it went out, nor under which Message-ID. `beforeSending` runs when there is a token; when it throws, nothing was
 * sent. Throws as `submitMail` does, and `channel.rate_limited` with the time to wait.
 */
export async function submitByGraph(
  mailbox: GraphMailbox,
  raw: Buffer,
  options: SubmitOptions & { readonly clock: Clock },
): Promise<void> {
  const { url, user } = mailbox;
  const over = { fetch, clock: options.clock, answerBytesMax: ANSWER_BYTES_MAX };
  await signInBy(mailbox, options.account, {
    refusalIn: (error) => (error instanceof NotGranted ? error.message : null),
    attempt: async (login) => {
      await options.beforeSending();
      const request = {
        url: `${url}/users/${encodeURIComponent(user)}/sendMail`,
        method: "POST",
        headers: {
          authorization: `Bearer ${"accessToken" in login ? login.accessToken : ""}`,
          "content-type": "text/plain",
        },
        body: raw.toString("base64"),
      };
      const signal = AbortSignal.any([
        options.signal,
        AbortSignal.timeout(options.timeouts.smtpAnswerMs),
      ]);
      requireAccepted(await exchangeOnce(request, over, signal));
    },
  });
}

function requireAccepted(ended: HttpExchange): void {
  if (ended.kind !== "answered")
    throw ended.kind === "unsent"
      ? new DeskhandError("channel.unavailable", "Graph cannot be reached", ended)
      : new DeskhandError("channel.uncertain", "no answer after the mail was handed over", ended);
  const { status, body, retryAfterMs } = ended;
  if (status === 202) return;
  const said = `Graph says ${status} ${Refusal.parse(body)}`;
  // This mail's sender is not the mailbox's; all others may go on.
  if (said.includes("ErrorSendAsDenied")) throw new DeskhandError("channel.refused", said);
  if ([401, 403, 404].includes(status)) throw new NotGranted(said);
  // A server that names a time has put the request off; any other failure leaves open how far it came.
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    throw new DeskhandError("channel.rate_limited", said, { retryAfterMs });
  const isRefused = status >= 400 && status < 500 && status !== 408;
  throw new DeskhandError(isRefused ? "channel.refused" : "channel.uncertain", said);
}

/** What the service says of a refusal, cut as the words of other servers are. */
const Refusal = z
  .object({ error: z.object({ code: z.string(), message: z.string() }) })
  .transform(({ error: { code, message } }) => `${code}: ${message}`.slice(0, 200))
  .catch("no reason");
