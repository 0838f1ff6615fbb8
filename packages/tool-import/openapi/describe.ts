/** Describes one wanted operation: its values, what it does, and what the document leaves open. */
import type {
  FieldDescription,
  FieldType,
  OperationDescription,
  ParameterDescription,
  Problem,
  SystemDescription,
} from "#importing/description.ts";
import { answerIn, bodyIn } from "./contents.ts";
import { guessAbout, guessFind, type Reads } from "#importing/openapi/guesses/links.ts";
import { guessIdempotency, guessIdentity, guessMoney } from "#importing/openapi/guesses/places.ts";
import { type Listed, serversIn } from "./operations.ts";
import {
  fieldTree,
  followed,
  freshReading,
  NO_FIELD,
  type Reading,
  schemaIn,
  FIELD_TEXT_MAX,
  type InspectText,
  OPERATION_TEXT_MAX,
} from "./reading.ts";
import {
  isNode,
  isTrueAt,
  listAt,
  type Node,
  nodeAt,
  type Part,
  type References,
  textAt,
  valueAt,
} from "./references.ts";

/** The document an operation stands in. */
export interface Around {
  readonly document: Node;
  readonly operations: readonly Listed[];
  readonly references: References;
  readonly inspect: InspectText;
  readonly security: SystemDescription["security"];
}

const SECURITY_MAX = 10;

/** Describes an operation; null with the reasons when it cannot become a tool. */
export function describeOperation(
  listed: Listed,
  around: Around,
): { readonly operation: OperationDescription | null; readonly problems: readonly Problem[] } {
  const reading = freshReading(listed.at, around);
  const { summary, part } = listed;
  const parameters = parametersIn(listed, reading).filter((one) => !isSignIn(one, around.security));
  const body = bodyIn(listed, reading, () => shownAt(listed, around, reading));
  const answer = answerIn(listed, reading);
  const described = {
    ...summary,
    description: reading.texts.description(textAt(part.node, "description"), OPERATION_TEXT_MAX),
    parameters,
    body,
    answer,
    security: operationSecurity(part.node, around.document),
    servers: ownServers(listed, reading),
  };
  const guesses = guessesFor(described, availableReads(around));
  if (summary.kind.value === "read" && answer?.record.type !== "object")
    reading.remark(
      "The document does not say which fields come back, so nothing could be shown.",
      "refused",
    );
  const problems = reading.problems();
  if (problems.some(({ effect }) => effect === "refused")) return { operation: null, problems };
  return { operation: { ...described, guesses }, problems };
}

/** Some documents name the key of the sign-in once more among the parameters; the connection sends it. */
function isSignIn(
  { in: place, field }: ParameterDescription,
  security: SystemDescription["security"],
): boolean {
  return security.some(
    (scheme) =>
      scheme.kind === "api-key" &&
      scheme.in === place &&
      scheme.key.toLowerCase() === field.name.toLowerCase(),
  );
}

type Described = Omit<OperationDescription, "guesses">;

function guessesFor(described: Described, reads: Reads): OperationDescription["guesses"] {
  const { kind } = described;
  const common = { identity: guessIdentity(described), money: guessMoney(described) };
  if (kind.value === "read") return { kind, ...common, idempotency: null, about: null, find: null };
  const about = guessAbout(described, reads);
  const isMoney = promisesMoney(described, common.money);
  return {
    kind: isMoney ? { value: "money", stated: false } : kind,
    ...common,
    idempotency: guessIdempotency(described),
    about,
    find: guessFind(described, about, reads),
  };
}

/** A change whose body asks for an amount in a currency is about money, whatever it is called. */
function promisesMoney(
  { kind, body }: Described,
  [first]: OperationDescription["guesses"]["money"],
): boolean {
  if (kind.value !== "write" || body === null || first?.in !== "body") return false;
  const [outer] = first.amount.split(".");
  return body.content.fields.some(({ name, required }) => required && outer === name);
}

/** What other operations of the document show. Their own problems are told when they are wanted themselves. */
function availableReads(around: Around): Reads {
  return {
    operations: around.operations.map(({ summary }) => summary),
    answer: (name) => {
      const listed = around.operations.find(({ summary }) => summary.name === name);
      return listed === undefined ? null : answerIn(listed, freshReading(listed.at, around));
    },
  };
}

/** The record that a GET of the same path shows, without what only the system sets. */
function shownAt({ summary }: Listed, around: Around, reading: Reading): FieldDescription | null {
  const read = around.operations.find(
    (one) => one.summary.method === "GET" && one.summary.path === summary.path,
  );
  const record = read === undefined ? null : answerIn(read, reading, "in")?.record;
  return record?.type === "object" ? record : null;
}

/** Its own servers stand in place of those of its path, and these in place of the document's (3.1, sections 4.8.9 and 4.8.10). */
function ownServers({ part, item }: Listed, { texts, remark }: Reading): readonly string[] {
  const holder = [part, item].find(({ node }) => listAt(node, "servers").length > 0);
  const found = holder === undefined ? [] : serversIn(holder, texts, (_at, says) => remark(says));
  return found.map(({ url }) => url);
}

function operationSecurity(operation: Node, document: Node): OperationDescription["security"] {
  const stated = valueAt(operation, "security");
  const listed = Array.isArray(stated)
    ? listAt(operation, "security")
    : listAt(document, "security");
  return listed
    .filter(isNode)
    .slice(0, SECURITY_MAX)
    .map((schemes) => Object.keys(schemes).slice(0, SECURITY_MAX))
    .filter((schemes) => schemes.length > 0);
}

// The parameters of an operation outside its body.

const PARAMETERS_MAX = 200;
/** OpenAPI takes these from other places and ignores a parameter of that name (3.1, section 4.8.12). */
const IGNORED_HEADERS = new Set(["accept", "authorization", "content-type"]);

/** What is sent in a body alone. */
const SEVERAL: ReadonlySet<FieldType> = new Set(["list", "map", "object"]);

/** The parameters of an operation, with each value that its path needs exactly once. */
function parametersIn(listed: Listed, reading: Reading): readonly ParameterDescription[] {
  const found = new Map<string, ParameterDescription>();
  for (const written of [...listedIn(listed.item), ...listedIn(listed.part)]) {
    const part = followed(written, reading);
    const parameter = part === null ? null : parameterDescription(part, reading);
    if (parameter !== null && isSingle(parameter, reading))
      found.set(`${parameter.in} ${parameter.field.name}`, parameter);
  }
  return withPath([...found.values()], listed.summary.path, reading);
}

/** Whether it is one value; what is not, no request has outside its body. */
function isSingle({ in: place, field }: ParameterDescription, { remark }: Reading): boolean {
  if (![field.type, ...field.others].every((type) => SEVERAL.has(type))) return true;
  const says = `The parameter ${field.name} of its ${place} is a list or an object, and only single values are sent there`;
  if (field.required) remark(`${says}.`, "refused");
  else remark(`${says}, so it was left out.`);
  return false;
}

function listedIn({ node, base }: Part): readonly Part[] {
  return listAt(node, "parameters")
    .filter(isNode)
    .slice(0, PARAMETERS_MAX)
    .map((parameter) => ({ node: parameter, base }));
}

function parameterDescription({ node, base }: Part, reading: Reading): ParameterDescription | null {
  const name = reading.texts.exact(textAt(node, "name"));
  if (name === null || name === "") return null;
  const place = textAt(node, "in");
  if (place === "cookie" && isTrueAt(node, "required"))
    reading.remark(`It needs the cookie ${name} of a browser, which no tool has.`, "refused");
  if (place !== "path" && place !== "query" && place !== "header") return null;
  if (place === "header" && IGNORED_HEADERS.has(name.toLowerCase())) return null;
  const required = place === "path" || isTrueAt(node, "required");
  const asked = { name, required, direction: "in" } as const;
  const field = fieldTree(reading, schemaIn(schemaHolder(node), base), asked);
  const words = reading.texts.description(textAt(node, "description"), FIELD_TEXT_MAX);
  return { in: place, field: { ...field, description: words || field.description } };
}

/** Where the schema of a parameter stands: in itself, or under the one kind of content it has. */
function schemaHolder(node: Node): Node {
  const [content] = Object.values(nodeAt(node, "content") ?? {});
  return isNode(content) ? content : node;
}

/** Exactly the values of the path: what the document forgot is a text, what is not in the path is left out. */
function withPath(
  parameters: readonly ParameterDescription[],
  path: string,
  reading: Reading,
): readonly ParameterDescription[] {
  const needed = new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => name));
  const kept = parameters.filter(({ in: place, field: { name } }) => {
    const isPlaced = place !== "path" || needed.has(name);
    if (!isPlaced) reading.remark(`The parameter ${name} is not in the path, so it was left out.`);
    return isPlaced;
  });
  const forgotten = [...needed].filter(
    (name) => !kept.some(({ in: place, field }) => place === "path" && field.name === name),
  );
  const texts = forgotten.map((name): ParameterDescription => {
    reading.remark(`The document does not describe {${name}} of the path; a text was assumed.`);
    return { in: "path", field: { ...NO_FIELD, name, required: true } };
  });
  return [...texts, ...kept];
}
