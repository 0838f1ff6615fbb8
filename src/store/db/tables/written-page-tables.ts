/** The tables of help pages that a lead wrote, and of pages that are switched off. */
import { date, integer, pgTable, primaryKey } from "#store/db/drizzle.ts";
import { count, jsonb, text, time } from "#store/db/columns.ts";
import { DOCUMENTS } from "#store/db/versioned-documents.ts";

/** Versions of pages that were written in the console; part of `schema.ts`. */
export const writtenPage = pgTable(
  "written_page",
  {
    name: text("name").notNull(),
    version: integer("version").notNull(),
    title: text("title").notNull(),
    url: text("url").notNull().default(""),
    body: text("body").notNull(),
    language: text("language").notNull().default(""),
    brands: jsonb("brands", DOCUMENTS.lines).notNull().default([]),
    audience: text("audience").notNull().default("customers"),
    validFrom: date("valid_from", { mode: "string" }),
    validUntil: date("valid_until", { mode: "string" }),
    owner: text("owner").notNull().default(""),
    labels: jsonb("labels", DOCUMENTS.lines).notNull().default([]),
    note: text("note").notNull().default(""),
    author: text("author").notNull().default(""),
    at: time("at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.version] })],
);

/** When and why a page was switched off, and on again; part of `schema.ts`. */
export const pageOff = pgTable("page_off", {
  id: count("id").primaryKey().generatedAlwaysAsIdentity(),
  slug: text("slug").notNull(),
  reason: text("reason").notNull(),
  offBy: text("off_by").notNull().default(""),
  offAt: time("off_at").notNull(),
  onBy: text("on_by").notNull().default(""),
  onAt: time("on_at"),
});
