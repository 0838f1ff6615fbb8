/** The tables of cases, people, policy, procedures, reports and rehearsals; part of `schema.ts`. */
import type { ResolutionKind } from "#core/cases/resolution.ts";
import type { ChannelName } from "#core/values/vocabulary.ts";
import type { DifferenceKind } from "#core/lessons/draft-difference.ts";
import { boolean, doublePrecision, integer, pgTable, count, jsonb, text, time } from "./drizzle.ts";
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

export const caseNote = pgTable("case_note", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  /** The author's address. */
  author: text("author").notNull(),
  name: text("name").notNull(),
  text: text("text").notNull(),
  at: time("at").notNull(),
  /** An answer to the customer that an assistant proposes, until a person puts it into theirs. */
  isAnswer: boolean("is_answer").notNull().default(false),
});

export const candidateCase = pgTable("candidate_case", {
  conversationId: text("conversation_id").primaryKey(),
  reason: text("reason").notNull(),
  at: time("at").notNull(),
  answeredBy: text("answered_by"),
  decision: text("decision"),
  decidedBy: text("decided_by"),
  decidedAt: time("decided_at"),
});

/** One row per conversation that was ever set aside. */
export const junk = pgTable("junk", {
  conversationId: text("conversation_id").primaryKey(),
  /** Read by versions up to 0.3 alone. */
  kind: text("kind").notNull().$type<"phishing" | "sales">(),
  why: text("why").notNull(),
  /** The alert that lists it. */
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

export const accessToken = pgTable("access_token", {
  id: text("id").primaryKey(),
  hash: text("hash").notNull().unique(),
  email: text("email"),
  name: text("name"),
  label: text("label").notNull(),
  scopes: text("scopes").notNull(),
  madeBy: text("made_by").notNull(),
  madeAt: time("made_at").notNull(),
  expiresAt: time("expires_at").notNull(),
  usedAt: time("used_at"),
  revokedAt: time("revoked_at"),
});

export const apiAnswer = pgTable("api_answer", {
  tokenId: text("token_id").notNull(),
  key: text("key").notNull(),
  content: text("content").notNull(),
  seed: text("seed").notNull(),
  status: integer("status"),
  body: text("body"),
  at: time("at").notNull(),
});

export const ticketSession = pgTable("ticket_session", {
  hash: text("hash").primaryKey(),
  opening: text("opening").notNull(),
  userId: text("user_id").notNull(),
  email: text("email").notNull(),
  name: text("name").notNull(),
  origin: text("origin").notNull(),
  ticket: text("ticket"),
  expiresAt: time("expires_at").notNull(),
  endsAt: time("ends_at").notNull(),
});

export const challenge = pgTable("challenge", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  authorId: text("author_id").notNull(),
  addressHash: text("address_hash").notNull(),
  /** Null when the shop has no such address: then nothing was sent and no code is right. */
  emailOnFile: text("email_on_file"),
  codeHash: text("code_hash").notNull(),
  state: text("state").notNull().$type<"open" | "used" | "dead" | "limited">(),
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

/**
 * The columns of what leads vote on, a change of the policy or a version of a procedure, and of the card that asks them:
 * fresh ones, since a column belongs to one table.
 */
function votedColumns() {
  return {
    needs: jsonb("needs", DOCUMENTS.needs).notNull(),
    votes: jsonb("votes", DOCUMENTS.votes).notNull().default([]),
    expiresAt: time("expires_at").notNull(),
    /** How it ended or came into force, in one line; empty before. */
    closing: text("closing").notNull().default(""),
    revision: integer("revision").notNull().default(1),
    shownRevision: integer("shown_revision"),
    deskRef: text("desk_ref"),
    postAttempts: integer("post_attempts").notNull().default(0),
    postAfter: time("post_after"),
    postLockedUntil: time("post_locked_until"),
  };
}

/** How a policy file that was read ends; see `PolicyChange`. */
export const POLICY_STATES = ["proposed", "active", "rejected", "expired", "superseded"] as const;

/** Changes of the policy. */
export const policyChange = pgTable("policy_change", {
  id: text("id").primaryKey(),
  /** The sandbox's own file, which is never edited, or an operator's. */
  source: text("source").notNull().$type<"built-in" | "file">(),
  /** Digest of the text's meaning. */
  version: text("version").notNull(),
  text: text("text").notNull(),
  state: text("state").notNull().$type<(typeof POLICY_STATES)[number]>(),
  /** What it permits beyond the previous one, one line each; empty for one that needs no approval. */
  relaxations: jsonb("relaxations", DOCUMENTS.lines).notNull(),
  /** All other differences from the previous one, one line each. */
  differences: jsonb("differences", DOCUMENTS.lines).notNull(),
  proposedAt: time("proposed_at").notNull(),
  activeSince: time("active_since"),
  /**
   * For a change that Deskhand proposed itself, the version of the file it was made from, until the file says the same:
   * while the file stays at that version it lags behind, and does not undo the change. Null for every other.
   */
  madeFrom: text("made_from"),
  ...votedColumns(),
});

/**
 * `draft`: being written; there is at most one of a name. `proposed`: waits for leads. `published`: what turns follow;
 * there is at most one. It ends as `retired`, from where it can come back. A proposed one may also end as `rejected` or
 * `expired`.
 */
type ProcedureState = "draft" | "proposed" | "published" | "retired" | "rejected" | "expired";

/** Versions of procedures. */
export const procedureVersion = pgTable("procedure_version", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  version: integer("version").notNull(),
  text: text("text").notNull(),
  digest: text("digest").notNull(),
  state: text("state").notNull().$type<ProcedureState>(),
  origin: text("origin").notNull().$type<"program" | "file" | "console">(),
  /** The address of the teammate who wrote it in the console; empty for a file. */
  author: text("author").notNull().default(""),
  /** When its own tests passed on exactly this text. */
  testedAt: time("tested_at"),
  /** The model they passed with. */
  testedWith: text("tested_with").notNull().default(""),
  /** When its tests were last begun; null while they never were on this text. */
  testBeganAt: time("test_began_at"),
  /** When the last ones ended, whatever they came to; null while they are played. */
  testEndedAt: time("test_ended_at"),
  /** What the last ones came to, one line for each test and each thing that was missed. */
  testLines: jsonb("test_lines", DOCUMENTS.lines).notNull().default([]),
  createdAt: time("created_at").notNull(),
  publishedAt: time("published_at"),
  ...votedColumns(),
});

export const draftScore = pgTable("draft_score", {
  approvalId: text("approval_id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  channel: text("channel").notNull().$type<ChannelName>(),
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

/** Differences between drafts and what teammates did. */
export const draftDifference = pgTable("draft_difference", {
  /** Stays the same while the row exists; part of addresses in the console. */
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  conversationId: text("conversation_id").notNull(),
  /** What it happened to; the same once more replaces the row. */
  event: text("event").notNull(),
  kind: text("kind").notNull().$type<DifferenceKind>(),
  turnId: text("turn_id").notNull(),
  topic: text("topic").notNull(),
  content: jsonb("content", DOCUMENTS.draftDifference).notNull(),
  /** The teammate's pseudonym. */
  who: text("who").notNull(),
  at: time("at").notNull(),
  /** The lesson a lead decided on, with others; null, as the decision, while no lead has. */
  lesson: count("lesson"),
  decision: text("decision").$type<"accepted" | "declined">(),
  decisionReason: text("decision_reason").notNull().default(""),
  decidedBy: text("decided_by").notNull().default(""),
  decidedAt: time("decided_at"),
});

/** Texts of messages that were held back and said to be harmless. */
export const harmlessText = pgTable("harmless_text", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  conversationId: text("conversation_id").notNull(),
  messageKey: text("message_key").notNull(),
  /** A digest of all that the guard judged. */
  judged: text("judged").notNull(),
  /** Where in the message it stands. */
  segment: text("segment").notNull(),
  /** ISO 639-1; empty where it cannot be told. */
  lang: text("lang").notNull(),
  /** The text, masked. */
  maskedText: text("masked_text").notNull(),
  approvalId: text("approval_id").notNull(),
  /** The teammate's pseudonym. */
  who: text("who").notNull(),
  at: time("at").notNull(),
});

/** Reports of metrics, one row per report and recipient. */
export const digest = pgTable("digest", {
  key: text("key").primaryKey(),
  kind: text("kind").notNull().$type<"day" | "week">(),
  /** A lead as the policy names them; empty for the weekly post. */
  person: text("person").notNull().default(""),
  /** The day it is sent on, in the policy's time zone, such as 2026-11-21. */
  day: text("day").notNull(),
  dueAt: time("due_at").notNull(),
  state: text("state").notNull().default("planned"),
  claimedUntil: time("claimed_until"),
  attempts: integer("attempts").notNull().default(0),
  ref: text("ref"),
  finishedAt: time("finished_at"),
});

/** How what customers asked ended, one row a matter. It holds no personal data. */
export const resolution = pgTable("resolution", {
  conversationId: text("conversation_id").notNull(),
  place: integer("place").notNull().default(0),
  kind: text("kind").$type<ResolutionKind>(),
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
});

/** `running` also for one that was interrupted; `stopped` at its cost ceiling or by a person, and may go on. */
type RehearsalState = "running" | "stopped" | "done";

/** One run over past tickets. */
export const rehearsal = pgTable("rehearsal", {
  id: text("id").primaryKey(),
  /** "zendesk", "mailbox FILE" or "file FILE". */
  source: text("source").notNull(),
  model: text("model").notNull(),
  /** True for rehearsal rules, which are no AI: every page and report says so. */
  isRehearsalModel: boolean("is_rehearsal_model").notNull(),
  policyVersion: text("policy_version").notNull(),
  state: text("state").notNull().$type<RehearsalState>(),
  /** Why it stopped before its end; empty otherwise. */
  reason: text("reason").notNull().default(""),
  /** How many tickets it is about. */
  tickets: integer("tickets").notNull(),
  startedAt: time("started_at").notNull(),
  endedAt: time("ended_at"),
  /** Null until it stopped or ended once. */
  summary: jsonb("summary", DOCUMENTS.rehearsalSummary),
});

/** One ticket as it was played. */
export const rehearsedTicket = pgTable("rehearsed_ticket", {
  rehearsalId: text("rehearsal_id").notNull(),
  ticketId: text("ticket_id").notNull(),
  customer: text("customer").notNull().default(""),
  customerId: text("customer_id").notNull().default(""),
  played: jsonb("played", DOCUMENTS.rehearsedTicket).notNull(),
  /** What a teammate said of it. */
  verdict: jsonb("verdict", DOCUMENTS.personVerdict),
  /** The name of the case it was kept as; empty where it was not kept. */
  keptAs: text("kept_as").notNull().default(""),
  playedAt: time("played_at").notNull(),
});

/** Who is told of which events. */
export const webhook = pgTable("webhook", {
  id: text("id").primaryKey(),
  url: text("url").notNull(),
  /** Names, separated by spaces. */
  events: text("events").notNull(),
  withText: boolean("with_text").notNull().default(false),
  secret: text("secret").notNull(),
  oldSecret: text("old_secret"),
  oldUntil: time("old_until"),
  offReason: text("off_reason"),
  createdAt: time("created_at").notNull(),
});

/** One event for one webhook. */
export const webhookDelivery = pgTable("webhook_delivery", {
  id: text("id").primaryKey(),
  webhookId: text("webhook_id").notNull(),
  event: text("event").notNull(),
  /** Empty for a test. */
  conversationId: text("conversation_id").notNull(),
  /** What the event says, as JSON. */
  body: text("body").notNull(),
  state: text("state").notNull().default("waiting"),
  attempts: integer("attempts").notNull().default(0),
  nextAt: time("next_at").notNull(),
  status: integer("status"),
  answer: text("answer").notNull().default(""),
  createdAt: time("created_at").notNull(),
});
