/** Stands in for a system of one's own over HTTP: answers as it is told, and fails in the ways that systems fail. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** One request as it arrived. */
interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

interface StandInAnswer {
  readonly status: number;
  /** Sent as JSON; nothing is sent without it. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What goes wrong with a request. `isProcessed` says whether the system did what was asked. */
export type StandInFault =
  /** Processed, and then the connection breaks. */
  | { readonly kind: "lost" }
  /** The connection breaks before anything was done. */
  | { readonly kind: "cut" }
  /** Not looked at. */
  | { readonly kind: "busy"; readonly retryAfter?: string }
  | { readonly kind: "failed"; readonly status: number; readonly isProcessed: boolean }
  /** Processed at once, answered late. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Processed; the answer is JSON of so many bytes, sent piece by piece. */
  | { readonly kind: "large"; readonly bytes: number }
  /** Processed, but a page or half an answer comes back. */
  | { readonly kind: "html" }
  | { readonly kind: "broken-json" }
  | { readonly kind: "redirect"; readonly to: string }
  /** Every token issued so far is refused from now on, and nothing is done. */
  | { readonly kind: "expired-token" };

export interface StandIn {
  /** `http://127.0.0.1:PORT`, or `https` with certificates. */
  readonly url: string;
  /** Every request that arrived, in order, but those to the token endpoint. */
  readonly arrivals: readonly Arrival[];
  /** How often a token was asked for. */
  readonly tokenRequests: readonly Arrival[];
  /** How many bytes of answers of the fault `large` have left. */
  readonly largeBytesSent: () => number;
  /** What the system does when it looks at a request; at first, 404 for everything. */
  answerWith(handle: (arrival: Arrival) => StandInAnswer): void;
  /** The next `times` requests meet this fault, of those that `only` takes. */
  fail(
    fault: StandInFault,
    options?: { times?: number; only?: (arrival: Arrival) => boolean },
  ): void;
  /** From now on every request needs a token of `/oauth/token`, which is given for these credentials. */
  requireTokens(issued: TokensIssued): void;
  close(): Promise<void>;
}

interface TokensIssued {
  readonly client: string;
  readonly secret: string;
  readonly expiresInSeconds: number;
  /** How long the endpoint takes. */
  readonly delayMs?: number;
}

const PIECE = Buffer.alloc(64 * 1024, 0x20);
const NOT_FOUND: StandInAnswer = { status: 404, body: { error: { message: "no such thing" } } };

/** Starts on a free port of this machine. */
export async function startStandIn(tls: ServerOptions | null = null): Promise<StandIn> {
  const arrivals: Arrival[] = [];
  const faults: { fault: StandInFault; left: number; only: (arrival: Arrival) => boolean }[] = [];
  const tokens = tokenEndpoint();
  let largeBytesSent = 0;
  let handle: (arrival: Arrival) => StandInAnswer = () => NOT_FOUND;

  const listen = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const arrival = await arrivalOf(request);
    if (arrival.path === "/oauth/token") {
      sendAnswer(response, await tokens.answer(arrival));
      return;
    }
    arrivals.push(arrival);
    const next = faults.find(({ left, only }) => left > 0 && only(arrival));
    if (next !== undefined) next.left -= 1;
    if (next?.fault.kind === "expired-token") tokens.expire();
    if (!tokens.takes(arrival)) sendAnswer(response, { status: 401, body: { error: "expired" } });
    else if (next === undefined) sendAnswer(response, handle(arrival));
    else if (next.fault.kind === "large") {
      handle(arrival);
      await sendLarge(response, next.fault.bytes, (bytes) => void (largeBytesSent += bytes));
    } else await failWith(next.fault, response, () => handle(arrival));
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    listen(request, response).catch(() => response.destroy());
  };
  const server = tls === null ? createServer(onRequest) : createSecureServer(tls, onRequest);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === null ? "http" : "https"}://127.0.0.1:${port}`,
    arrivals,
    tokenRequests: tokens.requests,
    largeBytesSent: () => largeBytesSent,
    answerWith: (next) => void (handle = next),
    fail: (fault, { times = 1, only = () => true } = {}) =>
      void faults.push({ fault, left: times, only }),
    requireTokens: tokens.require,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function arrivalOf(request: IncomingMessage): Promise<Arrival> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  return {
    method: request.method ?? "",
    path: pathname,
    query: searchParams,
    headers: request.headers,
    text: Buffer.concat(chunks).toString("utf8"),
  };
}

function sendAnswer(response: ServerResponse, { status, body, headers = {} }: StandInAnswer): void {
  const content = body === undefined ? {} : { "content-type": "application/json" };
  response.writeHead(status, { ...content, ...headers });
  response.end(body === undefined ? "" : JSON.stringify(body));
}

async function failWith(
  fault: Exclude<StandInFault, { kind: "large" }>,
  response: ServerResponse,
  process: () => StandInAnswer,
): Promise<void> {
  switch (fault.kind) {
    case "cut":
    case "expired-token":
      return void response.destroy();
    case "lost":
      process();
      return void response.destroy();
    case "busy":
      return sendAnswer(response, {
        status: 429,
        body: { error: { message: "slow down" } },
        headers: fault.retryAfter === undefined ? {} : { "retry-after": fault.retryAfter },
      });
    case "failed":
      if (fault.isProcessed) process();
      return sendAnswer(response, { status: fault.status, body: { error: { message: "broken" } } });
    case "slow": {
      const answer = process();
      await delay(fault.ms, undefined, { ref: false });
      return sendAnswer(response, answer);
    }
    case "html":
      process();
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      return void response.end("<!doctype html><title>Sign in</title>");
    case "broken-json":
      process();
      response.writeHead(200, { "content-type": "application/json" });
      return void response.end('{"id": "1", "total');
    case "redirect":
      response.writeHead(302, { location: fault.to });
      return void response.end();
  }
}

/** White space around a small value is JSON of any size. */
async function sendLarge(
  response: ServerResponse,
  bytes: number,
  sent: (bytes: number) => void,
): Promise<void> {
  response.writeHead(200, { "content-type": "application/json" });
  for (let at = 0; at < bytes && !response.destroyed; at += PIECE.length) {
    const hasRoom = response.write(PIECE);
    if (!hasRoom) await Promise.race([once(response, "drain"), once(response, "close")]);
    sent(PIECE.length);
  }
  response.end("{}");
}

/** Gives out tokens for client credentials (RFC 6749 4.4), in the header or in the body. */
function tokenEndpoint(): {
  readonly requests: Arrival[];
  readonly require: (issued: TokensIssued) => void;
  readonly expire: () => void;
  readonly takes: (arrival: Arrival) => boolean;
  readonly answer: (arrival: Arrival) => Promise<StandInAnswer>;
} {
  const requests: Arrival[] = [];
  const valid = new Set<string>();
  let issued: TokensIssued | null = null;
  return {
    requests,
    require: (given) => void (issued = given),
    expire: () => valid.clear(),
    takes: ({ headers }) =>
      issued === null || valid.has((headers.authorization ?? "").replace(/^Bearer /, "")),
    async answer(arrival) {
      requests.push(arrival);
      if (issued === null) return NOT_FOUND;
      await delay(issued.delayMs ?? 0);
      if (!isClient(arrival, issued)) return { status: 401, body: { error: "invalid_client" } };
      const token = `token-${requests.length}`;
      valid.add(token);
      return {
        status: 200,
        body: { access_token: token, token_type: "bearer", expires_in: issued.expiresInSeconds },
      };
    },
  };
}

function isClient({ headers, text }: Arrival, { client, secret }: TokensIssued): boolean {
  const form = new URLSearchParams(text);
  if (form.get("grant_type") !== "client_credentials") return false;
  const inHeader = Buffer.from(`${encodeURIComponent(client)}:${encodeURIComponent(secret)}`);
  return (
    headers.authorization === `Basic ${inHeader.toString("base64")}` ||
    (form.get("client_id") === client && form.get("client_secret") === secret)
  );
}
