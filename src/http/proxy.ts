/**
 * The way out of this process, by the conventional variables HTTPS_PROXY and NO_PROXY: which proxy leads to an address,
 * and the one exit that the built-in `fetch` and Slack's socket take. Everything that opens connections of its own asks
 * `proxyFor`. Only connections with TLS go through a proxy: one without reaches a server in the same network.
 */
import { Agent, type AgentOptions } from "node:https";
import { BlockList, isIP } from "node:net";
import type { Dispatcher } from "undici";

/** The operator's two variables; an address that is none counts as no proxy. */
export interface ProxySettings {
  readonly proxy: string | undefined;
  /** Names, addresses and networks that are reached directly, as curl reads them. */
  readonly noProxy: string | undefined;
}

/** One for the whole process, as the dispatcher of `fetch` is: the entry file sets it before anything is sent. */
const exit: {
  proxy: URL | null;
  isDirect: (url: URL) => boolean;
  dispatcher: Dispatcher | undefined;
} = { proxy: null, isDirect: () => true, dispatcher: undefined };

/** The proxy on the way to an address, whatever its protocol; null where it is reached directly. */
export function proxyFor(url: URL): URL | null {
  return exit.isDirect(url) ? null : exit.proxy;
}

/** What a WebSocket connects with, which does not ask `fetch`'s dispatcher; undefined without a proxy. */
export function socketDispatcher(): Dispatcher | undefined {
  return exit.dispatcher;
}

/**
 * Sends what leaves this process from now on through the proxy. Node's own support would be lost as soon as Slack's
 * library loads its undici, which replaces the dispatcher of `fetch`; so that undici is used here.
 */
export async function openExit({ proxy, noProxy = "" }: ProxySettings): Promise<void> {
  if (proxy === undefined || !URL.canParse(proxy)) return;
  const undici = await import("undici");
  const exemptions = noProxy.split(/[\s,]+/).flatMap((entry) => exemption(entry) ?? []);
  exit.proxy = new URL(proxy);
  exit.isDirect = (url) =>
    ["http:", "ws:"].includes(url.protocol) ||
    isLoopback(hostIn(url)) ||
    exemptions.some((fits) => fits(hostIn(url), portIn(url)));
  // As the built-in `fetch` does without a proxy, which knows HTTP/1.1 only.
  const tunnels = new undici.ProxyAgent({ uri: proxy, allowH2: false });
  exit.dispatcher = new undici.Agent({ allowH2: false }).compose(
    (direct) => (options, handler) =>
      proxyFor(new URL(String(options.origin))) === null
        ? direct(options, handler)
        : tunnels.dispatch({ ...options, origin: options.origin ?? "" }, handler),
  );
  undici.setGlobalDispatcher(exit.dispatcher);
}

/** Agents of `node:https` with these settings: the one for an address goes through the proxy where `proxyFor` says so. */
export function agentsWith(settings: AgentOptions): (url: URL) => Agent {
  const agents = new Map<string | undefined, Agent>();
  return (url) => {
    const proxy = proxyFor(url)?.href;
    const tunnel = proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxy } };
    const agent = agents.get(proxy) ?? new Agent({ ...settings, ...tunnel });
    agents.set(proxy, agent);
    return agent;
  };
}

type Fits = (host: string, port: string) => boolean;

/** `host`, `.host`, `*.host`, an address or a network, each with a port where only that one is meant; `*` is everything. */
const ENTRY = /^(?<place>\[[^\]]+\]|[^:]+|[\da-f:.]+(?:\/\d+)?)(?::(?<port>\d+))?$/i;

function exemption(entry: string): Fits | null {
  const { place = "", port } = ENTRY.exec(entry)?.groups ?? {};
  const [address = "", length] = place.replaceAll(/[[\]]/g, "").split("/");
  const fits = isIP(address) === 0 ? nameFits(place) : networkFits(address, length);
  return place === "" ? null : (host, at) => (port === undefined || port === at) && fits(host);
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

const isLoopbackAddress = [networkFits("127.0.0.0", "8"), networkFits("::1", undefined)];

function isLoopback(host: string): boolean {
  return (
    host === "localhost" ||
    host.endsWith(".localhost") ||
    isLoopbackAddress.some((fits) => fits(host))
  );
}

function hostIn({ hostname }: URL): string {
  return hostname.replaceAll(/[[\]]/g, "").replace(/\.$/, "").toLowerCase();
}

function portIn({ port, protocol }: URL): string {
  return port === "" && ["https:", "wss:"].includes(protocol) ? "443" : port;
}
