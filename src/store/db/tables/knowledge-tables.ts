/** The tables of help pages and of the sources they come from. */
import { boolean, date, integer, pgTable, primaryKey } from "#store/db/drizzle.ts";
import { bytes, count, jsonb, searchWords, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";

/** Help pages with what they say of themselves; part of `schema.ts`. */
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
});

/** The passages that answers cite; part of `schema.ts`. */
export const helpPassage = pgTable("help_passage", {
  id: text("id").primaryKey(),
  slug: text("slug").notNull(),
  position: integer("position").notNull(),
  title: text("title").notNull(),
  url: text("url").notNull(),
  heading: text("heading").notNull(),
  body: text("body").notNull(),
  embedding: bytes("embedding"),
  language: text("language").notNull().default(""),
  words: searchWords("words").notNull(),
  embeddingModel: text("embedding_model").notNull().default("builtin"),
});

/** Sources that a lead added; part of `schema.ts`. */
export const knowledgeSource = pgTable("knowledge_source", {
  name: text("name").primaryKey(),
  kind: text("kind").notNull(),
  location: text("location").notNull(),
  isLocal: boolean("is_local").notNull().default(false),
  addedBy: text("added_by").notNull().default(""),
  addedAt: time("added_at").notNull(),
  readAt: time("read_at"),
  nextReadAt: time("next_read_at").notNull(),
  pages: integer("pages").notNull().default(0),
  leftOut: integer("left_out").notNull().default(0),
  problem: text("problem").notNull().default(""),
});

/** What the last reading of a source left out; part of `schema.ts`. */
export const knowledgeLeftOut = pgTable(
  "knowledge_left_out",
  {
    source: text("source").notNull(),
    id: text("id").notNull(),
    reason: text("reason").notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.id] })],
);

/** Pages of sites as they were last read; part of `schema.ts`. */
export const knowledgeCopy = pgTable(
  "knowledge_copy",
  {
    source: text("source").notNull(),
    id: text("id").notNull(),
    etag: text("etag").notNull(),
    lastModified: text("last_modified").notNull(),
    title: text("title").notNull(),
    updated: text("updated").notNull(),
    url: text("url").notNull(),
    body: text("body").notNull(),
    attributes: jsonb("attributes", DOCUMENTS.pageAttributes).notNull().default({}),
  },
  (table) => [primaryKey({ columns: [table.source, table.id] })],
);

/** Questions that the help pages did not answer; part of `schema.ts`. */
export const knowledgeGap = pgTable("knowledge_gap", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  conversationId: text("conversation_id").notNull(),
  messageKey: text("message_key").notNull(),
  reason: text("reason").notNull(),
  channel: text("channel").notNull(),
  question: text("question").notNull(),
  query: text("query").notNull().default(""),
  pages: jsonb("pages", DOCUMENTS.lines).notNull().default([]),
  at: time("at").notNull(),
});

/** Why a page or a passage is no good source; part of `schema.ts`. */
export const pageDoubt = pgTable(
  "page_doubt",
  {
    slug: text("slug").notNull(),
    passage: text("passage").notNull().default(""),
    kind: text("kind").notNull(),
    reason: text("reason").notNull(),
    digest: text("digest").notNull().default(""),
    allowedBy: text("allowed_by").notNull().default(""),
    at: time("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.slug, table.passage, table.kind] })],
);
