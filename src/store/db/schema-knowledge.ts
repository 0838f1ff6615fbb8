/** The tables of help pages, of copies of sites, and of pages that a lead wrote; part of `schema.ts`. */
import type { ChannelName } from "#core/values/vocabulary.ts";
import { date, integer, pgTable, count, jsonb, text, time } from "./drizzle.ts";
import { DOCUMENTS } from "./versioned-documents.ts";

/** Help pages with what they say of themselves. */
export const helpPage = pgTable("help_page", {
  slug: text("slug").primaryKey(),
  title: text("title").notNull(),
  url: text("url").notNull(),
  updated: date("updated", { mode: "string" }).notNull(),
  hash: text("hash").notNull(),
  source: text("source").notNull().default("file"),
  language: text("language").notNull().default(""),
  brands: jsonb("brands", DOCUMENTS.lines).notNull().default([]),
  audience: text("audience").notNull().default("customers"),
  version: integer("version").notNull().default(1),
  validFrom: date("valid_from", { mode: "string" }),
  validUntil: date("valid_until", { mode: "string" }),
  owner: text("owner").notNull().default(""),
  labels: jsonb("labels", DOCUMENTS.lines).notNull().default([]),
  /** How customers ask for what a section says, by its heading. */
  asked: jsonb("asked", DOCUMENTS.pageAttributes).notNull().default({}),
  /** What customers ask and no page says. */
  unanswered: jsonb("unanswered", DOCUMENTS.lines).notNull().default([]),
  /** When the reading model is to compare it again: null while it is due, `infinity` once it was compared. */
  compareAt: time("compare_at"),
});

/** Pages of sites as they were last read. */
export const knowledgeCopy = pgTable("knowledge_copy", {
  source: text("source").notNull(),
  id: text("id").notNull(),
  etag: text("etag").notNull(),
  lastModified: text("last_modified").notNull(),
  title: text("title").notNull(),
  updated: text("updated").notNull(),
  url: text("url").notNull(),
  body: text("body").notNull(),
  attributes: jsonb("attributes", DOCUMENTS.pageAttributes).notNull().default({}),
});

/**
 * Why a question counts as a gap: no passage answered it, a teammate replaced what the answer had from a page, or the
 * conversation was reopened after the bot's answer.
 */
export type GapReason = "unanswered" | "corrected" | "reopened";

/** Questions that the help pages did not answer: masked, and with the words that were searched for. */
export const knowledgeGap = pgTable("knowledge_gap", {
  /** Stays the same while the row exists; part of addresses in the console. */
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  conversationId: text("conversation_id").notNull(),
  /** The newest message of the question. */
  messageKey: text("message_key").notNull(),
  reason: text("reason").notNull().$type<GapReason>(),
  channel: text("channel").notNull().$type<ChannelName>(),
  /** The customer's words without what identifies them. */
  question: text("question").notNull(),
  /** What the model searched for; empty where it did not search. */
  query: text("query").notNull().default(""),
  /** Titles of the pages that the answer cited. */
  pages: jsonb("pages", DOCUMENTS.lines).notNull().default([]),
  at: time("at").notNull(),
});

/**
 * `instructions` keeps the page out of every draft until a lead allows it. With the others a person decides on a reply
 * that rests on the page.
 */
type DoubtKind = "contradiction" | "source gone" | "instructions";

/** Why a page or a passage is no good source. */
export const pageDoubt = pgTable("page_doubt", {
  slug: text("slug").notNull(),
  /** The passage it is about; empty for the whole page. */
  passage: text("passage").notNull().default(""),
  kind: text("kind").notNull().$type<DoubtKind>(),
  /** In words for a teammate. */
  reason: text("reason").notNull(),
  /** Of the text that was read; empty for other kinds. */
  digest: text("digest").notNull().default(""),
  /** The lead who allowed it nevertheless; empty while no lead has. */
  allowedBy: text("allowed_by").notNull().default(""),
  at: time("at").notNull(),
});

/** Sentences of two passages that exclude each other, as the reading model found them; gone with either passage. */
export const pageContradiction = pgTable("page_contradiction", {
  one: text("one").notNull(),
  oneSentence: text("one_sentence").notNull(),
  other: text("other").notNull(),
  otherSentence: text("other_sentence").notNull(),
});

/** Versions of pages that were written in the console. */
export const writtenPage = pgTable("written_page", {
  /** Part of the ids of its passages, so it stays when the title changes. */
  name: text("name").notNull(),
  version: integer("version").notNull(),
  title: text("title").notNull(),
  /** Where customers can read it; empty where they cannot. */
  url: text("url").notNull().default(""),
  /** Markdown. */
  body: text("body").notNull(),
  language: text("language").notNull().default(""),
  brands: jsonb("brands", DOCUMENTS.lines).notNull().default([]),
  audience: text("audience").notNull().default("customers").$type<"customers" | "team">(),
  validFrom: date("valid_from", { mode: "string" }),
  validUntil: date("valid_until", { mode: "string" }),
  owner: text("owner").notNull().default(""),
  labels: jsonb("labels", DOCUMENTS.lines).notNull().default([]),
  /** What changed, in the writer's words. */
  note: text("note").notNull().default(""),
  /** The writer's address. */
  author: text("author").notNull().default(""),
  at: time("at").notNull(),
});

/** When and why a page was switched off, and on again. */
export const pageOff = pgTable("page_off", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  slug: text("slug").notNull(),
  reason: text("reason").notNull(),
  /** The address of the teammate who switched it off. */
  offBy: text("off_by").notNull().default(""),
  offAt: time("off_at").notNull(),
  /** The address of the teammate who switched it on again; empty while it is off. */
  onBy: text("on_by").notNull().default(""),
  onAt: time("on_at"),
});
