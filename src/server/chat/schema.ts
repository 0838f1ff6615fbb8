/** The schemas of `/support/chat`, defined once for the routes and the OpenAPI document. */

import { z } from "zod";

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
  reply: z.string().describe("what to show: the answer, or why there is none yet"),
});
export type ChatAnswer = z.infer<typeof ChatAnswer>;

/** The status of a conversation. */
export const ChatStatus = z.enum(["working", "answered", "pending", "escalated", "failed"]);
export type ChatStatus = z.infer<typeof ChatStatus>;

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
    text: z.string().describe("in words for people; empty when the answer says it all"),
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
