/** The table of the team's notes on cases. */
import { pgTable } from "#store/db/drizzle.ts";
import { text, time } from "#store/db/columns.ts";

export const caseNote = pgTable("case_note", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  author: text("author").notNull(),
  name: text("name").notNull(),
  text: text("text").notNull(),
  at: time("at").notNull(),
});
