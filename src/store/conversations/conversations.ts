import { and, asc, desc, eq, inArray, isNull, ne, sql } from "#store/db/drizzle.ts";
import { digest } from "#core/values/canonical-json.ts";
import { Conversation, type Message, type RatingSource } from "#core/values/message.ts";
import { Owner, type Outcome } from "#core/values/vocabulary.ts";
import { revisionOf, type Ownership } from "#core/values/ownership.ts";
import type { Transaction } from "#store/db/database.ts";
import { conversation, message, messageContent } from "#store/db/schema.ts";
import { storable } from "#store/db/storable-text.ts";

/** A conversation with what Deskhand knows about it beyond the channel's own facts. */
export interface ConversationState extends Ownership {
  readonly conversation: Conversation;
  readonly revision: string;
  readonly linkedId: string | null;
  /** When it was handed to people by us, while they have it. */
  readonly handedOverAt: Date | null;
  readonly clarified: boolean;
  readonly retrySince: Date | null;
  readonly wakeAt: Date | null;
  readonly solvedAt: Date | null;
  /** Which closed time the customer was told about last, by the moment a card from it expires. */
  readonly toldClosed: Date | null;
  /** Author id of whose conversation it is now; empty where everybody speaks for themselves. */
  readonly customer: string;
  /** Digest of customer, brand and readers as last seen; empty before. */
  readonly terms: string;
  /** How often these changed. */
  readonly moves: number;
  /** Why nothing may be written there at present; null when it may. */
  readonly barred: string | null;
}

/** A stored message with how it ended, if it has. */
export interface StoredMessage {
  readonly id: number;
  readonly message: Message;
  readonly outcome: string | null;
  readonly outcomeReason: string | null;
  readonly receivedAt: Date;
}

export async function loadConversation(
  transaction: Transaction,
  id: string,
): Promise<ConversationState | null> {
  const [row] = await transaction.select().from(conversation).where(eq(conversation.id, id));
  if (row === undefined) return null;
  return {
    conversation: Conversation.parse({
      id: row.id,
      channel: row.channel,
      externalId: row.externalId === "" ? row.id : row.externalId,
      subject: row.subject,
      brand: row.brand,
    }),
    owner: Owner.parse(row.owner),
    reason: row.ownerReason,
    revision: row.revision,
    linkedId: row.linkedId,
    handedOverAt: row.handedOverAt,
    clarified: row.clarified,
    retrySince: row.retrySince,
    wakeAt: row.wakeAt,
    solvedAt: row.solvedAt,
    toldClosed: row.toldClosed,
    customer: row.customer,
    terms: row.terms,
    moves: row.moves,
    barred: row.barred,
  };
}

/** The fields a turn may move; everything not named stays. With an owner `bot`, a hand-over is over. */
export async function updateConversation(
  transaction: Transaction,
  id: string,
  change: Partial<{
    externalId: string;
    subject: string;
    brand: string;
    owner: Owner;
    ownerReason: string;
    linkedId: string;
    clarified: boolean;
    solvedAt: Date | null;
    solvedByRule: boolean;
    rating: string;
    ratingSource: RatingSource;
    ratingStars: number | null;
    /** Why it may not become an eval case, such as that it was merged away; null takes that back. */
    keptOut: string | null;
    wakeAt: Date | null;
    retrySince: Date | null;
    handedOverAt: Date;
    handoverRemindAt: Date;
    toldClosed: Date;
    customer: string;
    terms: string;
    moves: number;
    barred: string | null;
  }>,
  now: Date,
): Promise<void> {
  const back = change.owner === "bot" ? { handedOverAt: null, handoverRemindAt: null } : {};
  await transaction
    .update(conversation)
    .set({ ...change, ...back, updatedAt: now })
    .where(eq(conversation.id, id));
}

/** Messages of a conversation, oldest first by when they were sent; the newest `limit` of them. */
export async function messagesOf(
  transaction: Transaction,
  conversationId: string,
  limit = 200,
): Promise<readonly StoredMessage[]> {
  const rows = await transaction
    .select({
      id: message.id,
      outcome: message.outcome,
      outcomeReason: message.outcomeReason,
      receivedAt: message.receivedAt,
      content: messageContent.content,
    })
    .from(message)
    .innerJoin(messageContent, eq(messageContent.messageId, message.id))
    .where(eq(message.conversationId, conversationId))
    .orderBy(desc(message.sentAt), desc(message.id))
    .limit(limit);
  return rows.toReversed().map((row) => ({
    id: row.id,
    outcome: row.outcome,
    outcomeReason: row.outcomeReason,
    receivedAt: row.receivedAt,
    message: row.content,
  }));
}

/**
 * Stores messages not seen before, by key; gives back those that were new. One whose words were changed at its source is
 * stored as it reads now, so that the revision moves and nothing that was decided for the old words still counts.
 */
export async function addMessages(
  transaction: Transaction,
  conversationId: string,
  messages: readonly Message[],
  now: Date,
): Promise<readonly Message[]> {
  const added: Message[] = [];
  // A conversation may come with a past of thousands of messages.
  for (let start = 0; start < messages.length; start += ROWS)
    added.push(
      ...(await addSome(transaction, conversationId, messages.slice(start, start + ROWS), now)),
    );
  return added;
}

/** Messages written with one statement. */
const ROWS = 500;

async function addSome(
  transaction: Transaction,
  conversationId: string,
  messages: readonly Message[],
  now: Date,
): Promise<readonly Message[]> {
  const rows = await transaction
    .insert(message)
    .values(
      messages.map((item) => ({
        key: item.key,
        conversationId,
        authorKind: item.author.kind,
        authorId: item.author.id,
        visibility: item.visibility,
        textDigest: digest(item.text),
        sentAt: new Date(item.sentAt),
        receivedAt: now,
      })),
    )
    .onConflictDoNothing()
    .returning({ id: message.id, key: message.key });
  const ids = new Map(rows.map(({ id, key }) => [key, id]));
  const contents: { messageId: number; content: Message }[] = [];
  for (const item of messages) {
    // The database gives keys back as it could hold them.
    const key = storable(item.key);
    const messageId = ids.get(key);
    if (messageId === undefined) await takeEdit(transaction, conversationId, item);
    else contents.push({ messageId, content: item });
    // A second one of the same name is another reading of it.
    ids.delete(key);
  }
  if (contents.length > 0) await transaction.insert(messageContent).values(contents);
  return contents.map(({ content }) => content);
}

/** A message that reads differently now. It keeps its outcome: what was answered is not answered twice. */
async function takeEdit(
  transaction: Transaction,
  conversationId: string,
  item: Message,
): Promise<void> {
  const textDigest = digest(item.text);
  const [row] = await transaction
    .update(message)
    .set({ textDigest })
    .where(
      and(
        eq(message.key, item.key),
        eq(message.conversationId, conversationId),
        ne(message.textDigest, textDigest),
        // Text that was removed does not come back because its source still has it.
        isNull(message.clearedAt),
      ),
    )
    .returning({ id: message.id });
  if (row === undefined) return;
  await transaction
    .update(messageContent)
    .set({ content: item })
    .where(eq(messageContent.messageId, row.id));
}

/**
 * Stores messages as their source reads them now, who wrote them and where an answer goes included: when a conversation
 * passes to somebody else, what was proven for the one before counts no longer.
 */
export async function rereadMessages(
  transaction: Transaction,
  conversationId: string,
  messages: readonly Message[],
): Promise<void> {
  for (const item of messages) {
    const [row] = await transaction
      .update(message)
      .set({ authorKind: item.author.kind, authorId: item.author.id, visibility: item.visibility })
      .where(
        and(
          eq(message.key, item.key),
          eq(message.conversationId, conversationId),
          isNull(message.clearedAt),
        ),
      )
      .returning({ id: message.id });
    if (row !== undefined)
      await transaction
        .update(messageContent)
        .set({ content: item })
        .where(eq(messageContent.messageId, row.id));
  }
}

/** Messages that ended while nothing could be written have not ended after all. */
export async function reopenMessages(
  transaction: Transaction,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return;
  await transaction
    .update(message)
    .set({ outcome: null, outcomeReason: null, outcomeAt: null, turnId: null })
    .where(and(inArray(message.key, [...keys]), eq(message.outcome, "ignored")));
}

/** Keys of all messages of a conversation. */
export async function messageKeysOf(
  transaction: Transaction,
  conversationId: string,
): Promise<ReadonlySet<string>> {
  const rows = await transaction
    .select({ key: message.key })
    .from(message)
    .where(eq(message.conversationId, conversationId));
  return new Set(rows.map((row) => row.key));
}

/** Records how messages ended. A message ends once: one that has an outcome keeps it. */
export async function setOutcome(
  transaction: Transaction,
  keys: readonly string[],
  ended: { readonly outcome: Outcome; readonly reason: string; readonly turnId: string | null },
  now: Date,
): Promise<void> {
  if (keys.length === 0) return;
  await transaction
    .update(message)
    .set({
      outcome: ended.outcome,
      outcomeReason: ended.reason,
      outcomeAt: now,
      turnId: ended.turnId,
    })
    .where(and(inArray(message.key, [...keys]), isNull(message.outcome)));
}

/** Computes the revision afresh from owner and public messages of others, stores it, and gives it back. */
export async function refreshRevision(
  transaction: Transaction,
  conversationId: string,
): Promise<string> {
  const [owner] = await transaction
    .select({ owner: conversation.owner, moves: conversation.moves })
    .from(conversation)
    .where(eq(conversation.id, conversationId));
  const rows = await transaction
    .select({ key: message.key, textDigest: message.textDigest })
    .from(message)
    .where(
      and(
        eq(message.conversationId, conversationId),
        eq(message.visibility, "public"),
        inArray(message.authorKind, ["requester", "teammate"]),
        sql`${message.outcome} is distinct from 'ignored'`,
      ),
    )
    .orderBy(asc(message.id));
  const revision = revisionOf(Owner.parse(owner?.owner), rows, owner?.moves);
  await transaction
    .update(conversation)
    .set({ revision })
    .where(eq(conversation.id, conversationId));
  return revision;
}
