/** Writes what an MCP server says of its tools as an OpenAPI document, so that everything after it is the same. */
import type { ListedTool } from "#systems/mcp/session.ts";

/** Schemas nested deeper than this describe nothing that a tool needs. */
const DEPTH_MAX = 30;

/** The document: one operation a tool, whose path is the tool's name and whose body holds the arguments. */
export function serverDocument(
  server: { readonly name: string; readonly version: string },
  address: string,
  tools: readonly ListedTool[],
): Readonly<Record<string, unknown>> {
  return {
    openapi: "3.1.0",
    info: { title: server.name, version: server.version },
    servers: [{ url: address }],
    paths: Object.fromEntries(
      tools.map((tool) => [`/${tool.name}`, { post: toolOperation(tool) }]),
    ),
    components: {
      schemas: Object.fromEntries(
        tools.flatMap((tool) => [
          [`${tool.name}-input`, placedSchema(tool.inputSchema, `${tool.name}-input`)],
          [`${tool.name}-output`, placedSchema(tool.outputSchema ?? {}, `${tool.name}-output`)],
        ]),
      ),
    },
  };
}

function toolOperation({ name, title, description, inputSchema }: ListedTool): object {
  const ref = (part: string): object => ({ $ref: `#/components/schemas/${name}-${part}` });
  return {
    operationId: name,
    summary: title ?? name,
    ...(description === undefined ? {} : { description }),
    ...(takesNothing(inputSchema)
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: ref("input") } },
          },
        }),
    responses: {
      "200": { description: "", content: { "application/json": { schema: ref("output") } } },
    },
  };
}

/** An object without a single property has no body to describe; anything else may hold one in other words. */
function takesNothing(schema: ListedTool["inputSchema"]): boolean {
  const words = Object.keys(schema).filter((word) => !SAYS_NOTHING.has(word));
  return words.every((word) => word === "properties") && isEmpty(schema["properties"] ?? {});
}

const SAYS_NOTHING: ReadonlySet<string> = new Set([
  "$schema",
  "additionalProperties",
  "description",
  "required",
  "title",
  "type",
]);

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** A reference within the schema is one within the document now; one to anywhere else leads nowhere. */
function placedSchema(value: unknown, place: string, depth = 0): unknown {
  if (depth > DEPTH_MAX) return {};
  if (Array.isArray(value)) return value.map((item) => placedSchema(item, place, depth + 1));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]): readonly (readonly [string, unknown])[] => {
      if (key !== "$ref" || typeof inner !== "string")
        return [[key, placedSchema(inner, place, depth + 1)]];
      return /^#(?:\/|$)/.test(inner)
        ? [[key, `#/components/schemas/${place}${inner.slice(1)}`]]
        : [];
    }),
  );
}
