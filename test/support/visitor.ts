/** A signed-in visitor of the chat, as a shop's page sends their messages and looks for answers. */
import { setTimeout as delay } from "node:timers/promises";
import { SignJWT } from "jose";
import { z } from "zod";

/** A token of the shop for this user. */
export function visitorToken(user: string, identitySecret: string): Promise<string> {
  return new SignJWT({})
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setExpirationTime("2h")
    .sign(new TextEncoder().encode(identitySecret));
}

/** One message of a visitor. */
export interface VisitorMessage {
  readonly token: string;
  readonly user: string;
  readonly conversation: string;
  readonly text: string;
  readonly id: string;
}

/** What became of a request; the status is null when no answer came, and the text then says why. */
export interface VisitorAnswer {
  readonly status: number | null;
  readonly text: string;
  readonly retryAfterMs: number;
}

/** Longer than the chat route waits before it tells the visitor to look later. */
const REQUEST_MS_MAX = 60_000;

/** Sends one message once. Never rejects: an answer that did not come is one, too. */
export async function sendInChat(
  chatUrl: string,
  message: VisitorMessage,
  signal: AbortSignal = AbortSignal.timeout(REQUEST_MS_MAX),
): Promise<VisitorAnswer> {
  try {
    const response = await fetch(chatUrl, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${message.token}` },
      body: JSON.stringify({
        user_id: message.user,
        message: message.text,
        conversation_id: message.conversation,
        message_id: message.id,
      }),
      signal,
    });
    const retryAfterMs = 1_000 * Number(response.headers.get("retry-after") ?? 1);
    return { status: response.status, text: await response.text(), retryAfterMs };
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return { status: null, text: String(cause), retryAfterMs: 0 };
  }
}

/** Reads are limited for each address, and all visitors of a run share one: a minute's wait is normal. */
const LOOKS_MAX = 30;
const LOOK_WAIT_MAX_S = 60;

/** A line that a visitor sees. */
export const VisibleLine = z.object({
  text: z.string(),
  at: z.iso.datetime().transform((text) => Date.parse(text)),
});
export type VisibleLine = z.infer<typeof VisibleLine>;

const Page = z.looseObject({ status: z.string(), messages: z.array(VisibleLine) });

/** A visitor's own chat. */
export type ChatPage = z.infer<typeof Page>;

/**
 * The chat as the first of these addresses shows it; null where there is none. Who is told to come back later does, as
 * often as it takes; any other answer is an error, since a refused look says nothing about what was answered.
 */
export async function lookInChat(
  chatUrls: readonly string[],
  conversation: string,
  token: string,
): Promise<ChatPage | null> {
  const refused: (number | null)[] = [];
  for (let attempt = 1; attempt <= LOOKS_MAX; attempt += 1) {
    const waits: number[] = [];
    for (const chatUrl of chatUrls) {
      const response = await fetch(`${chatUrl}/${conversation}`, {
        headers: { authorization: `Bearer ${token}` },
      }).catch(() => null);
      if (response?.ok === true) return Page.parse(await response.json());
      if (response?.status === 404) return null;
      refused.push(response?.status ?? null);
      if (response?.status === 429 || response?.status === 503)
        waits.push(Number(response.headers.get("retry-after") ?? "1"));
    }
    if (waits.length === 0) break;
    await delay(Math.min(Math.max(...waits, 1), LOOK_WAIT_MAX_S) * 1_000);
  }
  throw new Error(`no process shows the chat ${conversation}: ${refused.join(", ")}`);
}
