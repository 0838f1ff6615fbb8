/** Tables about people: sign-in, proof of identity, keys of their pseudonyms, and erasures. */
import { boolean, integer, pgTable } from "#store/db/drizzle.ts";
import { text, time } from "#store/db/columns.ts";

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
