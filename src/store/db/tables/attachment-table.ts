/** The table of message attachments. */
import { integer, pgTable } from "#store/db/drizzle.ts";
import { count, text, time } from "#store/db/columns.ts";

/** Files of messages; part of `schema.ts`. */
export const attachment = pgTable("attachment", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  messageKey: text("message_key").notNull(),
  place: integer("place").notNull(),
  channel: text("channel").notNull(),
  ref: text("ref").notNull(),
  name: text("name").notNull(),
  mediaType: text("media_type").notNull(),
  bytes: count("bytes").notNull(),
  state: text("state").notNull(),
  reason: text("reason").notNull().default(""),
  blobRef: text("blob_ref"),
  attempts: integer("attempts").notNull().default(0),
  nextAt: time("next_at"),
  receivedAt: time("received_at").notNull(),
  clearedAt: time("cleared_at"),
  description: text("description").notNull().default(""),
});
