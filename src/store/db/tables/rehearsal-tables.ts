/** The tables of rehearsals and of the tickets they played. */
import { boolean, integer, pgTable, primaryKey } from "#store/db/drizzle.ts";
import { jsonb, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";

/** One run over past tickets; part of `schema.ts`. */
export const rehearsal = pgTable("rehearsal", {
  id: text("id").primaryKey(),
  source: text("source").notNull(),
  model: text("model").notNull(),
  isRehearsalModel: boolean("is_rehearsal_model").notNull(),
  policyVersion: text("policy_version").notNull(),
  state: text("state").notNull(),
  reason: text("reason").notNull().default(""),
  tickets: integer("tickets").notNull(),
  startedAt: time("started_at").notNull(),
  endedAt: time("ended_at"),
  summary: jsonb("summary", DOCUMENTS.rehearsalSummary),
});

/** One ticket as it was played; part of `schema.ts`. */
export const rehearsedTicket = pgTable(
  "rehearsed_ticket",
  {
    rehearsalId: text("rehearsal_id").notNull(),
    ticketId: text("ticket_id").notNull(),
    customer: text("customer").notNull().default(""),
    customerId: text("customer_id").notNull().default(""),
    document: jsonb("document", DOCUMENTS.rehearsedTicket).notNull(),
    verdict: jsonb("verdict", DOCUMENTS.personVerdict),
    keptAs: text("kept_as").notNull().default(""),
    playedAt: time("played_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.rehearsalId, table.ticketId] })],
);
