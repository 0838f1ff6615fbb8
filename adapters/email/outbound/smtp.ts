/** The SMTP connection that delivers a mail, and what its failures mean. */
import { Readable } from "node:stream";
import { z } from "zod";
import { DeskhandError } from "#core/values/errors.ts";
import type { OutgoingMail } from "./compose.ts";
import type { LoginState } from "#email/login/sign-in.ts";
import {
  connectSmtp,
  smtpConnection,
  type SmtpServer,
  type SmtpTimeouts,
  type LoginStep,
} from "./smtp-login.ts";

const SmtpFailure = z.object({
  message: z.string().catch(""),
  responseCode: z.int().optional().catch(undefined),
});

/** What nodemailer tells of a mail that was taken. */
const SmtpTaken = z.object({
  response: z.string().catch(""),
  rejected: z.array(z.string()).catch([]),
});

/** What the server said when it took the mail. */
export interface SmtpAnswer {
  readonly response: string;
}

/** Whether the server can have the mail. Once it asked for the content, silence says nothing. */
type Stage = "before-content" | "content";

/**
 * Hands one mail to the server. `beforeEnvelope` runs when login succeeded and nothing was announced yet; when it
 * throws, nothing was sent.
 *
 * Throws `channel.unauthorized` (the login is refused), `channel.unavailable` (not sent, try again),
 * `channel.refused` (not sent, final) or `channel.uncertain`: the content was under way and no answer
 * came, so the server may have it.
 */
export async function submitMail(
  server: SmtpServer,
  mail: OutgoingMail,
  options: {
    readonly timeouts: SmtpTimeouts;
    readonly account: LoginState;
    readonly signal: AbortSignal;
    readonly beforeEnvelope: () => Promise<void>;
  },
): Promise<SmtpAnswer> {
  const { timeouts, signal, account } = options;
  const connection = smtpConnection(server, timeouts);
  let stage: Stage = "before-content";
  const failed = Promise.withResolvers<never>();
  // The rejection needs a handler even when no caller waits.
  failed.promise.catch(() => {});
  connection.on("error", (error) => failed.reject(error));
  connection.on("end", () => failed.reject(new Error("the connection ended")));
  const abort = (): void => failed.reject(new Error("given up on waiting"));
  signal.addEventListener("abort", abort, { once: true });
  const step: LoginStep = (run) => {
    const done = Promise.withResolvers<unknown>();
    run((error, info) => (error ? done.reject(error) : done.resolve(info)));
    return Promise.race([done.promise, failed.promise]);
  };
  try {
    if (signal.aborted) abort();
    await connectSmtp(connection, server, { step, account });
    await options.beforeEnvelope();
    const content = Readable.from(
      (async function* content() {
        stage = "content";
        yield mail.raw;
      })(),
    );
    const envelope = { from: mail.returnPath, to: [mail.to] };
    const taken = SmtpTaken.parse(await step((done) => connection.send(envelope, content, done)));
    connection.quit();
    if (taken.rejected.length > 0) throw partly(taken);
    return { response: taken.response };
  } catch (error) {
    connection.close();
    throw error instanceof DeskhandError ? error : asSmtpError(error, stage);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** With one recipient this should not happen; reported all the same, since the customer has nothing. */
function partly({ rejected, response }: z.infer<typeof SmtpTaken>): DeskhandError {
  return new DeskhandError(
    "channel.refused",
    `the mail server took the mail, but not for ${rejected.join(", ")}: ${response}`,
  );
}

/** An answer of the server is certain; without one only the stage tells (RFC 5321 section 4.2.1 for the classes). */
function asSmtpError(error: unknown, stage: Stage): DeskhandError {
  const { message, responseCode } = SmtpFailure.parse(error);
  if (responseCode !== undefined && responseCode >= 500)
    return new DeskhandError("channel.refused", `the mail server refused: ${message}`, {
      cause: error,
    });
  if (responseCode !== undefined && responseCode >= 400)
    return new DeskhandError("channel.unavailable", `the mail server said later: ${message}`, {
      cause: error,
    });
  if (stage === "content")
    return new DeskhandError(
      "channel.uncertain",
      `no answer after the mail was handed over: ${message}`,
      {
        cause: error,
      },
    );
  return new DeskhandError("channel.unavailable", `the mail server cannot be reached: ${message}`, {
    cause: error,
  });
}
