/** A `fetch` for model calls that costs less CPU than the built-in one. */
import {
  Agent as HttpAgent,
  type ClientRequest,
  type IncomingMessage,
  request as httpRequest,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { WholeResponse, wholeText } from "./whole-response.ts";

/** The part of `fetch` the model client uses: a URL, a whole body, a response read as a whole. */
export type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

const ANSWER_BYTES_MAX = 8_000_000;

/**
 * `fetch` over node:http with keep-alive connections. The built-in one costs more CPU for each model call than all our
 * checks of a turn. Follows no redirects, sends text or bytes, and settles when the answer is complete: so a time limit
 * on it covers the whole answer. Rejects when the signal aborts, when the connection breaks before the end, and when
 * the answer is longer than `answerBytesMax`, also once it is unpacked.
 */
export function leanFetch({ answerBytesMax = ANSWER_BYTES_MAX } = {}): Fetch {
  const addressOf = addressReader();
  return async (target, init = {}) => {
    const { signal } = init;
    if (signal?.aborted) throw abortError(signal);
    const address = addressOf(target);
    const body = bytesOf(init.body);
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const outgoing = address.send(
      {
        ...address.options,
        method: init.method ?? "GET",
        headers: headerList(init.headers, address.host, body),
      },
      (incoming) => {
        collect(incoming, answerBytesMax, reject, (bytes) => {
          wholeText(bytes, incoming.headers["content-encoding"], answerBytesMax).then(
            (text) => resolve(new WholeResponse(incoming, text)),
            reject,
          );
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
    return signal ? untilAborted(promise, signal, outgoing) : promise;
  };
}

/** Where a request goes, with what node:http needs for it. */
interface Address {
  readonly send: typeof httpRequest;
  readonly host: string;
  readonly options: {
    readonly host: string;
    readonly port: string;
    readonly path: string;
    readonly agent: HttpAgent;
  };
}

/** Reads URLs. A client asks one address again and again, so the last one is kept. */
function addressReader(): (target: string | URL | Request) => Address {
  const http = { send: httpRequest, agent: new HttpAgent({ keepAlive: true }), port: "80" };
  const https = { send: httpsRequest, agent: new HttpsAgent({ keepAlive: true }), port: "443" };
  let last: { readonly target: string; readonly address: Address } | null = null;
  return (target) => {
    const href = target instanceof Request ? target.url : String(target);
    if (last?.target === href) return last.address;
    const { protocol, hostname, host, port, pathname, search } = new URL(href);
    if (protocol !== "http:" && protocol !== "https:") throw new Error(`cannot fetch ${protocol}`);
    const way = protocol === "http:" ? http : https;
    const address: Address = {
      send: way.send,
      host,
      options: {
        // An IPv6 address stands in brackets in a URL only.
        host: hostname.replace(/^\[(.*)\]$/, "$1"),
        port: port === "" ? way.port : port,
        path: `${pathname}${search}`,
        agent: way.agent,
      },
    };
    last = { target: href, address };
    return address;
  };
}

function bytesOf(body: RequestInit["body"]): Uint8Array | null {
  if (body === undefined || body === null) return null;
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new Error("only text and bytes are sent");
}

/** Names and values in turn, the form node:http writes without looking each one up again. */
function headerList(
  given: RequestInit["headers"],
  host: string,
  body: Uint8Array | null,
): readonly string[] {
  const list = ["host", host];
  for (const [name, value] of given instanceof Headers ? given : new Headers(given))
    if (name !== "host" && name !== "content-length") list.push(name, value);
  if (body !== null) list.push("content-length", String(body.byteLength));
  return list;
}

/** Hands on all bytes of an answer once it is complete. */
function collect(
  incoming: IncomingMessage,
  bytesMax: number,
  reject: (error: Error) => void,
  done: (bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  incoming.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length > bytesMax) incoming.destroy(new Error("the answer is too long"));
    else chunks.push(chunk);
  });
  incoming.on("error", reject);
  incoming.on("end", () => {
    const [first] = chunks;
    done(first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks));
  });
}

/** An abort ends the connection, and nothing stays with the signal afterwards: it may outlive many requests. */
async function untilAborted<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  outgoing: ClientRequest,
): Promise<Value> {
  const abort = (): void => void outgoing.destroy(abortError(signal));
  signal.addEventListener("abort", abort);
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The client tells an abort from a broken connection by this name. */
function abortError(signal: AbortSignal): Error {
  const error = new Error("the request was aborted", { cause: signal.reason });
  error.name = "AbortError";
  return error;
}
