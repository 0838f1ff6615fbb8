/** The table of mail that was set aside as junk. */
import { pgTable } from "#store/db/drizzle.ts";
import { text, time } from "#store/db/columns.ts";

/** One row per conversation that was ever set aside; part of `schema.ts`. */
export const junk = pgTable("junk", {
  conversationId: text("conversation_id").primaryKey(),
  kind: text("kind").notNull(),
  why: text("why").notNull(),
  listKey: text("list_key").notNull(),
  at: time("at").notNull(),
  restoredAt: time("restored_at"),
});
