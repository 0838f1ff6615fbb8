/** The tables of the sources that help pages come from. */
import { boolean, integer, pgTable, primaryKey } from "#store/db/drizzle.ts";
import { text, time } from "#store/db/columns.ts";

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
  },
  (table) => [primaryKey({ columns: [table.source, table.id] })],
);
