/** The table of what teammates did otherwise than drafts. */
import { pgTable } from "#store/db/drizzle.ts";
import { count, jsonb, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";

/** Differences between drafts and what teammates did; part of `schema.ts`. */
export const draftDifference = pgTable("draft_difference", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  conversationId: text("conversation_id").notNull(),
  event: text("event").notNull(),
  kind: text("kind").notNull(),
  turnId: text("turn_id").notNull(),
  topic: text("topic").notNull(),
  content: jsonb("content", DOCUMENTS.draftDifference).notNull(),
  who: text("who").notNull(),
  at: time("at").notNull(),
  lesson: count("lesson"),
  decision: text("decision"),
  decisionReason: text("decision_reason").notNull().default(""),
  decidedBy: text("decided_by").notNull().default(""),
  decidedAt: time("decided_at"),
});
