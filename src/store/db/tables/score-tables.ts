/** The tables of judged drafts, and of the changes of autonomy they speak for. */
import { boolean, pgTable } from "#store/db/drizzle.ts";
import { count, text, time } from "#store/db/columns.ts";

export const draftScore = pgTable("draft_score", {
  approvalId: text("approval_id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  channel: text("channel").notNull(),
  topic: text("topic").notNull(),
  draftedAt: time("drafted_at").notNull(),
  answeredAt: time("answered_at"),
  judgeAt: time("judge_at"),
  judgedAt: time("judged_at"),
  agreed: boolean("agreed"),
  wrongActions: count("wrong_actions").notNull().default(0),
  missingFacts: count("missing_facts").notNull().default(0),
  riskMinor: count("risk_minor"),
  riskCurrency: text("risk_currency"),
  unjudged: text("unjudged").notNull().default(""),
});

export const autonomyProposal = pgTable("autonomy_proposal", {
  changeId: text("change_id").primaryKey(),
  kind: text("kind").notNull(),
  channel: text("channel").notNull(),
  topic: text("topic").notNull(),
  cameFrom: text("came_from").notNull(),
  goesTo: text("goes_to").notNull(),
  judged: count("judged").notNull(),
  proposedAt: time("proposed_at").notNull(),
});
