/**
 * The tables that the query builder works on; a test compares them with the SQL files in `migrations/` column by column.
 * Here are those of a request's way; the two files named below have the others. A table without documents that SQL alone
 * reads and writes stands in `migrations/` only.
 */
import {
  boolean,
  doublePrecision,
  integer,
  pgTable,
  sql,
  bytes,
  count,
  jsonb,
  text,
  time,
} from "./drizzle.ts";
import type { EffectState } from "#core/values/action.ts";
import type { ApprovalState, Card } from "#core/contracts/approval-desk.ts";
import type { ChannelName, TargetName } from "#core/values/vocabulary.ts";
import type { Message, PassedOver } from "#core/values/message.ts";
import { DOCUMENTS } from "./versioned-documents.ts";

export * from "./schema-content.ts";
export * from "./schema-knowledge.ts";

export const conversation = pgTable("conversation", {
  id: text("id").primaryKey(),
  channel: text("channel").notNull(),
  externalId: text("external_id").notNull().default(""),
  subject: text("subject").notNull().default(""),
  brand: text("brand").notNull().default(""),
  owner: text("owner").notNull().default("bot"),
  ownerReason: text("owner_reason").notNull().default(""),
  ownerHolder: text("owner_holder"),
  ownerDelicate: text("owner_delicate"),
  revision: text("revision").notNull().default(""),
  linkedId: text("linked_id"),
  clarified: boolean("clarified").notNull().default(false),
  questions: count("questions").notNull().default(0),
  solvedAt: time("solved_at"),
  rating: text("rating"),
  leaseOwner: text("lease_owner"),
  leaseUntil: time("lease_until"),
  fence: count("fence").notNull().default(0),
  wakeAt: time("wake_at"),
  retrySince: time("retry_since"),
  createdAt: time("created_at").notNull(),
  updatedAt: time("updated_at").notNull(),
  handedOverAt: time("handed_over_at"),
  handoverRemindAt: time("handover_remind_at"),
  closedNoticeUntil: time("closed_notice_until"),
  rungAt: time("rung_at"),
  unfinishedWakes: integer("unfinished_wakes").notNull().default(0),
  failedWakes: integer("failed_wakes").notNull().default(0),
  holdUntil: time("hold_until"),
  customer: text("customer").notNull().default(""),
  participantsDigest: text("participants_digest").notNull().default(""),
  participantChanges: integer("participant_changes").notNull().default(0),
  barred: text("barred"),
  ratingSource: text("rating_source"),
  ratingStars: integer("rating_stars"),
  solvedByRule: boolean("solved_by_rule").notNull().default(false),
  keptOut: text("kept_out"),
  ownerVoter: text("owner_voter"),
  snoozedUntil: time("snoozed_until"),
});

export const conversationKey = pgTable("conversation_key", {
  key: text("key").primaryKey(),
  conversationId: text("conversation_id").notNull(),
});

export const hint = pgTable("hint", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  channel: text("channel").notNull(),
  eventId: text("event_id").notNull(),
  conversationId: text("conversation_id").notNull(),
  kind: text("kind").notNull(),
  payload: jsonb("payload", DOCUMENTS.hint).notNull(),
  bodyRef: text("body_ref"),
  receivedAt: time("received_at").notNull(),
  state: text("state").notNull().default("unread"),
  attempts: integer("attempts").notNull().default(0),
  error: text("error"),
  clearedAt: time("cleared_at"),
});

export const message = pgTable("message", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  key: text("key").notNull(),
  conversationId: text("conversation_id").notNull(),
  authorKind: text("author_kind").notNull().$type<Message["author"]["kind"]>(),
  authorId: text("author_id").notNull(),
  visibility: text("visibility").notNull().$type<Message["visibility"]>(),
  textDigest: text("text_digest").notNull(),
  sentAt: time("sent_at").notNull(),
  receivedAt: time("received_at").notNull(),
  outcome: text("outcome"),
  outcomeReason: text("outcome_reason"),
  passedOver: text("passed_over").$type<PassedOver>(),
  outcomeAt: time("outcome_at"),
  turnId: text("turn_id"),
  clearedAt: time("cleared_at"),
});

export const messageContent = pgTable("message_content", {
  messageId: count("message_id").primaryKey(),
  content: jsonb("content", DOCUMENTS.message).notNull(),
});

export const signal = pgTable("signal", {
  key: text("key").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  payload: jsonb("payload", DOCUMENTS.signal).notNull(),
  at: time("at").notNull(),
  clearedAt: time("cleared_at"),
});

export const turn = pgTable("turn", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  startedAt: time("started_at").notNull(),
  outcome: text("outcome").notNull(),
  trace: jsonb("trace", DOCUMENTS.trace).notNull(),
  clearedAt: time("cleared_at"),
  // Extracted from the trace by the database, so that caps are summed without unpacking it.
  steps: count("steps").generatedAlwaysAs(sql`(trace ->> 'steps')::bigint`),
  outputTokens: count("output_tokens").generatedAlwaysAs(sql`(trace ->> 'output_tokens')::bigint`),
  costUsd: doublePrecision("cost_usd").generatedAlwaysAs(
    sql`(trace ->> 'cost_usd')::double precision`,
  ),
  latencyMs: doublePrecision("latency_ms").generatedAlwaysAs(
    sql`(trace ->> 'latency_ms')::double precision`,
  ),
});

export const approval = pgTable("approval", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  turnId: text("turn_id").notNull(),
  /** A change of the policy does not belong to a conversation and has a table of its own. */
  kind: text("kind").notNull().$type<Exclude<Card["kind"], "policy">>(),
  version: integer("version").notNull().default(1),
  state: text("state").notNull().default("pending").$type<ApprovalState>(),
  proposal: jsonb("proposal", DOCUMENTS.proposal),
  seal: text("seal").notNull(),
  revision: text("revision").notNull(),
  rules: jsonb("rules", DOCUMENTS.rules).notNull(),
  needs: jsonb("needs", DOCUMENTS.needs).notNull(),
  votes: jsonb("votes", DOCUMENTS.votes).notNull().default([]),
  expiresAt: time("expires_at").notNull(),
  undoUntil: time("undo_until"),
  card: jsonb("card", DOCUMENTS.card).notNull(),
  closing: text("closing").notNull().default(""),
  deskRef: text("desk_ref"),
  cardStale: boolean("card_stale").notNull().default(true),
  postAttempts: integer("post_attempts").notNull().default(0),
  postAfter: time("post_after"),
  postLockedUntil: time("post_locked_until"),
  /** Keys of the messages this card is about. */
  answers: jsonb("answers", DOCUMENTS.lines).notNull().default([]),
  createdAt: time("created_at").notNull(),
  updatedAt: time("updated_at").notNull(),
  askedAt: time("asked_at").notNull(),
  remindAt: time("remind_at"),
  remindedAt: time("reminded_at"),
  clearedAt: time("cleared_at"),
  decidedAt: time("decided_at"),
  edited: boolean("edited").notNull().default(false),
  claim: jsonb("claim", DOCUMENTS.claim),
  claimUntil: time("claim_until"),
  claimedAt: time("claimed_at"),
  redraft: jsonb("redraft", DOCUMENTS.redraft),
  redraftCount: integer("redraft_count").notNull().default(0),
  statusLine: text("status_line").notNull().default(""),
  /** What teammates think of a draft that is only shown. */
  opinions: jsonb("opinions", DOCUMENTS.opinions).notNull().default([]),
});

export const effect = pgTable("effect", {
  key: text("key").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  approvalId: text("approval_id"),
  turnId: text("turn_id"),
  bundle: text("bundle").notNull(),
  position: integer("position").notNull(),
  target: text("target").notNull().$type<TargetName>(),
  operation: text("operation").notNull(),
  action: jsonb("action", DOCUMENTS.action),
  requestDigest: text("request_digest").notNull(),
  facts: jsonb("facts", DOCUMENTS.facts).notNull(),
  revision: text("revision"),
  approvedBy: text("approved_by").notNull().$type<"policy" | "person" | "teammate">(),
  state: text("state").notNull().$type<EffectState>(),
  ref: text("ref"),
  error: text("error"),
  fence: count("fence").notNull().default(0),
  attempts: integer("attempts").notNull().default(0),
  notBefore: time("not_before").notNull(),
  createdAt: time("created_at").notNull(),
  finishedAt: time("finished_at"),
  /** How often in a row its target was unavailable, and since when. */
  awayCount: integer("away_count").notNull().default(0),
  awaySince: time("away_since"),
  clearedAt: time("cleared_at"),
  lookedUpAt: time("looked_up_at"),
  heldAt: time("held_at"),
});

export const reservation = pgTable("reservation", {
  effectKey: text("effect_key").notNull(),
  limitName: text("limit_name").notNull(),
  subject: text("subject").notNull(),
  minor: count("minor").notNull(),
  at: time("at").notNull(),
});

export const deskDecision = pgTable("desk_decision", {
  id: text("id").primaryKey(),
  approvalId: text("approval_id").notNull(),
  answer: jsonb("answer", DOCUMENTS.answer).notNull(),
  at: time("at").notNull(),
});

export const audit = pgTable("audit", {
  seq: count("seq").primaryKey().generatedAlwaysAsIdentity(),
  at: time("at").notNull(),
  kind: text("kind").notNull(),
  data: jsonb("data", DOCUMENTS.auditData).notNull(),
  previous: text("previous").notNull(),
  hash: text("hash").notNull(),
});

export const auditPending = pgTable("audit_pending", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  at: time("at").notNull(),
  kind: text("kind").notNull(),
  data: jsonb("data", DOCUMENTS.auditData).notNull(),
});

export const setting = pgTable("setting", {
  name: text("name").primaryKey(),
  value: jsonb("value", DOCUMENTS.setting).notNull(),
});

export const position = pgTable("position", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});

export const transcript = pgTable("transcript", {
  key: text("key").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  text: text("text").notNull(),
  at: time("at").notNull(),
  position: integer("position").notNull().default(0),
});

/**
 * Work that was given up and waits for a person: `unreadable` a delivery that could not be read, `wake` work that ended
 * in a crash or an error every time, `effect` an outward effect that failed or whose outcome is unknown.
 */
export const deadLetter = pgTable("dead_letter", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  kind: text("kind").notNull().$type<"unreadable" | "wake" | "effect">(),
  reason: text("reason").notNull(),
  /** Ids of hints; their raw bodies are kept. */
  hints: jsonb("hints", DOCUMENTS.ids).notNull(),
  /** Keys in the ledger. */
  effects: jsonb("effects", DOCUMENTS.lines).notNull(),
  /** Keys of the messages that ended as `failed` with it. */
  messages: jsonb("messages", DOCUMENTS.lines).notNull(),
  at: time("at").notNull(),
  redrivenAt: time("redriven_at"),
});

/** `waiting`: it is tried again later. `kept`: its bytes are in the blob store. `refused`: it is not opened here. */
type FileState = "waiting" | "kept" | "refused";

/** Files of messages. */
export const attachment = pgTable("attachment", {
  id: text("id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  messageKey: text("message_key").notNull(),
  place: integer("place").notNull(),
  channel: text("channel").notNull().$type<ChannelName>(),
  ref: text("ref").notNull(),
  name: text("name").notNull(),
  mediaType: text("media_type").notNull(),
  bytes: count("bytes").notNull(),
  state: text("state").notNull().$type<FileState>(),
  reason: text("reason").notNull().default(""),
  blobRef: text("blob_ref"),
  attempts: integer("attempts").notNull().default(0),
  nextAt: time("next_at"),
  receivedAt: time("received_at").notNull(),
  clearedAt: time("cleared_at"),
  /** What a model said of a picture: for the team alone, so no turn reads it with its file. */
  description: text("description").notNull().default(""),
});

export const turnRecording = pgTable("turn_recording", {
  turnId: text("turn_id").primaryKey(),
  conversationId: text("conversation_id").notNull(),
  recordedAt: time("recorded_at").notNull(),
  body: bytes("body").notNull(),
});
