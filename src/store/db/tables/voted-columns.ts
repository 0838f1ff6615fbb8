/** The columns of what leads vote on, a change of the policy or a version of a procedure, and of the card that asks them. */
import { integer } from "#store/db/drizzle.ts";
import { jsonb, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";

/** Fresh columns, since a column belongs to one table. */
export function votedColumns() {
  return {
    needs: jsonb("needs", DOCUMENTS.needs).notNull(),
    votes: jsonb("votes", DOCUMENTS.votes).notNull().default([]),
    expiresAt: time("expires_at").notNull(),
    closing: text("closing").notNull().default(""),
    revision: integer("revision").notNull().default(1),
    shownRevision: integer("shown_revision"),
    deskRef: text("desk_ref"),
    postAttempts: integer("post_attempts").notNull().default(0),
    postAfter: time("post_after"),
    postLockedUntil: time("claimed_until"),
  };
}
