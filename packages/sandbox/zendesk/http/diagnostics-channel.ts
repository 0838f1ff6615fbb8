/** Publishes answered calls on a diagnostics channel. */
import { channel } from "node:diagnostics_channel";
import type { RequestHandler } from "express";

/** One call of the API and what was answered, as they went over the wire. */
interface Exchange {
  readonly method: string;
  /** Path with query, below the account's address. */
  readonly target: string;
  /** Without credentials. */
  readonly requestType: string | null;
  /** The parsed body, or undefined when there was none or it was no JSON. */
  readonly requestBody: unknown;
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** As sent; null for an answer without a body. */
  readonly body: string | null;
}

/**
 * Every answered call of a sandbox in this process is published here, so that another program can compare them with
 * Zendesk's own description. Without a listener it costs nothing.
 */
export const EXCHANGES = channel("deskhand.sandbox.zendesk.exchange");

/** Publishes each call once its answer is sent; a dropped connection has no answer and is not published. */
export const publishExchanges: RequestHandler = (request, response, next) => {
  if (!EXCHANGES.hasSubscribers) return next();
  const sent: { body: string | null } = { body: null };
  const send = response.send.bind(response);
  response.send = (body: unknown) => {
    if (typeof body === "string") sent.body = body;
    return send(body);
  };
  response.on("finish", () => {
    const exchange: Exchange = {
      method: request.method,
      target: request.originalUrl,
      requestType: request.get("content-type") ?? null,
      requestBody: Buffer.isBuffer(request.body) ? undefined : request.body,
      status: response.statusCode,
      headers: response.getHeaders(),
      body: sent.body,
    };
    EXCHANGES.publish(exchange);
  });
  next();
};
