/**
 * The way out of this process, by the conventional variables HTTPS_PROXY and NO_PROXY: which proxy leads to an address,
 * and the one exit that the built-in `fetch` and Slack's socket take. Everything that opens connections of its own asks
 * `proxyFor`. Only connections with TLS go through a proxy: one without reaches a server in the same network.
 */
import { readFileSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import type * as Undici from "undici";
import { reasonOf } from "#core/values/errors.ts";

/** One for the whole process, as the dispatcher of `fetch` is: the entry file sets it before anything is sent. */
const exit: { proxy: URL | null; isDirect: (url: URL) => boolean; dispatcher?: Undici.Dispatcher } =
  {
    proxy: null,
    isDirect: () => true,
  };

/** The proxy on the way to an address, whatever its protocol; null where it is reached directly. */
export function proxyFor(url: URL): URL | null {
  return exit.isDirect(url) ? null : exit.proxy;
}

/** What a WebSocket connects with, which does not ask `fetch`'s dispatcher; undefined without a proxy. */
export function socketDispatcher(): Undici.Dispatcher | undefined {
  return exit.dispatcher;
}

/**
 * Sends what leaves this process from now on through the proxy, but for the names, addresses and networks of `noProxy`,
 * which is read as by curl. Node's own support would read it in a way of its own, so that mail and requests could go
 * different ways; undici lets one rule decide. The certificates in the file `authorities` count for all connections.
 */
export async function openExit(
  proxy: string | undefined,
  noProxy: string | undefined,
  authorities?: string,
): Promise<void> {
  if (authorities !== undefined) trust(authorities);
  if (proxy === undefined) return;
  const undici = await import("undici");
  const exemptions = [...THIS_MACHINE, ...(noProxy ?? "").split(/[\s,]+/)].map(exemption);
  exit.proxy = new URL(proxy);
  exit.isDirect = (url) =>
    ["http:", "ws:"].includes(url.protocol) ||
    exemptions.some((fits) =>
      fits(
        url.hostname.replaceAll(/[[\]]/g, "").replace(/\.$/, "").toLowerCase(),
        url.port || "443",
      ),
    );
  exit.dispatcher = dispatcherBy(exit.proxy, undici);
  undici.setGlobalDispatcher(exit.dispatcher);
}

/**
 * Node reads NODE_EXTRA_CA_CERTS in its own environment alone, so what a file of settings says is read here. As there, a
 * file that cannot be read is a warning: https://nodejs.org/api/cli.html#node_extra_ca_certsfile
 */
function trust(file: string): void {
  if (getCACertificates("extra").length > 0) return;
  try {
    setDefaultCACertificates([...getCACertificates("default"), readFileSync(file, "utf8")]);
  } catch (error) {
    process.emitWarning(`Ignoring extra certs from ${file}: ${reasonOf(error)}`);
  }
}

/** Sends to each address by its way. HTTP/1.1 alone, as the built-in `fetch` does without a proxy. */
function dispatcherBy(proxy: URL, { Agent, ProxyAgent }: typeof Undici): Undici.Dispatcher {
  const tunnels = new ProxyAgent({ uri: proxy.href, allowH2: false });
  return new Agent({ allowH2: false }).compose(
    (direct) => (options, handler) =>
      proxyFor(new URL(String(options.origin))) === null
        ? direct(options, handler)
        : tunnels.dispatch({ ...options, origin: options.origin ?? "" }, handler),
  );
}

/** Reached directly whatever NO_PROXY says. */
const THIS_MACHINE = ["localhost", "127.0.0.0/8", "::1"];

/** `host`, `.host`, `*.host`, an address or a network, each with a port where only that one is meant; `*` is everything. */
const ENTRY = /^(?<place>\[[^\]]+\]|[^:]+|[\da-f:.]+(?:\/\d+)?)(?::(?<port>\d+))?$/i;

function exemption(entry: string): (host: string, port: string) => boolean {
  const { place = "", port } = ENTRY.exec(entry)?.groups ?? {};
  const [address = "", length] = place.replaceAll(/[[\]]/g, "").split("/");
  const fits = isIP(address) === 0 ? nameFits(place) : networkFits(address, length);
  return (host, at) => place !== "" && (port === undefined || port === at) && fits(host);
}

/** A name stands for all names below it; `*.host` stands for those alone. */
function nameFits(place: string): (host: string) => boolean {
  const name = place
    .toLowerCase()
    .replace(/^\*?\./, "")
    .replace(/\.$/, "");
  const isBelowOnly = place.startsWith("*.");
  return (host) => name === "*" || (host === name && !isBelowOnly) || host.endsWith(`.${name}`);
}

function networkFits(address: string, length: string | undefined): (host: string) => boolean {
  const [family, bits] = isIP(address) === 4 ? (["ipv4", 32] as const) : (["ipv6", 128] as const);
  const network = new BlockList();
  network.addSubnet(address, Math.min(Number(length ?? bits), bits), family);
  return (host) => isIP(host) !== 0 && network.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
}
