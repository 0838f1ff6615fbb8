/** Stores the messages and signals of a conversation, what changed in them at their source, and how each message ended. */
import { and, eq, inArray, ne, or, sql, asc, type SQL } from "#store/db/drizzle.ts";
import { digest } from "#core/values/canonical-json.ts";
import type { Message, Signal } from "#core/values/message.ts";
import { z } from "zod";
import { ask, onlyRow, type Transaction } from "#store/db/database.ts";
import { columnsFromJson, having } from "#store/db/statement.ts";
import { message, messageContent, signal } from "#store/db/schema.ts";
import { storable, storableJson } from "#gate/kernel/storable-text.ts";
import { filesNotIn } from "#store/inbox/attachments.ts";
import { clearFiles } from "#store/privacy/clear-rows.ts";
import {
  ADD_MESSAGES,
  END_MESSAGES,
  MESSAGE_COLUMNS,
  type MessageOutcome,
  messageRow,
  outcomeRows,
} from "./message-rows.ts";

/** A stored message with its outcome, if it has one, from a row of `messagesFrom`. */
export const StoredMessage = z.unknown().transform((json) => {
  const { content } = columnsFromJson(messageContent, ["content"], json);
  const ended = ["id", "outcome", "outcomeReason", "passedOver", "receivedAt"] as const;
  return { ...columnsFromJson(message, ended, json), message: content };
});
export type StoredMessage = z.output<typeof StoredMessage>;

/** The columns of a message without an outcome. */
export const NOT_ENDED = {
  outcome: null,
  outcomeReason: null,
  passedOver: null,
  outcomeAt: null,
  turnId: null,
} as const;

/** The newest `limit` messages of a conversation, or with null all of them, oldest first by when they were sent. */
export async function conversationMessages(
  transaction: Transaction,
  conversationId: string,
  limit: number | null = 200,
): Promise<readonly StoredMessage[]> {
  return onlyRow(await ask(transaction, NEWEST, [conversationId, limit])).messages;
}

/**
 * Stores new messages, by key, and returns them. A message whose text changed at its source is updated, so that the
 * revision changes and decisions about the old text no longer count.
 */
export async function addMessages(
  transaction: Transaction,
  conversationId: string,
  messages: readonly Message[],
  now: Date,
): Promise<readonly Message[]> {
  const added: Message[] = [];
  // A conversation may come with a history of thousands of messages.
  for (let start = 0; start < messages.length; start += ROWS)
    added.push(
      ...(await addSome(transaction, conversationId, messages.slice(start, start + ROWS), now)),
    );
  return added;
}

/** Messages written with one statement. */
const ROWS = 500;

/** `$1` the messages. Gives the keys of those that are new. */
const ADD = {
  name: "add_messages",
  text: `
with given as (select * from jsonb_to_recordset($1::jsonb) g (${MESSAGE_COLUMNS})),
${ADD_MESSAGES}
select key from added`,
  row: z.object({ key: z.string() }),
} as const;

async function addSome(
  transaction: Transaction,
  conversationId: string,
  messages: readonly Message[],
  now: Date,
): Promise<readonly Message[]> {
  const given = messages.map((item, place) =>
    messageRow(item, { place, conversationId, receivedAt: now }),
  );
  const rows = await ask(transaction, ADD, [storableJson(given)]);
  const added = new Set(rows.map(({ key }) => key));
  const fresh: Message[] = [];
  for (const item of messages) {
    // The database returns keys in storable form. A second message with the same key is another version of it.
    if (added.delete(storable(item.key))) fresh.push(item);
    else await takeEdit(transaction, conversationId, item);
  }
  return fresh;
}

/**
 * Takes over what changed in stored messages at their source, by key: of the `known` as far as their text or visibility
 * did, of the `edited` in any case, with the files that were taken back there.
 */
export async function takeEdits(
  transaction: Transaction,
  conversationId: string,
  { known, edited }: { readonly known: readonly Message[]; readonly edited: readonly Message[] },
  now: Date,
): Promise<void> {
  for (const item of known) await takeEdit(transaction, conversationId, item);
  for (const item of edited) {
    await rewriteMessage(transaction, conversationId, item, editColumns(item));
    await clearFiles(transaction, filesNotIn(item), now);
  }
}

/** Updates a message where it changed at its source. It keeps its outcome, so it is not answered twice. */
async function takeEdit(
  transaction: Transaction,
  conversationId: string,
  item: Message,
): Promise<void> {
  const columns = editColumns(item);
  const isOther = or(
    ne(message.textDigest, columns.textDigest),
    ne(message.visibility, columns.visibility),
  );
  await rewriteMessage(transaction, conversationId, item, columns, isOther);
}

function editColumns({ text, visibility }: Message) {
  return { textDigest: digest(text), visibility };
}

/** Writes these columns of a stored message, and its content, where a condition holds. */
async function rewriteMessage(
  transaction: Transaction,
  conversationId: string,
  item: Message,
  columns: Partial<typeof message.$inferInsert>,
  condition?: SQL,
): Promise<void> {
  // Erased text does not return just because its source still has it.
  const isKept = having(message, { key: item.key, conversationId, clearedAt: null });
  const [row] = await transaction
    .update(message)
    .set(columns)
    .where(and(isKept, condition))
    .returning({ id: message.id });
  if (row === undefined) return;
  await transaction
    .update(messageContent)
    .set({ content: item })
    .where(eq(messageContent.messageId, row.id));
}

/**
 * Stores messages as their source has them now, including author and reply address: when a conversation moves to
 * another customer, proof for the previous one no longer counts.
 */
export async function rereadMessages(
  transaction: Transaction,
  conversationId: string,
  messages: readonly Message[],
): Promise<void> {
  for (const item of messages) {
    const { author, visibility } = item;
    const columns = { authorKind: author.kind, authorId: author.id, visibility };
    await rewriteMessage(transaction, conversationId, item, columns);
  }
}

/**
 * Opens messages again that were ignored while the conversation could not be written to, or ended with people who gave
 * it back. What these ended with stays as the reason: people have had them.
 */
export async function reopenMessages(
  transaction: Transaction,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await transaction
    .update(message)
    .set({
      ...NOT_ENDED,
      outcomeReason: sql`case when ${message.outcome} = 'escalated' then ${message.outcomeReason} end`,
    })
    .where(and(inArray(message.key, [...keys]), ne(message.outcome, "answered")));
}

const SET_OUTCOME = {
  name: "set_outcome",
  text: `
with always as (select),
${END_MESSAGES("$2::jsonb", "$3::timestamptz", "always")}
select`,
  row: z.unknown(),
} as const;

/**
 * Records how messages ended, as decided in one conversation. The first outcome of a message is final. A message of
 * another conversation says where it is covered, and stays open when the outcome leaves it to people.
 */
export async function setOutcome(
  transaction: Transaction,
  keys: readonly string[],
  {
    decidedIn,
    ...ended
  }: Omit<MessageOutcome, "passedOver"> & Partial<MessageOutcome> & { readonly decidedIn: string },
  now: Date,
): Promise<void> {
  if (keys.length === 0) return;
  const outcomes = new Map(keys.map((key) => [key, { passedOver: null, ...ended }]));
  await ask(transaction, SET_OUTCOME, [decidedIn, storableJson(outcomeRows(outcomes)), now]);
}

/** A stored message with its conversation. */
export type PlacedMessage = Readonly<Awaited<ReturnType<typeof messagesUnder>>[number]>;

/** The messages with these keys, in the order they were sent. */
export async function messagesUnder(transaction: Transaction, keys: readonly string[]) {
  if (keys.length === 0) return [];
  return transaction
    .select({ conversationId: message.conversationId, message: messageContent.content })
    .from(message)
    .innerJoin(messageContent, eq(messageContent.messageId, message.id))
    .where(inArray(message.key, [...keys]))
    .orderBy(asc(message.sentAt), asc(message.id));
}

/** The signals of a conversation, oldest first. */
export async function conversationSignals(
  transaction: Transaction,
  conversationId: string,
): Promise<readonly Signal[]> {
  const rows = await transaction
    .select({ payload: signal.payload })
    .from(signal)
    .where(eq(signal.conversationId, conversationId))
    .orderBy(asc(signal.at), asc(signal.key));
  return rows.map(({ payload }) => payload);
}

/** Stores new signals, by key, and returns them. */
export async function addSignals(
  transaction: Transaction,
  conversationId: string,
  signals: readonly Signal[],
): Promise<readonly Signal[]> {
  const added: Signal[] = [];
  for (const item of signals) {
    const [row] = await transaction
      .insert(signal)
      .values({ key: item.key, conversationId, payload: item, at: new Date(item.at) })
      .onConflictDoNothing()
      .returning({ key: signal.key });
    if (row !== undefined) added.push(item);
  }
  return added;
}

/** Opens these messages again that a click on the card of this turn had ended. */
export async function reopenHandedOver(
  transaction: Transaction,
  keys: readonly string[],
  turnId: string,
): Promise<void> {
  if (keys.length === 0) return;
  await transaction
    .update(message)
    .set(NOT_ENDED)
    .where(and(inArray(message.key, [...keys]), having(message, { outcome: "escalated", turnId })));
}

/**
 * The newest messages of a conversation with their content, oldest first by when they were sent. `conversationId` and
 * `limit` are SQL: a column or a parameter, never a value from outside.
 */
export const messagesFrom = (conversationId: string, limit: number | string): string => `
  (select coalesce(json_agg(n order by n.sent_at, n.id), '[]') from (
     select m.id, m.outcome, m.outcome_reason, m.passed_over, m.received_at, m.sent_at, k.message_id, k.content
       from message m join message_content k on k.message_id = m.id
       where m.conversation_id = ${conversationId}
       order by m.sent_at desc, m.id desc limit ${limit}) n)`;

const NEWEST = {
  name: "conversation_messages",
  text: `select ${messagesFrom("$1", "$2::int")} as messages`,
  row: z.object({ messages: z.array(StoredMessage) }),
} as const;
