/** The parameters of an operation outside its body. */
import type { ParameterDescription } from "#importing/description.ts";
import { isNode, isTrueAt, listAt, type Node, nodeAt, textAt } from "./node.ts";
import type { Listed } from "./operations.ts";
import { followed, type Reading, schemaIn } from "./reading.ts";
import type { Part } from "./references.ts";
import { FIELD_TEXT_MAX } from "./texts.ts";

const PARAMETERS_MAX = 200;
/** OpenAPI takes these from other places and ignores a parameter of that name (3.1, section 4.8.12). */
const IGNORED_HEADERS = new Set(["accept", "authorization", "content-type"]);

type Place = ParameterDescription["in"];

/** The parameters of an operation, with each value that its path needs exactly once. */
export function parametersIn(listed: Listed, reading: Reading): readonly ParameterDescription[] {
  const found = new Map<string, ParameterDescription>();
  for (const written of [...listedIn(listed.item), ...listedIn(listed.part)]) {
    const part = followed(written, reading);
    const parameter = part === null ? null : parameterDescription(part, reading);
    if (parameter !== null) found.set(`${parameter.in} ${parameter.field.name}`, parameter);
  }
  return withPath([...found.values()], listed.summary.path, reading);
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
  if (place === "cookie") return cookie(name, node, reading);
  if (place !== "path" && place !== "query" && place !== "header") return null;
  if (place === "header" && IGNORED_HEADERS.has(name.toLowerCase())) return null;
  return { in: place, field: parameterField({ node, base }, name, place, reading) };
}

function parameterField({ node, base }: Part, name: string, place: Place, reading: Reading) {
  const required = place === "path" || isTrueAt(node, "required");
  const tree = reading.fields.tree(schemaIn(schemaHolder(node), base), {
    name,
    required,
    direction: "in",
  });
  const words = reading.texts.description(textAt(node, "description"), FIELD_TEXT_MAX);
  return { ...tree, description: words || tree.description };
}

/** Where the schema of a parameter stands: in itself, or under the one kind of content it has. */
function schemaHolder(node: Node): Node {
  const [content] = Object.values(nodeAt(node, "content") ?? {});
  return isNode(content) ? content : node;
}

function cookie(name: string, node: Node, { remark }: Reading): null {
  if (isTrueAt(node, "required"))
    remark(`It needs the cookie ${name} of a browser, which no tool has.`, "refused");
  return null;
}

/** Exactly the values of the path: what the document forgot is a text, what is not in the path is left out. */
function withPath(
  parameters: readonly ParameterDescription[],
  path: string,
  reading: Reading,
): readonly ParameterDescription[] {
  const needed = new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name = ""]) => name));
  const isPlaced = ({ in: place, field }: ParameterDescription) =>
    place !== "path" || needed.has(field.name);
  for (const { field } of parameters.filter((parameter) => !isPlaced(parameter)))
    reading.remark(`The parameter ${field.name} is not in the path, so it was left out.`);
  const present = (place: Place, name: string) =>
    parameters.some((parameter) => parameter.in === place && parameter.field.name === name);
  const forgotten = [...needed].filter((name) => !present("path", name));
  for (const name of forgotten)
    reading.remark(`The document does not describe {${name}} of the path; a text was assumed.`);
  return [...[...forgotten].map((name) => pathText(name, reading)), ...parameters.filter(isPlaced)];
}

function pathText(name: string, { fields }: Reading): ParameterDescription {
  const schema = schemaIn({ schema: { type: "string" } }, "");
  const field = fields.tree(schema, { name, required: true, direction: "in" });
  return { in: "path", field };
}
