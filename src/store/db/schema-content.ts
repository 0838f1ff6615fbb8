/** The tables of cases, people, policy, procedures, reports and rehearsals; part of `schema.ts`. */
import { boolean, doublePrecision, integer, pgTable, primaryKey } from "./drizzle.ts";
import { count, jsonb, text, time } from "./columns.ts";
import { DOCUMENTS } from "./versioned-documents.ts";

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

/** One row per conversation that was ever set aside. */
export const junk = pgTable("junk", {
  conversationId: text("conversation_id").primaryKey(),
  kind: text("kind").notNull(),
  why: text("why").notNull(),
  listKey: text("list_key").notNull(),
  at: time("at").notNull(),
  restoredAt: time("restored_at"),
});

export const consolePass = pgTable("console_pass", {
  hash: text("hash").primaryKey(),
  kind: text("kind").notNull(),
  email: text("email").notNull(),
  name: text("name").notNull(),
  expiresAt: time("expires_at").notNull(),
});

export const challenge = pgTable("challenge", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  authorId: text("author_id").notNull(),
  addressHash: text("address_hash").notNull(),
  emailOnFile: text("email_on_file"),
  codeHash: text("code_hash").notNull(),
  state: text("state").notNull(),
  tries: integer("tries").notNull().default(0),
  createdAt: time("created_at").notNull(),
  expiresAt: time("expires_at").notNull(),
  usedAt: time("used_at"),
  networkHash: text("network_hash"),
});

export const challengeTry = pgTable("challenge_try", {
  messageKey: text("message_key").primaryKey(),
  challengeId: text("challenge_id").notNull(),
  accepted: boolean("accepted").notNull(),
  at: time("at").notNull(),
});

export const personKey = pgTable("person_key", {
  person: text("person").primaryKey(),
  key: text("key").notNull(),
});

export const erasure = pgTable("erasure", {
  name: text("name").primaryKey(),
  at: time("at").notNull(),
});

/**
 * The columns of what leads vote on, a change of the policy or a version of a procedure, and of the card that asks them:
 * fresh ones, since a column belongs to one table.
 */
function votedColumns() {
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

/** Changes of the policy. */
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

/** Versions of procedures. */
export const procedureVersion = pgTable("procedure_version", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  version: integer("version").notNull(),
  text: text("text").notNull(),
  digest: text("digest").notNull(),
  state: text("state").notNull(),
  origin: text("origin").notNull(),
  author: text("author").notNull().default(""),
  testedAt: time("tested_at"),
  testedWith: text("tested_with").notNull().default(""),
  testBeganAt: time("test_began_at"),
  testEndedAt: time("test_ended_at"),
  testLines: jsonb("test_lines", DOCUMENTS.lines).notNull().default([]),
  createdAt: time("created_at").notNull(),
  publishedAt: time("published_at"),
  ...votedColumns(),
});

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

/** Differences between drafts and what teammates did. */
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

/** Texts of messages that were held back and said to be harmless. */
export const harmlessText = pgTable("harmless_text", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  conversationId: text("conversation_id").notNull(),
  messageKey: text("message_key").notNull(),
  judged: text("judged").notNull(),
  segment: text("segment").notNull(),
  lang: text("lang").notNull(),
  words: text("masked").notNull(),
  approvalId: text("approval_id").notNull(),
  who: text("who").notNull(),
  at: time("at").notNull(),
});

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

/** One run over past tickets. */
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

/** One ticket as it was played. */
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
