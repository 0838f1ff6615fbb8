/** Opens an OpenAPI document: lists what it offers, and describes the operations that are wanted. */
import type {
  OpenedSystem,
  OperationDescription,
  Problem,
  SignInScheme,
  SystemDescription,
} from "#importing/description.ts";
import { type Around, describeOperation } from "./describe.ts";
import { type Loaded, loadNamed, refusal } from "./document.ts";
import { listOperations, type Note, serversIn } from "./operations.ts";
import { isNode, type Node, nodeAt, type Part, References, textAt, valueAt } from "./references.ts";
import { FIELD_TEXT_MAX, type InspectText, Texts } from "./reading.ts";

export interface OpenOptions {
  /** Why a text of the document must not reach the model; null when it may. */
  readonly inspect: InspectText;
  /** Allows http and addresses of your own network. */
  readonly isLocal: boolean;
}

/** Documents that refer to documents that refer to documents. */
const ROUNDS_MAX = 50;

/**
 * Opens the OpenAPI 3.0 or 3.1 document in a file or at an address. Throws `input.invalid` or `input.too_large`, with a
 * sentence for the person who named it, when nothing of it can be used; whatever is wrong with a part becomes a problem.
 */
export async function openOpenApi(named: string, options: OpenOptions): Promise<OpenedSystem> {
  const loaded = await loadNamed(named, options.isLocal);
  return openContent(loaded, shortName(named), options.inspect);
}

/** Opens a document that has been read already; `name` is how errors call it. Throws as `openOpenApi` does. */
export async function openContent(
  loaded: Loaded,
  name: string,
  inspect: InspectText,
): Promise<OpenedSystem> {
  const document = { node: openApiIn(loaded.content, name), base: loaded.at };
  const references = new References(loaded);
  const { operations, problems } = await withMissing(references, () =>
    listOperations(document, { references, inspect }),
  );
  const system = describeSystem(document, { references, inspect });
  const { security } = system;
  const around: Around = { document: document.node, operations, references, inspect, security };
  return {
    system: {
      ...system,
      operations: operations.map(({ summary }) => summary),
      problems: [...system.problems, ...problems],
    },
    describe: (names) => describeAll(names, around),
  };
}

/** An address without its user, password and query, for errors. */
function shortName(named: string): string {
  const url = /^https?:/i.test(named) ? URL.parse(named) : null;
  return url === null ? named : `${url.host}${url.pathname}`;
}

/** The document when it is one of OpenAPI 3.0 or 3.1 with paths. Throws `input.invalid` with what it is instead. */
function openApiIn(content: unknown, name: string): Node {
  if (!isNode(content)) throw refusal(name, "it holds no map, so it is no OpenAPI document");
  const swagger = valueAt(content, "swagger");
  if (swagger !== undefined)
    throw refusal(
      name,
      "it is Swagger 2.0, which was followed by OpenAPI 3 in 2017; convert it first or ask its vendor for OpenAPI 3",
    );
  const version = textAt(content, "openapi");
  if (version === "")
    throw refusal(name, "it does not say that it is OpenAPI 3.0 or 3.1, and only these are read");
  if (!/^3\.[01](?:\.|$)/.test(version))
    throw refusal(name, `it is OpenAPI ${version.slice(0, 20)}; only 3.0 and 3.1 are read`);
  if (nodeAt(content, "paths") === null)
    throw refusal(name, "it is OpenAPI, but has no paths, so there is nothing to make tools of");
  return content;
}

/** Reads again while the answer rested on documents that had not been read yet. */
async function withMissing<Answer>(references: References, read: () => Answer): Promise<Answer> {
  for (let round = 0; ; round += 1) {
    const answer = read();
    if (round === ROUNDS_MAX || !(await references.loadMissing())) return answer;
  }
}

async function describeAll(
  names: readonly string[],
  around: Around,
): ReturnType<OpenedSystem["describe"]> {
  const operations: OperationDescription[] = [];
  const problems: Problem[] = [];
  for (const name of names) {
    const listed = around.operations.find(({ summary }) => summary.name === name);
    if (listed === undefined) {
      problems.push({ at: "", says: `There is no operation called ${name}.`, effect: "refused" });
      continue;
    }
    // Whatever a document holds, the other operations of it are described.
    try {
      const described = await withMissing(around.references, () =>
        describeOperation(listed, around),
      );
      problems.push(...described.problems);
      if (described.operation !== null) operations.push(described.operation);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const says = "Its schemas are nested too deeply to be read.";
      problems.push({ at: listed.at, says, effect: "refused" });
    }
  }
  return { operations, problems };
}

// What a document says of the system as a whole: its name, where it is, how to sign in.

const SCHEMES_MAX = 20;
function describeSystem(
  { node, base }: Part,
  from: { readonly references: References; readonly inspect: InspectText },
): Omit<SystemDescription, "operations"> {
  const problems: Problem[] = [];
  const note: Note = (at, says) => problems.push({ at, says, effect: "changed" });
  const texts = new Texts(from.inspect, (says) => note("#/info", says));
  const info = nodeAt(node, "info");
  return {
    title: texts.description(textAt(info, "title"), FIELD_TEXT_MAX),
    version: textAt(info, "version").slice(0, 40),
    servers: serversIn({ node, base }, texts, note),
    security: signInSchemes({ node, base }, from.references),
    problems,
  };
}

function signInSchemes(
  { node, base }: Part,
  references: References,
): SystemDescription["security"] {
  const schemes = nodeAt(nodeAt(node, "components"), "securitySchemes") ?? {};
  return Object.entries(schemes)
    .slice(0, SCHEMES_MAX)
    .flatMap(([name, value]) => {
      if (!isNode(value)) return [];
      const { node: scheme = value } = references.follow({ node: value, base }, () => {}) ?? {};
      return [{ name: name.slice(0, 80), ...signInScheme(scheme) }];
    });
}

function signInScheme(node: Node): SignInScheme {
  const type = textAt(node, "type").toLowerCase();
  if (type === "apikey") return apiKey(node);
  if (type === "oauth2") return oauth(node);
  const scheme = textAt(node, "scheme").toLowerCase();
  return type === "http" && (scheme === "basic" || scheme === "bearer")
    ? { kind: scheme }
    : UNSUPPORTED;
}

/** Such as a cookie, which belongs to a browser. */
const UNSUPPORTED = { kind: "unsupported" } as const;

function apiKey(node: Node): SignInScheme {
  const place = textAt(node, "in");
  const key = textAt(node, "name").slice(0, 80);
  if (place === "header" && /^authorization$/i.test(key)) return { kind: "bearer" };
  return (place === "header" || place === "query") && key !== ""
    ? { kind: "api-key", in: place, key }
    : UNSUPPORTED;
}

/** Only one flow needs no person; a token from another one can still be given as a bearer token. */
function oauth(node: Node): SignInScheme {
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
