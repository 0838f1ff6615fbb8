/** Opens an MCP server: lists its tools and describes them like the operations of a document. */
import { inProcessAllowances } from "#core/connection/rate-limit.ts";
import { invalidInput } from "#core/values/errors.ts";
import { answersFrom, givenAnswers } from "#importing/answers/read-answers.ts";
import type { ToolImports } from "#importing/command/import-tools.ts";
import type { OpenedSystem } from "#importing/description.ts";
import { openContent } from "#importing/openapi/open.ts";
import { listTools } from "#systems/mcp/list-tools.ts";
import { toolPin } from "#systems/mcp/look-at-servers.ts";
import type { ListedTool } from "#systems/mcp/session.ts";
import { answeredSignIn } from "#importing/plan/plan-tools.ts";

const TIMEOUT_MS = 15_000;
const ANSWER_BYTES_MAX = 4_000_000;

/** A program, or how some clients write one; whatever else is no address of ours is refused where it is asked. */
const PROGRAM = /^(?:stdio:|file:|(?![a-z][a-z0-9+.-]*:\/\/))/i;

/**
 * Lists the tools of the server that a lead named, signed in as the answers say. Each is pinned by the digest of all that
 * its server says of it now. Throws `system.unavailable` when the server does not answer in the protocol, and
 * `input.invalid` for a server that is a local program and for answers that cannot be used.
 */
export async function openNamedMcp(
  address: string,
  answersFile: string | null,
  { folder, inspect, setting }: ToolImports,
): Promise<OpenedSystem> {
  const { given, source } = await givenAnswers(folder, answersFile, answersFrom);
  if (PROGRAM.test(address))
    throw invalidInput(
      "An MCP server is named by its address, https://…. One that is a local program (stdio) is not started, because it would run with the rights of Deskhand and could read its secrets and its database. Run it apart, under a user of its own, behind a gateway that offers it over streamable HTTP, and import that address. Nothing was started or written.",
    );
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address))
    throw invalidInput(
      "The address of an MCP server has to begin with https://, such as https://mcp.example.com/mcp. Nothing was written.",
    );
  const connection = {
    name: "the MCP server",
    // No setting has this name, so that the address is the one that was typed.
    addressFrom: "",
    address,
    authentication: answeredSignIn(answersFrom(given, source).system),
    limits: { timeoutMs: TIMEOUT_MS, answerBytesMax: ANSWER_BYTES_MAX, perMinute: null },
  };
  const asked = {
    connection,
    settings: { text: setting },
    allowances: inProcessAllowances(),
    clock: { now: () => new Date() },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  const { about, tools } = await listTools(asked, AbortSignal.timeout(TIMEOUT_MS));
  const content = serverDocument(about.serverInfo, address, tools);
  const loaded = {
    at: address,
    place: { kind: "address", origin: new URL(address).origin, isLocal: false } as const,
    bytes: JSON.stringify(content).length,
    content,
  };
  const opened = await openContent(loaded, "the list of tools", inspect);
  const pins = Object.fromEntries(tools.map((tool) => [tool.name, toolPin(tool)]));
  return { ...opened, system: { ...opened.system, pins } };
}

// What the server says of its tools as an OpenAPI document, so that everything after it is the same.

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
