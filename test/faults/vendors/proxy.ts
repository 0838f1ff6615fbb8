/** An HTTP proxy between Deskhand and a fake vendor that loses answers, hangs, cuts connections and answers itself. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { closed, listen } from "#test/support/loopback.ts";

/** A request as it passes through. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What becomes of one request. */
export type Fate =
  | { readonly kind: "pass"; readonly delayMs?: number }
  /** The vendor carries the request out, and its answer is lost. */
  | { readonly kind: "lose" }
  /** The connection is cut before the request reaches the vendor. */
  | { readonly kind: "cut" }
  /** The proxy answers in place of the vendor. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** No answer ever; the request reaches the vendor when `reaches` is set. */
  | { readonly kind: "hang"; readonly reaches?: boolean };

export const PASS: Fate = { kind: "pass" };

export interface Proxy {
  readonly url: string;
  /** The number of requests by their result, for reports. */
  readonly counts: () => Readonly<Record<Fate["kind"], number>>;
  close(): Promise<void>;
}

/** Forwards to `target`. `fate` is called once for each request and decides its result. */
export async function startProxy(options: {
  readonly target: string;
  readonly fate: (request: ProxiedRequest) => Fate;
}): Promise<Proxy> {
  const counts: Record<Fate["kind"], number> = { pass: 0, lose: 0, cut: 0, answer: 0, hang: 0 };
  const server = createServer((request, response) => {
    handle(request, response, options, counts).catch(() => response.destroy());
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}`,
    counts: () => ({ ...counts }),
    close: () => closed(server),
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: Parameters<typeof startProxy>[0],
  counts: Record<Fate["kind"], number>,
): Promise<void> {
  const passing = await read(request);
  const fate = options.fate(passing);
  counts[fate.kind] += 1;
  switch (fate.kind) {
    case "cut":
      response.destroy();
      return;
    case "answer":
      response.writeHead(fate.status, fate.headers).end(fate.body ?? "");
      return;
    case "hang":
      if (fate.reaches === true) await (await forward(passing, options.target)).text();
      return;
    case "lose":
      await (await forward(passing, options.target)).text();
      response.destroy();
      return;
    case "pass": {
      if (fate.delayMs !== undefined) await delay(fate.delayMs);
      const answer = await forward(passing, options.target);
      const answered = await answer.text();
      const type = answer.headers.get("content-type");
      const retryAfter = answer.headers.get("retry-after");
      response.writeHead(answer.status, {
        ...(type === null ? {} : { "content-type": type }),
        ...(retryAfter === null ? {} : { "retry-after": retryAfter }),
      });
      response.end(answered);
      return;
    }
    default:
      throw new Error(`unknown fate ${String(fate satisfies never)}`);
  }
}

/** Headers that belong to one connection (RFC 9110 7.6.1) or are made anew from the body. */
const OF_THE_CONNECTION = new Set([
  "connection",
  "keep-alive",
  "host",
  "content-length",
  "transfer-encoding",
  "expect",
  "accept-encoding",
]);

async function read(request: IncomingMessage): Promise<ProxiedRequest> {
  const body = await text(request);
  const headers = Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" && !OF_THE_CONNECTION.has(name) ? [[name, value]] : [],
    ),
  );
  return {
    method: request.method ?? "GET",
    path: request.url ?? "/",
    headers,
    body,
  };
}

function forward(passing: ProxiedRequest, target: string): Promise<Response> {
  return fetch(`${target}${passing.path}`, {
    method: passing.method,
    headers: passing.headers,
    ...(passing.body === "" ? {} : { body: passing.body }),
    redirect: "manual",
  });
}
