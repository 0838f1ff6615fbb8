/** The table of what turns were given from outside. */
import { bytes, text, time } from "#store/db/columns.ts";
import { pgTable } from "#store/db/drizzle.ts";

export const turnRecording = pgTable("turn_recording", {
  turnId: text("turn_id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  recordedAt: time("recorded_at").notNull(),
  body: bytes("body").notNull(),
});
