/** Finds messages by their keys, whatever conversation they are in. */
import { asc, eq, inArray } from "#store/db/drizzle.ts";
import type { Message } from "#core/values/message.ts";
import type { Transaction } from "#store/db/database.ts";
import { message, messageContent } from "#store/db/schema.ts";

/** The messages with these keys, in the order they were sent. */
export async function messagesUnder(
  transaction: Transaction,
  keys: readonly string[],
): Promise<readonly Message[]> {
  if (keys.length === 0) return [];
  const rows = await transaction
    .select({ content: messageContent.content })
    .from(message)
    .innerJoin(messageContent, eq(messageContent.messageId, message.id))
    .where(inArray(message.key, [...keys]))
    .orderBy(asc(message.sentAt), asc(message.id));
  return rows.map(({ content }) => content);
}
