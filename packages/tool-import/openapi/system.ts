/** What a document says of the system as a whole: its name, where it is, how to sign in. */
import type { Problem, SecurityDescription, SystemDescription } from "#importing/description.ts";
import { isNode, listAt, type Node, nodeAt, textAt } from "./node.ts";
import { FIELD_TEXT_MAX, type InspectText, Texts } from "./texts.ts";
import type { References } from "./references.ts";

type Server = SystemDescription["servers"][number];
type Note = (at: string, says: string) => void;

const SERVERS_MAX = 20;
const SCHEMES_MAX = 20;
/** `test.` begins a host; at its end it is a domain of its own. */
const TEST_WORDS =
  /sandbox|\btest[. -]|\btesting|staging|\bdemo|\bmock|localhost|127\.0\.0\.1|example\.(?:com|org|net)/i;

/** The system without its operations. */
export function describeSystem(
  document: Node,
  from: { readonly base: string; readonly references: References; readonly inspect: InspectText },
): Omit<SystemDescription, "operations"> {
  const problems: Problem[] = [];
  const note: Note = (at, says) => problems.push({ at, says, effect: "changed" });
  const texts = new Texts(from.inspect, (says) => note("#/info", says));
  const info = nodeAt(document, "info");
  const described = {
    title: texts.description(textAt(info, "title"), FIELD_TEXT_MAX),
    version: textAt(info, "version").slice(0, 40),
    servers: documentServers(document, from.base, texts, note),
    security: signInSchemes(document, from),
  };
  return { ...described, problems };
}

function documentServers(
  document: Node,
  base: string,
  texts: Texts,
  note: Note,
): readonly Server[] {
  const found = new Map<string, Server>();
  for (const [at, server] of listAt(document, "servers").slice(0, SERVERS_MAX).entries()) {
    const where = `#/servers/${at}`;
    const written = withVariables(textAt(server, "url"), nodeAt(server, "variables"));
    const url = URL.parse(written, /^https?:/.test(base) ? base : undefined);
    if (url === null || !/^https?:$/.test(url.protocol)) {
      note(where, "The server is no whole address, so it is left out.");
      continue;
    }
    if (url.username !== "" || url.password !== "")
      note(where, "The server's address has a user or a password in it, which were taken out.");
    const description = texts.description(textAt(server, "description"), FIELD_TEXT_MAX);
    const plain = `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, "")}`;
    const isTest = TEST_WORDS.test(`${plain} ${description}`);
    found.set(plain, { url: plain, isTest });
  }
  return [...found.values()];
}

function withVariables(url: string, variables: Node | null): string {
  return url.slice(0, 500).replaceAll(/\{([^{}]{1,60})\}/g, (whole, name: string) => {
    return textAt(nodeAt(variables, name), "default") || whole;
  });
}

function signInSchemes(
  document: Node,
  { base, references }: { readonly base: string; readonly references: References },
): readonly SecurityDescription[] {
  const schemes = nodeAt(nodeAt(document, "components"), "securitySchemes") ?? {};
  return Object.entries(schemes)
    .slice(0, SCHEMES_MAX)
    .flatMap(([name, value]) => {
      if (!isNode(value)) return [];
      const followed = references.follow({ node: value, base });
      const node = followed.kind === "part" ? followed.part.node : value;
      return [{ name: name.slice(0, 80), ...signInScheme(node) }];
    });
}

type Scheme = SecurityDescription extends infer One
  ? One extends SecurityDescription
    ? Omit<One, "name">
    : never
  : never;

function signInScheme(node: Node): Scheme {
  const type = textAt(node, "type").toLowerCase();
  if (type === "apikey") return apiKey(node);
  if (type === "http") return httpScheme(textAt(node, "scheme").toLowerCase());
  return type === "oauth2" ? oauth(node) : UNSUPPORTED;
}

/** Such as a cookie, which belongs to a browser. */
const UNSUPPORTED = { kind: "unsupported" } as const;

function apiKey(node: Node): Scheme {
  const place = textAt(node, "in");
  const key = textAt(node, "name").slice(0, 80);
  if (place === "header" && /^authorization$/i.test(key)) return { kind: "bearer" };
  if ((place === "header" || place === "query") && key !== "")
    return { kind: "api-key", in: place, key };
  return UNSUPPORTED;
}

function httpScheme(scheme: string): Scheme {
  return scheme === "basic" || scheme === "bearer" ? { kind: scheme } : UNSUPPORTED;
}

/** Only one flow needs no person; a token from another one can still be given as a bearer token. */
function oauth(node: Node): Scheme {
  const flow = nodeAt(nodeAt(node, "flows"), "clientCredentials");
  if (flow === null) return { kind: "bearer" };
  const tokenUrl = tokenAddress(textAt(flow, "tokenUrl"));
  return tokenUrl === null ? UNSUPPORTED : { kind: "client-credentials", tokenUrl };
}

/** A path is below the server that is chosen, so that a sandbox hands out its own tokens. */
function tokenAddress(written: string): string | null {
  if (/^\/[^/\\\s]/.test(written)) return written.slice(0, 300);
  const url = URL.parse(written);
  return url?.protocol === "https:" ? `${url.origin}${url.pathname}` : null;
}
