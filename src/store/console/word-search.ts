/** Finds conversations by words of their messages, and by orders that something was done about. */
import type { Message } from "#core/values/message.ts";
import type { Transaction } from "#store/db/database.ts";
import { desc, eq, inArray, sql, type SQL } from "#store/db/drizzle.ts";
import { conversation, effect, message, messageContent } from "#store/db/schema.ts";

/** A message that holds what was searched for, with its conversation. */
export interface FoundMessage {
  /** Grows with the order of arrival; the cursor of the next page. */
  readonly id: number;
  readonly conversationId: string;
  readonly channel: string;
  readonly subject: string;
  readonly owner: string;
  readonly at: Date;
  readonly message: Message;
}

/** How many messages one page of a search looks at. */
export const SEARCHED_MAX = 40;

/** The words of the message in this row exactly as the index `message_words` has them. */
function messageWords(row: string): SQL {
  const content = sql.raw(`${row}.content`);
  return sql`to_tsvector('simple', regexp_replace(
    coalesce(${content} -> 'author' ->> 'name', '') || ' ' || coalesce(${content} -> 'author' ->> 'id', '') || ' '
      || coalesce(${content} ->> 'subject', '') || ' ' || left(coalesce(${content} ->> 'text', ''), 20000),
    '[0-9](?:[ -]?[0-9]){11,}', ' ', 'g'))`;
}

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
          select w.message_id, ${messageWords("w")} as words from message_content w where ${earlier}
          order by w.message_id desc limit ${WALKED}) walked
        where words @@ to_tsquery('simple', ${terms})`,
  );
  if (newest.length > SEARCHED_MAX) return newest;
  return messagesAmong(
    transaction,
    sql`with held as materialized (select w.message_id from message_content w
          where ${messageWords("w")} @@ to_tsquery('simple', ${terms}) and ${earlier})
        select message_id from held`,
  );
}

/** The newest messages among those this query names. */
async function messagesAmong(transaction: Transaction, ids: SQL): Promise<readonly FoundMessage[]> {
  return transaction
    .select({
      id: message.id,
      conversationId: message.conversationId,
      channel: conversation.channel,
      subject: conversation.subject,
      owner: conversation.owner,
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

/** Something that was done, or is about to be, about an order. */
export interface OrderRow {
  readonly conversationId: string;
  readonly operation: string;
  readonly state: string;
  readonly at: Date;
}

const ORDER_ROWS_MAX = 20;

/** What was done about the order with this number, newest first. */
export async function effectsOfOrder(
  transaction: Transaction,
  orderId: string,
): Promise<readonly OrderRow[]> {
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
