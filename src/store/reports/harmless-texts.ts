/** Texts that teammates said to be harmless, as rows: what lets a message through, and what the guard may learn from. */
import { z } from "zod";
import type { Transaction } from "#store/db/database.ts";
import { asc, desc, eq, inArray } from "#store/db/drizzle.ts";
import { approval, harmlessText, message, messageContent } from "#store/db/schema.ts";
import { Approval } from "#store/approvals/approvals.ts";
import type { Message } from "#core/values/message.ts";
import { storable } from "#store/db/storable-text.ts";

const HarmlessText = z.object({
  id: z.int(),
  conversationId: z.string(),
  messageKey: z.string(),
  /** A digest of all that the guard judged. */
  judged: z.string(),
  /** Where in the message it stands. */
  segment: z.string(),
  /** ISO 639-1; empty where it cannot be told. */
  lang: z.string(),
  /** The text, masked. */
  words: z.string(),
  approvalId: z.string(),
  /** The teammate's pseudonym. */
  who: z.string(),
  at: z.date(),
});
export type HarmlessText = z.infer<typeof HarmlessText>;

/** Which message was said to be harmless, and as what it read then. */
export type SaidHarmless = Pick<HarmlessText, "messageKey" | "judged">;

/** Keeps them. The same text of the same message once more changes nothing. */
export async function keepHarmlessTexts(
  transaction: Transaction,
  texts: readonly Omit<HarmlessText, "id">[],
): Promise<void> {
  if (texts.length === 0) return;
  const rows = texts.map((text) => ({ ...text, words: storable(text.words) }));
  await transaction.insert(harmlessText).values(rows).onConflictDoNothing();
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
  return rows.toReversed().map((row) => HarmlessText.parse(row));
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
  const cards = await transaction
    .select()
    .from(approval)
    .where(inArray(approval.conversationId, ids));
  return { messages, cards: cards.map((card) => Approval.parse(card)) };
}
