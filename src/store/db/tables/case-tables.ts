/** The tables of cases: what belongs to which, and what waits for each customer. */
import { boolean, pgTable } from "#store/db/drizzle.ts";
import { jsonb, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";

export const caseMember = pgTable("case_member", {
  conversationId: text("conversation_id").primaryKey(),
  customerId: text("customer_id").notNull(),
  authorId: text("author_id").notNull(),
  brand: text("brand").notNull(),
  orders: jsonb("orders", DOCUMENTS.lines).notNull().default([]),
  topic: text("topic").notNull().default(""),
  writtenAt: time("written_at").notNull(),
  caseId: text("case_id"),
  reasons: jsonb("reasons", DOCUMENTS.lines).notNull().default([]),
  askedAbout: text("asked_about"),
  keptApart: boolean("kept_apart").notNull().default(false),
});

export const caseCustomer = pgTable("case_customer", {
  customerId: text("customer_id").primaryKey(),
  waiting: jsonb("waiting", DOCUMENTS.lines).notNull().default([]),
  updatedAt: time("updated_at").notNull(),
});
