/** The table of texts that teammates said to be harmless. */
import { pgTable } from "#store/db/drizzle.ts";
import { count, text, time } from "#store/db/columns.ts";

/** Texts of messages that were held back and said to be harmless; part of `schema.ts`. */
export const harmlessText = pgTable("harmless_text", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  conversationId: text("conversation_id").notNull(),
  messageKey: text("message_key").notNull(),
  judged: text("judged").notNull(),
  segment: text("segment").notNull(),
  lang: text("lang").notNull(),
  words: text("masked").notNull(),
  approvalId: text("approval_id").notNull(),
  who: text("who").notNull(),
  at: time("at").notNull(),
});
