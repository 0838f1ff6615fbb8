/** The table of policy changes. */
import { pgTable } from "#store/db/drizzle.ts";
import { jsonb, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { votedColumns } from "./voted-columns.ts";

/** Changes of the policy; part of `schema.ts`. */
export const policyChange = pgTable("policy_change", {
  id: text("id").primaryKey(),
  source: text("source").notNull(),
  version: text("version").notNull(),
  text: text("text").notNull(),
  state: text("state").notNull(),
  relaxations: jsonb("relaxations", DOCUMENTS.lines).notNull(),
  differences: jsonb("differences", DOCUMENTS.lines).notNull(),
  proposedAt: time("proposed_at").notNull(),
  activeSince: time("active_since"),
  madeFrom: text("made_from"),
  ...votedColumns(),
});
