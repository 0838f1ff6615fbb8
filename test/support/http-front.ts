/** Servers of the tests' own: on a free port of this machine, also in front of another one whose calls they change. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from "node:http";
import { closed, listen as portOf } from "./loopback.ts";

interface Listening {
  /** Without a slash at its end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** On a busy machine a client may use a connection again in the moment in which its server gives it up as idle. */
const KEPT_OPEN_MS = 120_000;

/** A server on a free port of this machine. */
export async function listen(answer: RequestListener): Promise<Listening> {
  const server = createServer({ keepAliveTimeout: KEPT_OPEN_MS }, answer);
  return {
    url: `http://127.0.0.1:${await portOf(server)}`,
    close: () => closed(server),
  };
}

/** An address at which no server listens. */
export async function deadUrl(): Promise<string> {
  const { url, close } = await listen(() => undefined);
  await close();
  return url;
}

/** A request's body, whole. */
export async function bytesOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return new Uint8Array(Buffer.concat(chunks));
}

/** A request that has come as far as the front. */
export interface Passing {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Asks the server behind, anew each time. */
  readonly forward: () => Promise<Response>;
}

/** What belongs to one connection (RFC 9110 7.6.1), or is made anew with the body. */
const OF_THE_CONNECTION = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "transfer-encoding",
]);

/** Stands before the server at `target`, whose address may be known later. `answer` is asked for each request; where it gives null the connection is cut. */
export async function openFront(
  target: string | (() => string),
  answer: (passing: Passing) => Promise<Response | null>,
): Promise<Listening> {
  return listen((request, response) => {
    const serve = async (): Promise<void> => {
      const { method = "GET", url: path = "", headers } = request;
      const body = await bytesOf(request);
      const passed = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
        OF_THE_CONNECTION.has(name) ? [] : [[name, String(value)]],
      );
      const forward = (): Promise<Response> =>
        fetch(`${typeof target === "string" ? target : target()}${path}`, {
          method,
          headers: passed,
          redirect: "manual",
          ...(body.length === 0 ? {} : { body }),
        });
      const asked = { method, path, headers, body: Buffer.from(body).toString(), forward };
      const given = await answer(asked);
      if (given === null) {
        response.destroy();
        return;
      }
      const kept = [...given.headers].filter(([name]) => !OF_THE_CONNECTION.has(name));
      response.writeHead(given.status, Object.fromEntries(kept));
      response.end(Buffer.from(await given.arrayBuffer()));
    };
    serve().catch(() => response.destroy());
  });
}
