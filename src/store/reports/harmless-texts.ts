/** Texts that teammates said to be harmless, as rows: what lets a message through, and what the guard may learn from. */
import type { Transaction } from "#store/db/database.ts";
import { asc, desc, eq, inArray } from "#store/db/drizzle.ts";
import { approval, harmlessText, message, messageContent } from "#store/db/schema.ts";
import { type Approval, approvalsWhere } from "#store/approvals/approvals.ts";
import type { Message } from "#core/values/message.ts";

/** One text that a teammate said to be harmless. */
export type HarmlessText = typeof harmlessText.$inferSelect;

/** Which message was said to be harmless, and as what it read then. */
export type SaidHarmless = Pick<HarmlessText, "messageKey" | "judged">;

/** Keeps them. The same text of the same message once more changes nothing. */
export async function keepHarmlessTexts(
  transaction: Transaction,
  texts: readonly Omit<HarmlessText, "id">[],
): Promise<void> {
  if (texts.length === 0) return;
  await transaction
    .insert(harmlessText)
    .values([...texts])
    .onConflictDoNothing();
}

/** What was said to be harmless in these conversations. */
export async function saidHarmlessIn(
  transaction: Transaction,
  conversationIds: readonly string[],
): Promise<readonly SaidHarmless[]> {
  return transaction
    .selectDistinct({ messageKey: harmlessText.messageKey, judged: harmlessText.judged })
    .from(harmlessText)
    .where(inArray(harmlessText.conversationId, [...conversationIds]));
}

/** All that are kept, the oldest first. */
export async function harmlessTexts(
  transaction: Transaction,
  limit: number,
): Promise<readonly HarmlessText[]> {
  const rows = await transaction
    .select()
    .from(harmlessText)
    .orderBy(desc(harmlessText.id))
    .limit(limit);
  return rows.toReversed();
}

/** A stored message with its conversation. */
export interface PlacedMessage {
  readonly conversationId: string;
  readonly message: Message;
}

/** The messages under these keys, and all cards of their conversations, for the names and addresses those hold. */
export async function heldBackMessages(
  transaction: Transaction,
  keys: readonly string[],
): Promise<{ readonly messages: readonly PlacedMessage[]; readonly cards: readonly Approval[] }> {
  if (keys.length === 0) return { messages: [], cards: [] };
  const messages = await transaction
    .select({ conversationId: message.conversationId, message: messageContent.content })
    .from(message)
    .innerJoin(messageContent, eq(messageContent.messageId, message.id))
    .where(inArray(message.key, [...keys]))
    .orderBy(asc(message.sentAt), asc(message.id));
  const ids = [...new Set(messages.map(({ conversationId }) => conversationId))];
  if (ids.length === 0) return { messages, cards: [] };
  const cards = await approvalsWhere(transaction, inArray(approval.conversationId, ids));
  return { messages, cards };
}
