/** The table of reports. */
import { integer, pgTable } from "#store/db/drizzle.ts";
import { text, time } from "#store/db/columns.ts";

/** Reports of metrics, one row per report and recipient. */
export const digest = pgTable("digest", {
  key: text("key").primaryKey(),
  kind: text("kind").notNull(),
  person: text("person").notNull().default(""),
  day: text("day").notNull(),
  dueAt: time("due_at").notNull(),
  state: text("state").notNull().default("planned"),
  claimedUntil: time("claimed_until"),
  attempts: integer("attempts").notNull().default(0),
  ref: text("ref"),
  finishedAt: time("finished_at"),
});
