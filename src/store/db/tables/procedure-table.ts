/** The table of procedures' versions. */
import { integer, pgTable } from "#store/db/drizzle.ts";
import { jsonb, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";
import { votedColumns } from "./voted-columns.ts";

/** Versions of procedures; part of `schema.ts`. */
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
