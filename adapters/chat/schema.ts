import { z } from "zod";

/** What the chat route hands over, already checked for shape; kept whole in the hint, so nothing has to be fetched. */
export const ChatMessage = z.strictObject({
  /** Names this message: the same id sent again is the same message. */
  id: z.string().regex(/^[\w-]{1,100}$/),
  /** Random, made by us, sent back by the visitor to go on; worthless without the identity it belongs to. */
  conversation: z.string().regex(/^[\w-]{8,100}$/),
  /** Who the visitor says they are; shown, never believed. */
  userId: z.string().min(1).max(200),
  text: z.string().min(1).max(20_000),
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** What a visitor said about the answers in a conversation, on its way like a message. */
export const ChatRating = z.strictObject({
  /** Names this rating; another one takes its place. */
  id: z.string().regex(/^[\w-]{1,100}$/),
  conversation: z.string().regex(/^[\w-]{8,100}$/),
  score: z.enum(["good", "bad"]),
  /** On a scale of five; null where there was none. */
  stars: z.int().min(1).max(5).nullable(),
  comment: z.string().max(2_000),
});
export type ChatRating = z.infer<typeof ChatRating>;

/** A rating with the verdict of the token check beside it. */
export const ChatRatingHint = z.object({
  rating: z.object(ChatRating.shape),
  subject: z.string().nullable(),
  at: z.iso.datetime(),
});
export type ChatRatingHint = z.infer<typeof ChatRatingHint>;

/** A message with the verdict of the token check beside it. */
export const ChatHint = z.object({
  message: z.object(ChatMessage.shape),
  /** The proven user id, or null without a token. */
  subject: z.string().nullable(),
  /** Keyed digest of the network an unsigned visitor writes from, by which one-time codes are counted. */
  network: z.string().nullable().default(null),
  at: z.iso.datetime(),
});
export type ChatHint = z.infer<typeof ChatHint>;

/** Where an answer goes: the transcript of one conversation. */
export const ChatAddress = z.strictObject({ transcript: z.string().min(1) });
