/** Requests to the HTTP APIs of vendors and of your own systems: their paths and answers, and what tells a call that was never sent from one whose answer was lost. */
import { errorCode } from "#core/values/errors.ts";
import type { Clock } from "#core/contracts/ports.ts";

/** The part of `fetch` that is used here: a URL, a text body, a response read as a whole. */
export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Failures to connect: nothing of the request has left this machine. */
const UNSENT_CODES = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_PRX_CONN",
]);

/** Causes lie at most this deep: the library's error, the failure of `fetch`, one failure for several addresses. */
const CAUSES_MAX = 4;

/** True for a failure to connect, so that the vendor cannot have done anything. */
export function isUnsent(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < CAUSES_MAX; depth += 1) {
    // The built-in `fetch` asks at no port of other protocols (Fetch standard, "port blocking").
    if (cause.message === "bad port") return true;
    // A proxy that opens no way to the server; undici has no code of its own for it.
    if (cause.message.endsWith("!== 200 when HTTP Tunneling")) return true;
    if (UNSENT_CODES.has(errorCode(cause))) return true;
    // Several failed addresses of one host are reported as one error; the first stands for all.
    cause = cause instanceof AggregateError ? cause.errors[0] : cause.cause;
  }
  return false;
}

/** The bytes of an answer; null when there are more. A stated size is not trusted, and bytes count uncompressed. */
export async function readBytes(
  { body }: { readonly body: AsyncIterable<Uint8Array> | null },
  bytesMax: number,
): Promise<Buffer<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** An answer was left unread at its limit. Asked again, it would be as large. */
export class AnswerTooLarge extends Error {
  override readonly name = "AnswerTooLarge";
  constructor(bytesMax: number) {
    super(`the answer has more than ${bytesMax} bytes`);
  }
}

/**
 * A `fetch` that settles when the answer is there as a whole, so that a time limit on it covers all of it. Follows no
 * redirects. Rejects with what happened to the connection, and with `AnswerTooLarge` for more than `bytesMax` bytes.
 */
export function wholeFetch(bytesMax: number): Fetch {
  return async (target, init) => {
    try {
      const response = await fetch(target, { ...init, redirect: "manual" });
      if (response.body === null) return response;
      const bytes = await readBytes(response, bytesMax);
      if (bytes === null) throw new AnswerTooLarge(bytesMax);
      const { status, statusText, headers } = response;
      return new Response(bytes, { status, statusText, headers });
    } catch (error) {
      // The built-in one says "fetch failed" and keeps what happened in the cause.
      throw error instanceof TypeError && error.cause instanceof Error ? error.cause : error;
    }
  };
}

/** The text of an answer. Throws `AnswerTooLarge` when it has more bytes. */
async function readText(response: Response, bytesMax: number): Promise<string> {
  const bytes = await readBytes(response, bytesMax);
  if (bytes === null) throw new AnswerTooLarge(bytesMax);
  return new TextDecoder().decode(bytes);
}

/**
 * The JSON of an answer; undefined for what is none, such as a proxy's page. Throws `AnswerTooLarge` when it is too
 * large.
 */
export async function readJson(response: Response, bytesMax: number): Promise<unknown> {
  return jsonIn(await readText(response, bytesMax));
}

/** The JSON of a text; undefined for what is none. The caller decides by status and content type what that means. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Retry-After is seconds or a date (RFC 9110 10.2.3); some vendors send fractions of seconds. */
export function retryAfterMs(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}(\.\d+)?$/.test(header)) return Math.ceil(Number(header) * 1_000);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime());
}

/** How a request ended: an answer arrived, or it did not. */
export type HttpExchange =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: Headers;
      /** The answer's JSON; undefined for what is none, such as a proxy's page. */
      readonly body: unknown;
      readonly isEmpty: boolean;
      readonly contentType: string | null;
      readonly retryAfterMs: number | undefined;
    }
  /** The connection was never made, so the other side cannot have done anything. */
  | { readonly kind: "unsent"; readonly cause: unknown }
  | { readonly kind: "lost"; readonly cause: unknown };

/** Sends once and never throws. Redirects are not followed: what signs the request must not reach another host. */
export async function exchangeOnce(
  request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Uint8Array<ArrayBuffer> | null;
  },
  over: { readonly fetch: Fetch; readonly clock: Clock; readonly answerBytesMax: number },
  signal: AbortSignal,
): Promise<HttpExchange> {
  if (signal.aborted) return { kind: "unsent", cause: signal.reason };
  const { url, method, body } = request;
  const headers = sendableHeaders({ accept: "application/json", ...request.headers });
  if (headers instanceof Error) return { kind: "unsent", cause: headers };
  try {
    const response = await over.fetch(url, {
      method,
      headers,
      ...(body === null ? {} : { body }),
      signal,
      redirect: "manual",
    });
    const text = await readText(response, over.answerBytesMax);
    return {
      kind: "answered",
      status: response.status,
      headers: response.headers,
      body: jsonIn(text),
      isEmpty: text === "",
      contentType: response.headers.get("content-type"),
      retryAfterMs: retryAfterMs(response.headers.get("retry-after"), over.clock.now()),
    };
  } catch (cause) {
    // The reason of an abort tells nothing about this request.
    return { kind: !signal.aborted && isUnsent(cause) ? "unsent" : "lost", cause };
  }
}

/** The headers as they can be sent. The platform's own error repeats the value, which may be a credential. */
function sendableHeaders(headers: Readonly<Record<string, string>>): Headers | Error {
  try {
    return new Headers(headers);
  } catch {
    return new Error(
      "a header's value has characters that no header may have, such as a line break",
    );
  }
}

const CHARACTERS_MAX = 255;

/**
 * The value percent-encoded, null for one that cannot be a segment. URLs drop "." and ".." segments even when they are
 * percent-encoded (WHATWG URL 4.4), so such a value would request something else; a proxy that decodes slashes would
 * drop those between two of them.
 */
export function pathSegment(value: string): string | null {
  if (value === "" || value.length > CHARACTERS_MAX || !value.isWellFormed()) return null;
  const isDots = (part: string): boolean => part === "." || part === "..";
  return value.split(/[/\\]/).some(isDots) ? null : encodeURIComponent(value);
}

/** Names of this machine in an address. */
export const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** With TLS, or on this very machine. */
export function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.test(hostname));
}
