/**
 * Room: HTTP requests of our own.
 * In: an address that an operator or a lead named.
 * Out: a page, as it came and unpacked; the beginning of an answer to what was sent.
 * May touch: the network, and no machine of the operator's own network by mistake.
 */
import { promises as dns } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { BlockList, isIP } from "node:net";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate } from "node:zlib";
import { readBytes } from "#core/connection/http-answer.ts";
import { unlessAborted } from "#core/values/deadline.ts";
import { DeskhandError, invalidInput } from "#core/values/errors.ts";
import { proxyFor } from "./proxy.ts";

/** Addresses that no public site has (IANA special-purpose registries, RFC 6890); cloud metadata is among them. */
const OWN_NETWORKS: readonly (readonly [string, number, "ipv4" | "ipv6"])[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.88.99.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  // Azure's own address for its machines.
  ["168.63.129.16", 32, "ipv4"],
  ["::", 96, "ipv6"],
  ["::ffff:0:0:0", 96, "ipv6"],
  ["64:ff9b::", 96, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["100::", 64, "ipv6"],
  ["2001::", 23, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["3fff::", 20, "ipv6"],
  ["5f00::", 16, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["fec0::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

const OWN = new BlockList();
for (const [net, prefix, family] of OWN_NETWORKS) OWN.addSubnet(net, prefix, family);

/** Whether an address is no server's on the public internet. An IPv4 address in IPv6 form is read as IPv4. */
export function isOwnNetwork(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  const mapped = /^::ffff:(?<ipv4>\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.groups?.["ipv4"];
  if (mapped !== undefined) return OWN.check(mapped, "ipv4");
  return OWN.check(address, family === 4 ? "ipv4" : "ipv6");
}

/** A page as it came, not yet decoded. */
export interface PublicAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How long a request may take, how large its answer may be, and whether it may go to the operator's own network. */
interface PublicFetchOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** True where the operator said so; false refuses every address that is not public. */
  readonly isLocal: boolean;
  readonly signal: AbortSignal;
  /** Resolves a name; the system's own where it is left out. */
  readonly lookup?: (host: string) => Promise<{ readonly address: string }>;
  readonly bytesMax: number;
}

/** One GET without following redirects. Throws as `openPublic` does. */
export async function publicFetch(url: URL, options: PublicFetchOptions): Promise<PublicAnswer> {
  const headers = { ...options.headers, "accept-encoding": "gzip, deflate, br" };
  const incoming = await openPublic(url, { ...options, headers });
  return readPublicAnswer(incoming, options.bytesMax);
}

/**
 * One POST without following redirects: its status, and the first `bytesMax` bytes of the answer or what came of them.
 * What follows is not read, however long it goes on. Throws as `openPublic` does.
 */
export async function publicPost(
  url: URL,
  options: PublicFetchOptions & { readonly body: string },
): Promise<{ readonly status: number; readonly beginning: string }> {
  const incoming = await openPublic(url, options);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    const stream: AsyncIterable<Uint8Array> = incoming;
    for await (const chunk of stream) {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes >= options.bytesMax) break;
    }
  } catch {
    // The status says what became of it, whatever happens to the words.
  }
  const beginning = Buffer.concat(chunks).subarray(0, options.bytesMax).toString();
  return { status: incoming.statusCode ?? 0, beginning };
}

/**
 * Begins one request; its answer is still to be read. The address is resolved once, checked, and connected to, so a name
 * cannot resolve to another address in between; a proxy is asked for that address too. Throws `input.invalid` for an
 * address that is not public, and the connection's own error.
 */
async function openPublic(
  url: URL,
  options: PublicFetchOptions & { readonly body?: string },
): Promise<IncomingMessage> {
  const { timeoutMs, isLocal, body, lookup = dns.lookup } = options;
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const proxy = proxyFor(url);
  // Behind a proxy this machine may know no names; unchecked ones are left to the proxy only where any address may be read.
  const isKnown = isIP(host) !== 0 || (isLocal && proxy !== null);
  const address = isKnown ? host : (await unlessAborted(lookup(host), signal)).address;
  if (!isLocal && isOwnNetwork(address))
    throw invalidInput(
      `${url.host} is an address of your own network (${address}), which is only ${body === undefined ? "read with --local" : "sent to where DESKHAND_WEBHOOK_LOCAL names it"}`,
    );
  signal.throwIfAborted();
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = send(
    url,
    {
      signal,
      method: body === undefined ? "GET" : "POST",
      headers: { ...options.headers, host: url.host },
      agent: proxy !== null && new Agent({ proxyEnv: { HTTPS_PROXY: proxy.href } }),
      hostname: address,
      ...(isIP(host) === 0 ? { servername: host } : {}),
    },
    resolve,
  );
  // That the time is over is the reason, not that the request was ended for it.
  outgoing.on("error", (error) => reject(signal.aborted ? signal.reason : error));
  outgoing.end(body);
  return promise;
}

async function readPublicAnswer(
  incoming: IncomingMessage,
  bytesMax: number,
): Promise<PublicAnswer> {
  // The connection ends with the reading, also where that stops early.
  const packed = await readBytes({ body: incoming }, bytesMax);
  if (packed === null) throw tooLarge(bytesMax);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      [value ?? ""].flat().join(", "),
    ]),
  );
  const body = await unpacked(packed, headers["content-encoding"] ?? "", bytesMax);
  return { status: incoming.statusCode ?? 0, headers, body };
}

const UNPACKERS: ReadonlyMap<string, (bytes: Uint8Array, limit: object) => Promise<Buffer>> =
  new Map([
    ["gzip", promisify(gunzip)],
    ["x-gzip", promisify(gunzip)],
    ["deflate", promisify(inflate)],
    ["br", promisify(brotliDecompress)],
  ]);

/** A small answer may unpack to gigabytes, so unpacking has the same bound. */
async function unpacked(body: Buffer, packing: string, bytesMax: number): Promise<Buffer> {
  if (packing === "" || packing === "identity") return body;
  const unpack = UNPACKERS.get(packing.trim().toLowerCase());
  if (unpack === undefined) throw new Error(`the answer is packed as ${packing}`);
  try {
    return await unpack(body, { maxOutputLength: bytesMax });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(bytesMax);
    throw error;
  }
}

function tooLarge(bytesMax: number): DeskhandError {
  return new DeskhandError("input.too_large", `it is larger than ${bytesMax / 1_000_000} MB`);
}

// The way to the servers of outgoing webhooks: public addresses over HTTPS, and those that the operator allows.

/** Enough for the words that are kept of an answer, whatever its alphabet. */
const ANSWER_BYTES_MAX = 1_000;

/**
 * `local` are the origins in the operator's own network that may be sent to. A host that is written as an address is
 * refused at once; what a name leads to is known when something is sent.
 */
export function webhookPort(
  local: readonly string[] = [],
  lookup?: NonNullable<Parameters<typeof publicPost>[1]["lookup"]>,
) {
  const allowed = new Set(local);
  const refusal = (text: string): string | null => {
    const url = URL.parse(text);
    if (url === null) return "is no address";
    if (url.username !== "" || url.password !== "") return "has a name or a password in it";
    if (url.hash !== "") return "has a # in it, which is not sent";
    if (allowed.has(url.origin)) return null;
    if (url.protocol !== "https:")
      return "has to begin with https://, unless the operator allows it with DESKHAND_WEBHOOK_LOCAL";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    return isIP(host) !== 0 && isOwnNetwork(host)
      ? "is in your own network, which the operator allows with DESKHAND_WEBHOOK_LOCAL"
      : null;
  };
  return {
    refusal,
    async post(
      text: string,
      request: Omit<Parameters<typeof publicPost>[1], "isLocal" | "bytesMax" | "lookup">,
    ) {
      const refused = refusal(text);
      if (refused !== null) throw invalidInput(`the address ${refused}`);
      const url = new URL(text);
      return publicPost(url, {
        ...request,
        isLocal: allowed.has(url.origin),
        bytesMax: ANSWER_BYTES_MAX,
        ...(lookup !== undefined && { lookup }),
      });
    },
  };
}
