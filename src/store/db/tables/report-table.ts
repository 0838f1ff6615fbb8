/** The tables of reports and of what they count. */
import { boolean, doublePrecision, integer, pgTable, primaryKey } from "#store/db/drizzle.ts";
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

/** How what customers asked ended, one row a matter. It holds no personal data. */
export const resolution = pgTable(
  "resolution",
  {
    conversationId: text("conversation_id").notNull(),
    place: integer("place").notNull().default(0),
    kind: text("kind"),
    reason: text("reason").notNull().default(""),
    startedAt: time("started_at"),
    endedAt: time("ended_at"),
    solvedAt: time("solved_at"),
    quietAt: time("quiet_at"),
    continuedIn: text("continued_in"),
    costUsd: doublePrecision("cost_usd").notNull().default(0),
    unpriced: integer("unpriced").notNull().default(0),
    humanMinutes: doublePrecision("human_minutes"),
    dueAt: time("due_at"),
    changed: boolean("changed").notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.place] })],
);
