/** Generates the OpenAPI document of the chat API from its schemas. */

import { z } from "zod";
import type { JsonObject } from "#core/values/canonical-json.ts";
import {
  ChatAnswer,
  ChatEvents,
  ChatQuestion,
  ChatRated,
  ChatRefusal,
  ChatTranscript,
  ChatVerdict,
  ConversationId,
} from "./schema.ts";

/** One operation of the chat API, with every status it may answer. */
interface Operation {
  readonly id: string;
  readonly method: "get" | "post";
  readonly path: string;
  readonly summary: string;
  readonly body: z.ZodType | null;
  /** A JSON schema, or a sentence where the answer is something else. */
  readonly answer: z.ZodType | string;
  /** Statuses of refusals, each of which is a `ChatRefusal`. */
  readonly refusals: readonly (keyof typeof REFUSALS)[];
}

const REFUSALS = {
  400: "the request is not understood",
  401: "the token does not hold",
  403: "user_id is not the user of the token",
  404: "no such conversation for this visitor",
  409: "there is no answer to rate yet",
  413: "the body is larger than 64 kB",
  429: "too much at once; Retry-After says when to come again",
  503: "at present this cannot be taken; Retry-After says when to come again",
} as const;

/** All operations of the chat API, with the schemas the routes use. */
export const OPERATIONS: readonly Operation[] = [
  {
    id: "sendMessage",
    method: "post",
    path: "/support/chat",
    summary: "Sends a message and waits up to 25 seconds for its answer.",
    body: ChatQuestion,
    answer: ChatAnswer,
    refusals: [400, 401, 403, 413, 429, 503],
  },
  {
    id: "readConversation",
    method: "get",
    path: "/support/chat/{conversation}",
    summary: "Tells where a conversation stands, and everything that was said to its visitor.",
    body: null,
    answer: ChatTranscript,
    refusals: [401, 404, 429, 503],
  },
  {
    id: "followConversation",
    method: "get",
    path: "/support/chat/{conversation}/events",
    summary:
      "Server-sent events: everything that was said, then whatever is new. Last-Event-ID goes on after that message.",
    body: null,
    answer: `Events by name, with JSON in data: ${Object.keys(ChatEvents).join(", ")}. See components.schemas.`,
    refusals: [401, 404, 429, 503],
  },
  {
    id: "rateConversation",
    method: "post",
    path: "/support/chat/{conversation}/rating",
    summary: "Takes what the visitor says about the answers; a later rating takes its place.",
    body: ChatVerdict,
    answer: ChatRated,
    refusals: [400, 401, 404, 409, 413, 429, 503],
  },
];

/** The OpenAPI 3.1 document of `/support/chat`, generated from the schemas the route reads and writes with. */
export function chatOpenApi(): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const operation of OPERATIONS)
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: operationDocument(operation),
    };
  return {
    openapi: "3.1.1",
    info: { title: "Deskhand chat", version: "1" },
    servers: [{ url: "/" }],
    paths,
    components: {
      schemas: {
        Refusal: plainSchema(ChatRefusal, "output"),
        ...Object.fromEntries(
          Object.entries(ChatEvents).map(([name, schema]) => [
            `${name}Event`,
            plainSchema(schema, "output"),
          ]),
        ),
      },
      securitySchemes: { visitor: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
    },
    security: [{}, { visitor: [] }],
  };
}

function operationDocument({ id, path, summary, body, answer, refusals }: Operation): JsonObject {
  const isStream = typeof answer === "string";
  const content = isStream
    ? { "text/event-stream": { schema: { type: "string" } } }
    : { "application/json": { schema: plainSchema(answer, "output") } };
  return {
    operationId: id,
    summary,
    parameters: pathParameters(path, isStream),
    ...(body === null
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: plainSchema(body, "input") } },
          },
        }),
    responses: {
      200: { description: isStream ? answer : "what was asked for", content },
      ...Object.fromEntries(refusals.map((status) => [status, refusalResponse(status)])),
    },
  };
}

function pathParameters(path: string, isStream: boolean): JsonObject[] {
  const schema = plainSchema(ConversationId, "input");
  return [
    ...(path.includes("{conversation}")
      ? [{ name: "conversation", in: "path", required: true, schema }]
      : []),
    ...(isStream
      ? [{ name: "Last-Event-ID", in: "header", required: false, schema: { type: "string" } }]
      : []),
  ];
}

function refusalResponse(status: keyof typeof REFUSALS): JsonObject {
  const schema = { $ref: "#/components/schemas/Refusal" };
  return { description: REFUSALS[status], content: { "application/json": { schema } } };
}

/** OpenAPI 3.1 takes JSON Schema as it is (draft 2020-12), which zod writes. */
function plainSchema(schema: z.ZodType, io: "input" | "output"): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, target: "draft-2020-12" });
  return z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(rest)));
}
