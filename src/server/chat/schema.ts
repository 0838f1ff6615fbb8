/** The schemas of `/support/chat`, defined once for the routes, and the OpenAPI document made from them. */

import { z } from "zod";
import { openApi, type DescribedOperation } from "#server/http/openapi.ts";

/** The id of a conversation. For an unsigned visitor it is a secret of 192 random bits, generated here. */
export const ConversationId = z
  .string()
  .regex(/^[\w-]{8,100}$/, "is not a conversation id")
  .describe("what names the conversation from here on; keep it, and send it with every message");

/** A visitor's message. */
export const ChatQuestion = z.object({
  user_id: z
    .string({ error: "user_id must be a text" })
    .min(1)
    .max(200)
    .describe(
      "with a token its `sub`; without one whatever the visitor is called, which proves nothing",
    ),
  message: z
    .string({ error: "message must be a text" })
    .trim()
    .min(1, "must not be empty")
    .max(20_000, "is too long, 20,000 characters at most"),
  conversation_id: ConversationId.optional(),
  message_id: z
    .string()
    .regex(/^[\w-]{1,100}$/, "is not a message id")
    .optional()
    .describe(
      "names this message: sent again with the same id and conversation it is not asked twice",
    ),
});
export type ChatQuestion = z.output<typeof ChatQuestion>;

/** The answer, at once or after waiting for it. */
export const ChatAnswer = z.strictObject({
  conversation_id: ConversationId,
  status: z
    .enum(["answered", "pending", "escalated", "failed"])
    .describe(
      "`answered`; `pending`: the answer comes later; `escalated`: people go on with it; `failed`: it was not understood or could not be done",
    ),
  reply: z
    .string()
    .describe("what to show: the answer, or why there is none yet; empty where none is needed"),
});
export type ChatAnswer = z.infer<typeof ChatAnswer>;

/** The status of a conversation. */
export const ChatStatus = z.enum(["working", "answered", "pending", "escalated", "failed"]);
export type ChatStatus = z.infer<typeof ChatStatus>;

const Taken = z
  .literal(true)
  .exactOptional()
  .describe("with `escalated`: a teammate has it; left out while they wait for a person");

/** A message to the visitor. */
export const ChatLine = z.strictObject({
  id: z.string().describe("unique in its conversation; also the event's own id"),
  text: z.string(),
  at: z.iso.datetime(),
});
export type ChatLine = z.infer<typeof ChatLine>;

/** All messages to the visitor so far. */
export const ChatTranscript = z.strictObject({
  conversation_id: ConversationId,
  status: ChatStatus,
  taken: Taken,
  messages: z.array(ChatLine).describe("oldest first"),
});
export type ChatTranscript = z.infer<typeof ChatTranscript>;

/** Why a stream ends. Only after `gone` is a reconnect pointless. */
export const EndReason = z
  .enum(["restart", "renew", "expired", "gone"])
  .describe(
    "`restart`: this server stops, connect again; `renew`: open for long enough, connect again; `expired`: the token has run out, connect again with a new one; `gone`: the conversation is no more",
  );
export type EndReason = z.infer<typeof EndReason>;

/** The events of a stream, by name, with the schema of their `data`. */
export const ChatEvents = {
  message: ChatLine,
  status: z.strictObject({
    status: ChatStatus,
    taken: Taken,
    text: z.string().describe("in words for people; empty where the status says it all"),
  }),
  end: z.strictObject({ reason: EndReason }),
};

/** The visitor's rating: good or bad, or one to five stars, depending on the shop's page. */
export const ChatVerdict = z.object({
  score: z
    .union([z.enum(["good", "bad"]), z.int().min(1).max(5)], {
      error: "must be good, bad, or a number from 1 to 5",
    })
    .describe("good or bad, or 1 to 5, of which 4 and 5 are good"),
  comment: z.string().trim().max(2_000, "is too long, 2,000 characters at most").default(""),
});

/** How the rating was understood. */
export const ChatRated = z.strictObject({
  conversation_id: ConversationId,
  score: z.enum(["good", "bad"]),
  stars: z.int().min(1).max(5).nullable(),
});
export type ChatRated = z.infer<typeof ChatRated>;

/** Every refusal. */
export const ChatRefusal = z.strictObject({
  error: z.string().describe("a code, such as `input.rate_limited`"),
  message: z.string().describe("a sentence for developers"),
});

// The OpenAPI document.

const REFUSALS = {
  400: "the request is not understood",
  401: "the token does not hold",
  403: "user_id is not the user of the token",
  404: "no such conversation for this visitor (`chat.gone`)",
  409: "there is no answer to rate yet",
  413: "the body is larger than 64 kB",
  422: "this message_id came with another text",
  429: "too much at once; Retry-After says when to come again",
  503: "at present this cannot be taken; Retry-After says when to come again",
} as const;

const CONVERSATION = z.object({ conversation: ConversationId });

/** All operations of the chat API, with the schemas the routes use. */
export const OPERATIONS: readonly DescribedOperation[] = [
  {
    id: "sendMessage",
    method: "post",
    path: "/support/chat",
    summary: "Sends a message and waits up to 25 seconds for its answer.",
    body: ChatQuestion,
    answer: ChatAnswer,
  },
  {
    id: "readConversation",
    method: "get",
    path: "/support/chat/{conversation}",
    summary: "Tells where a conversation stands, and everything that was said to its visitor.",
    params: { path: CONVERSATION },
    body: null,
    answer: ChatTranscript,
  },
  {
    id: "followConversation",
    method: "get",
    path: "/support/chat/{conversation}/events",
    summary:
      "Server-sent events: everything that was said, then whatever is new. Last-Event-ID goes on after that message.",
    params: {
      path: CONVERSATION,
      header: z.object({ "Last-Event-ID": z.string().optional() }),
    },
    body: null,
    answer: `Events by name, with JSON in data: ${Object.keys(ChatEvents).join(", ")}. See components.schemas.`,
  },
  {
    id: "rateConversation",
    method: "post",
    path: "/support/chat/{conversation}/rating",
    summary: "Takes what the visitor says about the answers; a later rating takes its place.",
    params: { path: CONVERSATION },
    body: ChatVerdict,
    answer: ChatRated,
  },
];

/** The OpenAPI 3.1 document of `/support/chat`. */
export function chatOpenApi() {
  return openApi(
    {
      title: "Deskhand chat",
      server: "/",
      refusal: { "application/json": { schema: ChatRefusal } },
      meanings: REFUSALS,
      schemas: Object.fromEntries(
        Object.entries(ChatEvents).map(([name, schema]) => [`${name}Event`, schema]),
      ),
      caller: "visitor",
      bearerFormat: "JWT",
      isOpen: true,
    },
    OPERATIONS,
  );
}
