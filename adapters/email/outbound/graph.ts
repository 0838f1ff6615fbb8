/** Sends mail through Microsoft Graph, for mailboxes whose administrators forbid SMTP, and what its answers mean. */
import { z } from "zod";
import { exchangeOnce, type HttpExchange } from "#core/connection/http-answer.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type MailToken, signInBy } from "#email/login/sign-in.ts";
import type { SubmitOptions } from "./smtp.ts";

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
  // A server that names a time has put the request off; of any other failure nobody knows how far it came.
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
