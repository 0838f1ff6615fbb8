/**
 * Room: Finding a record by what is printed of it, and conversations by words and orders.
 * In: what a person typed or pasted: an id, the beginning of one, a ticket's number, an effect's key, a link.
 * Out: the record it names, several it may name, or none; conversations whose messages have the words.
 * May touch: the database only, inside the caller's transaction.
 * This file: all of it.
 */
import { z } from "zod";
import { sql, type SQL, desc, eq, inArray } from "#store/db/drizzle.ts";
import { rowsOf, type Transaction } from "#store/db/database.ts";
import { CUSTOMER_NAME } from "#store/people/person-names.ts";
import { conversation, effect, message, messageContent } from "#store/db/schema.ts";

/** What an id can name. `bundle` is a list of effects that are carried out in order. */
const Kind = z.enum([
  "conversation",
  "turn",
  "card",
  "policy",
  "procedure",
  "effect",
  "bundle",
  "dead-letter",
]);

const NamedRecord = z.object({
  kind: Kind,
  /** The whole id. */
  id: z.string(),
  /** The conversation it belongs to; null for a change of the policy and a version of a procedure. */
  conversationId: z.string().nullable(),
  /** The turn it comes from; null for a conversation, and for what no turn decided. */
  turnId: z.string().nullable(),
});
/** A record that a printed id names. */
export type NamedRecord = z.infer<typeof NamedRecord>;

const TYPED_MAX = 500;
const MANY_MAX = 8;

/** Cards, lists and pages print the beginning of an id; six hex digits are the least that name a record. */
const BEGINNING = /^[a-z]{1,8}_[0-9a-f]{6,40}$/;

/** An id at the end of a pasted link, such as `…/console/card/a_0123456789ab` or `…#t_0123456789ab`. */
const AT_END_OF_LINK = /^https?:\/\/\S*[/#=]([a-z]{1,8}_[0-9a-f]{6,40})\/?$/;

/** A ticket as people write it. */
const TICKET = /^(?:ticket\s*(?:#\s*)?|#)(\d{1,15})$/i;

/**
 * The records that are printed like this anywhere, at most `MANY_MAX`: a whole id, its beginning from six hex digits on, a ticket's number, a
 * conversation's key, an effect's key, or a link that ends in an id. A whole id always wins over a beginning.
 */
export async function findPrinted(
  transaction: Transaction,
  typed: string,
): Promise<readonly NamedRecord[]> {
  const words = idIn(typed);
  if (words === "") return [];
  const exact = await recordsNamed(transaction, (column) => sql`${column} = ${words}`);
  if (exact.length > 0) return exact;
  if (BEGINNING.test(words)) {
    // A range, so that the primary key's index is used; "g" is past every hex digit.
    const begins = await recordsNamed(
      transaction,
      (column) =>
        sql`${column} >= ${words} and ${column} < ${`${words}g`} and starts_with(${column}, ${words})`,
    );
    if (begins.length > 0) return begins;
  }
  return conversationsNamed(transaction, words);
}

/** What a person is told when an id names several records. */
export function severalNamed(typed: string, records: readonly NamedRecord[]): string {
  const shown = records.map(({ kind, id }) => `${kind} ${id}`).join(", ");
  return `${typed.trim().slice(0, 60)} names more than one: ${shown}. Add a few characters.`;
}

/** The id in what was typed, without what people paste around it. */
function idIn(typed: string): string {
  const words = typed.slice(0, TYPED_MAX).trim();
  const bare = words.replace(/^[“"'`([]+/, "").replace(/(?<![”"'`)\],.…])[”"'`)\],.…]+$/, "");
  return AT_END_OF_LINK.exec(bare)?.[1] ?? bare;
}

async function recordsNamed(
  transaction: Transaction,
  isNamed: (column: SQL) => SQL,
): Promise<readonly NamedRecord[]> {
  const none = sql`null::text`;
  const tables: readonly (readonly [z.infer<typeof Kind>, SQL, SQL, SQL, SQL])[] = [
    ["conversation", sql`id`, sql`id`, none, sql`conversation`],
    ["turn", sql`id`, sql`conversation_id`, sql`id`, sql`turn`],
    ["card", sql`id`, sql`conversation_id`, sql`turn_id`, sql`approval`],
    ["policy", sql`id`, none, none, sql`policy_change`],
    ["procedure", sql`id`, none, none, sql`procedure_version`],
    ["dead-letter", sql`id`, sql`conversation_id`, none, sql`dead_letter`],
    ["effect", sql`key`, sql`conversation_id`, sql`turn_id`, sql`effect`],
  ];
  const looked = tables.map(
    ([kind, id, conversationId, turnId, table]) =>
      sql`(select ${kind}::text as kind, ${id} as id, ${conversationId} as "conversationId", ${turnId} as "turnId"
           from ${table} where ${isNamed(id)} limit ${MANY_MAX})`,
  );
  const all = sql`select * from (${sql.join(looked, sql` union all `)}) named limit ${MANY_MAX}`;
  return rowsOf(transaction, NamedRecord, all);
}

/** By the source's own number or key, and by a bundle, whose effects are told apart by their positions. */
async function conversationsNamed(
  transaction: Transaction,
  words: string,
): Promise<readonly NamedRecord[]> {
  const external = TICKET.exec(words)?.[1] ?? words;
  return rowsOf(
    transaction,
    NamedRecord,
    sql`select 'conversation' as kind, c.id, c.id as "conversationId", null::text as "turnId" from conversation c
        where c.external_id = ${external}
           or c.id in (select k.conversation_id from conversation_key k where k.key = ${words})
        union all
        (select 'bundle', b.bundle, b.conversation_id, b.turn_id from effect b
         where b.bundle = ${words} order by b.position limit 1)
        limit ${MANY_MAX}`,
  );
}

/** A message that holds what was searched for, with its conversation. */
export type FoundMessage = Awaited<ReturnType<typeof messagesAmong>>[number];

/** How many messages one page of a search looks at. */
export const SEARCHED_MAX = 40;

/** The words of the message in the row `w` exactly as the index `message_words` has them. */
const MESSAGE_WORDS = sql`to_tsvector('simple', regexp_replace(
    coalesce(w.content -> 'author' ->> 'name', '') || ' ' || coalesce(w.content -> 'author' ->> 'id', '') || ' '
      || coalesce(w.content ->> 'subject', '') || ' ' || left(coalesce(w.content ->> 'text', ''), 20000),
    '[0-9](?:[ -]?[0-9]){11,}', ' ', 'g'))`;

const WORDS_MAX = 8;
const WORD_MAX = 60;

/**
 * What the database searches for: every word has to be there, and the last one may be a beginning, because it is still
 * being typed. Null when nothing searchable was typed.
 */
export function searchTerms(typed: string): string | null {
  const words = typed
    .normalize("NFC")
    .split(/\s+/u)
    .map((word) => word.replaceAll(/[^\p{L}\p{N}@.+_-]/gu, "").replaceAll(/^[.+_-]+|[.+_-]+$/g, ""))
    .filter((word) => word !== "")
    .slice(0, WORDS_MAX)
    .map((word) => word.slice(0, WORD_MAX).toWellFormed());
  if (words.length === 0) return null;
  return words
    .map((word, index) => `'${word}'${index === words.length - 1 ? ":*" : ""}`)
    .join(" & ");
}

/** So many of the newest messages are read one by one before the index is asked. */
const WALKED = 2_000;

/**
 * Messages with these terms, newest first, those before `before` if given. A word that is common fills its page out of
 * the newest messages. Only for a rarer one the index gives all that hold it: the database cannot tell beforehand which
 * of the two a word is, and reading every message in search of one that none holds took more than a second.
 */
export async function messagesWith(
  transaction: Transaction,
  terms: string,
  before: number | null,
): Promise<readonly FoundMessage[]> {
  const earlier = before === null ? sql`true` : sql`w.message_id < ${before}`;
  const newest = await messagesAmong(
    transaction,
    sql`select message_id from (
          select w.message_id, ${MESSAGE_WORDS} as words from message_content w where ${earlier}
          order by w.message_id desc limit ${WALKED}) walked
        where words @@ to_tsquery('simple', ${terms})`,
  );
  if (newest.length > SEARCHED_MAX) return newest;
  return messagesAmong(
    transaction,
    sql`with held as materialized (select w.message_id from message_content w
          where ${MESSAGE_WORDS} @@ to_tsquery('simple', ${terms}) and ${earlier})
        select message_id from held`,
  );
}

/** The newest messages among those this query names. */
function messagesAmong(transaction: Transaction, ids: SQL) {
  return transaction
    .select({
      /** Grows with the order of arrival; the cursor of the next page. */
      id: message.id,
      conversationId: message.conversationId,
      channel: conversation.channel,
      subject: conversation.subject,
      owner: conversation.owner,
      /** The name of whose conversation it is; empty where none is known. */
      customer:
        sql`(select ${CUSTOMER_NAME} from conversation c where c.id = ${conversation.id})`.mapWith(
          String,
        ),
      at: message.receivedAt,
      message: messageContent.content,
    })
    .from(messageContent)
    .innerJoin(message, eq(message.id, messageContent.messageId))
    .innerJoin(conversation, eq(conversation.id, message.conversationId))
    .where(
      inArray(
        messageContent.messageId,
        sql`(select named.message_id from (${ids}) named order by named.message_id desc limit ${SEARCHED_MAX + 1})`,
      ),
    )
    .orderBy(desc(messageContent.messageId))
    .limit(SEARCHED_MAX + 1);
}

const ORDER_ROWS_MAX = 20;

/** What was done, or is about to be, about the order with this number, newest first. */
export function effectsOfOrder(transaction: Transaction, orderId: string) {
  const isOrder: SQL = sql`${effect.action} -> 'arguments' ->> 'orderId' = ${orderId}`;
  return transaction
    .select({
      conversationId: effect.conversationId,
      operation: effect.operation,
      state: effect.state,
      at: effect.createdAt,
    })
    .from(effect)
    .where(isOrder)
    .orderBy(desc(effect.createdAt))
    .limit(ORDER_ROWS_MAX);
}
