/** One request to a system that answers with JSON, and how it ended. */
import type { Clock } from "#core/contracts/ports.ts";
import { type Fetch, isUnsent, jsonIn, readText, retryAfterMs } from "./http-answer.ts";

/** How a request ended: an answer arrived, or it did not. */
export type HttpExchange =
  | {
      readonly kind: "answered";
      readonly status: number;
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
    readonly body: string | null;
  },
  over: { readonly fetch: Fetch; readonly clock: Clock; readonly answerBytesMax: number },
  signal: AbortSignal,
): Promise<HttpExchange> {
  if (signal.aborted) return { kind: "unsent", cause: signal.reason };
  const { url, method, headers, body } = request;
  try {
    const response = await over.fetch(url, {
      method,
      headers: { accept: "application/json", ...headers },
      ...(body === null ? {} : { body }),
      signal,
      redirect: "manual",
    });
    const text = await readText(response, over.answerBytesMax);
    return {
      kind: "answered",
      status: response.status,
      body: jsonIn(text),
      isEmpty: text === "",
      contentType: response.headers.get("content-type"),
      retryAfterMs: retryAfterMs(response.headers.get("retry-after"), over.clock.now()),
    };
  } catch (cause) {
    return { kind: isUnsent(cause) ? "unsent" : "lost", cause };
  }
}
