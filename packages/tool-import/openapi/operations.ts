/** The operations of a document, each with a name that is an identifier and its own, and where the system is. */
import type { OperationSummary, Problem, SystemDescription } from "#importing/description.ts";
import {
  isNode,
  isTrueAt,
  nodeAt,
  pointerStep,
  textAt,
  type Part,
  type References,
  listAt,
  type Node,
} from "./references.ts";
import { guessKind } from "#importing/openapi/guesses/links.ts";
import {
  OPERATION_TEXT_MAX,
  Texts,
  type InspectText,
  snakeCase,
  FIELD_TEXT_MAX,
} from "./reading.ts";

/** One operation, with the part of the document it stands in. */
export interface Listed {
  readonly summary: OperationSummary;
  readonly part: Part;
  /** The path item, for parameters and servers that all its operations share. */
  readonly item: Part;
  /** JSON pointer of the operation. */
  readonly at: string;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
type Method = (typeof METHODS)[number];

const OPERATIONS_MAX = 5_000;
const NAME_MAX = 64;
/** Segments that say which release of the interface it is, and nothing about the operation. */
const VERSION = /^(?:api|v\d+(?:\.\d+)*|\d{4}-\d{2}(?:-\d{2})?)$/i;

type Found = Omit<Listed, "summary"> & { readonly method: Method; readonly path: string };

/** Lists the operations of a document. Paths that cannot be read are named in `problems`. */
export function listOperations(
  document: Part,
  { references, inspect }: { readonly references: References; readonly inspect: InspectText },
): { readonly operations: readonly Listed[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const found = foundOperations(document, references, problems);
  const names = uniqueNames(found, problems);
  const operations = found.map(({ method, path, ...listed }, index): Listed => {
    const { node } = listed.part;
    const texts = new Texts(inspect, (says) =>
      problems.push({ at: listed.at, says, effect: "changed" }),
    );
    const words = textAt(node, "summary") || textAt(node, "description");
    const summary = texts.description(words, OPERATION_TEXT_MAX);
    const operationId = texts.exact(textAt(node, "operationId")) || null;
    return {
      ...listed,
      summary: {
        name: names[index] ?? "",
        operationId,
        method,
        path,
        summary,
        deprecated: isTrueAt(node, "deprecated"),
        kind: guessKind({ method, path, operationId, summary }),
      },
    };
  });
  return { operations, problems };
}

function foundOperations(
  document: Part,
  references: References,
  problems: Problem[],
): readonly Found[] {
  const found: Found[] = [];
  for (const [path, value] of Object.entries(nodeAt(document.node, "paths") ?? {})) {
    const at = `#/paths/${pointerStep(path)}`;
    if (path.startsWith("x-")) continue;
    const item = pathItem({ path, value, at, base: document.base }, references, problems);
    if (item === null) continue;
    for (const method of METHODS) {
      const node = nodeAt(item.node, method.toLowerCase());
      // Only paths may refer elsewhere, but documents of many files do it with operations too.
      const broken = (because: string) => {
        const says = `The reference of ${method} was not followed: ${because}.`;
        problems.push({ at, says, effect: "refused" });
      };
      const part = node === null ? null : references.follow({ node, base: item.base }, broken);
      if (part !== null)
        found.push({ method, path, part, item, at: `${at}/${method.toLowerCase()}` });
    }
  }
  if (found.length > OPERATIONS_MAX)
    problems.push({
      at: "#/paths",
      says: `There are ${found.length} operations; the first ${OPERATIONS_MAX} are listed.`,
      effect: "changed",
    });
  return found.slice(0, OPERATIONS_MAX);
}

/** A path is sent as it stands, so it has to be one: no query, no other host, nothing that leads up. */
function isPath(path: string): boolean {
  if (path.length > 500 || !path.startsWith("/") || path.startsWith("//")) return false;
  if (/[?#\\\s\p{Cc}]/u.test(path)) return false;
  return !path.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
}

function pathItem(
  { path, value, at, base }: { path: string; value: unknown; at: string; base: string },
  references: References,
  problems: Problem[],
): Part | null {
  const refuse = (says: string) => {
    problems.push({ at, says, effect: "refused" });
    return null;
  };
  if (!isNode(value)) return refuse("The path describes nothing, so its operations are left out.");
  if (!isPath(path))
    return refuse("The path is not one that can be sent, so its operations are left out.");
  return references.follow({ node: value, base }, (because) =>
    refuse(`The reference of the path was not followed: ${because}.`),
  );
}

/** Own ids first, in the order of the document; where one is missing, taken or no identifier, method and path name it. */
function uniqueNames(found: readonly Found[], problems: Problem[]): readonly string[] {
  const taken = new Set<string>();
  const own = found.map(({ part, at }) => {
    const id = textAt(part.node, "operationId");
    const name = identifier(snakeCase(id));
    if (name !== "" && !taken.has(name)) {
      taken.add(name);
      return name;
    }
    const says =
      name === ""
        ? "Its operationId is no identifier, so it is named by its path."
        : `Its name ${name} is taken by another operation, so it is named by its path.`;
    if (id !== "") problems.push({ at, says, effect: "changed" });
    return "";
  });
  return found.map(
    ({ method, path }, index) =>
      own[index] ||
      free(identifier(pathName(method, path)) || `${method.toLowerCase()}_operation`, taken),
  );
}

function identifier(name: string): string {
  const begun = /^\d/.test(name) ? `operation_${name}` : name;
  return begun.slice(0, NAME_MAX).replace(/(?<!_)_+$/, "");
}

function pathName(method: Method, path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "" && !VERSION.test(segment));
  const words = segments.map((segment) =>
    snakeCase(segment.startsWith("{") ? `by ${segment}` : segment),
  );
  return [method.toLowerCase(), ...words].filter((word) => word !== "").join("_");
}

function free(name: string, taken: Set<string>): string {
  let candidate = name;
  for (let number = 2; taken.has(candidate); number += 1) {
    const ending = `_${number}`;
    candidate = `${name.slice(0, NAME_MAX - ending.length)}${ending}`;
  }
  taken.add(candidate);
  return candidate;
}

// Where a document says that its system is.

/** Tells what was left out, and where it stands. */
export type Note = (at: string, says: string) => void;

const SERVERS_MAX = 20;
/** `test.` begins a host; at its end it is a domain of its own. */
const TEST_WORDS =
  /sandbox|\btest[. -]|\btesting|staging|\bdemo|\bmock|localhost|127\.0\.0\.1|example\.(?:com|org|net)/i;

/** The servers of a document, a path or an operation: whole addresses without credentials. */
export function serversIn(
  { node, base }: Part,
  texts: Texts,
  note: Note,
): SystemDescription["servers"] {
  const found = new Map<string, SystemDescription["servers"][number]>();
  for (const [at, server] of listAt(node, "servers").slice(0, SERVERS_MAX).entries()) {
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
    found.set(plain, { url: plain, isTest: TEST_WORDS.test(`${plain} ${description}`) });
  }
  return [...found.values()];
}

function withVariables(url: string, variables: Node | null): string {
  return url.slice(0, 500).replaceAll(/\{([^{}]{1,60})\}/g, (whole, name: string) => {
    return textAt(nodeAt(variables, name), "default") || whole;
  });
}
