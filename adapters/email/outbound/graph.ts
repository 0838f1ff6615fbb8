/** Sends mail through Microsoft Graph, for mailboxes whose administrators forbid SMTP, and what its answers mean. */
import { z } from "zod";
import { exchangeOnce } from "#core/connection/http-answer.ts";
import type { Clock } from "#core/contracts/ports.ts";
import { DeskhandError } from "#core/values/errors.ts";
import { type LoginState, type MailToken, signInBy } from "#email/login/sign-in.ts";

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
const NOT_GRANTED = [401, 403, 404];

class NotGranted extends Error {}

/**
 * Hands one mail to Exchange, which keeps the copy in Sent Items by itself. That it was accepted is all it says: neither
 * that it went out, nor under which Message-ID. `beforeSending` runs when there is a token; when it throws, nothing was
 * sent. Throws as `submitMail` does, and `channel.rate_limited` with the time to wait.
 */
export async function submitByGraph(
  mailbox: GraphMailbox,
  raw: Buffer,
  options: {
    readonly answerMs: number;
    readonly clock: Clock;
    readonly account: LoginState;
    readonly signal: AbortSignal;
    readonly beforeSending: () => Promise<unknown>;
  },
): Promise<void> {
  await signInBy(mailbox, options.account, {
    refusalIn: (error) => (error instanceof NotGranted ? error.message : null),
    attempt: async (login) => {
      await options.beforeSending();
      await post(mailbox, raw, "accessToken" in login ? login.accessToken : "", options);
    },
  });
}

async function post(
  { url, user }: GraphMailbox,
  raw: Buffer,
  token: string,
  { answerMs, clock, signal }: Pick<Parameters<typeof submitByGraph>[2], "answerMs" | "clock" | "signal">,
): Promise<void> {
  const ended = await exchangeOnce(
    {
      url: `${url}/users/${encodeURIComponent(user)}/sendMail`,
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "text/plain" },
      body: raw.toString("base64"),
    },
    { fetch, clock, answerBytesMax: ANSWER_BYTES_MAX },
    AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
  );
  if (ended.kind !== "answered")
    throw ended.kind === "unsent"
      ? new DeskhandError("channel.unavailable", "Graph cannot be reached", ended)
      : new DeskhandError("channel.uncertain", "no answer after the mail was handed over", ended);
  const { status, body, retryAfterMs } = ended;
  if (status >= 200 && status < 300) return;
  const said = `Graph says ${status} ${wordsIn(body)}`.trim();
  if (NOT_GRANTED.includes(status)) throw new NotGranted(said);
  // A server that names a time has put the request off; of any other failure nobody knows how far it came.
  if (status === 429 || (status === 503 && retryAfterMs !== undefined))
    throw new DeskhandError("channel.rate_limited", said, { retryAfterMs });
  throw new DeskhandError(status >= 500 ? "channel.uncertain" : "channel.refused", said);
}

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string().catch("") }) });

function wordsIn(body: unknown): string {
  const { data } = Refusal.safeParse(body);
  return data === undefined ? "" : `${data.error.code}: ${data.error.message}`.slice(0, 200);
}
