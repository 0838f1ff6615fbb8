/** The table of policy changes. */
import { integer, pgTable } from "#store/db/drizzle.ts";
import { jsonb, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";

/** Changes of the policy; part of `schema.ts`. */
export const policyChange = pgTable("policy_change", {
  id: text("id").primaryKey(),
  source: text("source").notNull(),
  version: text("version").notNull(),
  text: text("text").notNull(),
  state: text("state").notNull(),
  relaxations: jsonb("relaxations", DOCUMENTS.lines).notNull(),
  differences: jsonb("differences", DOCUMENTS.lines).notNull(),
  needs: jsonb("needs", DOCUMENTS.needs).notNull(),
  votes: jsonb("votes", DOCUMENTS.votes).notNull().default([]),
  proposedAt: time("proposed_at").notNull(),
  activeSince: time("active_since"),
  expiresAt: time("expires_at").notNull(),
  closing: text("closing").notNull().default(""),
  revision: integer("revision").notNull().default(1),
  shownRevision: integer("shown_revision"),
  deskRef: text("desk_ref"),
  postAttempts: integer("post_attempts").notNull().default(0),
  postAfter: time("post_after"),
  postLockedUntil: time("claimed_until"),
});
