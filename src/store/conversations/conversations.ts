/**
 * Room: Conversations: messages, signals, traces, leases, and which conversations have work due.
 * In: resolved messages and signals, turn results, lease requests of workers.
 * Out: conversation state, messages, traces, and the conversations to wake.
 * May touch: the database only, inside the caller's transaction.
 * This file: reads and changes conversations, their messages and outcomes.
 */
import { and, desc, eq, inArray, isNull, ne, sql } from "#store/db/drizzle.ts";
import { digest } from "#core/values/canonical-json.ts";
import { Conversation, type Message, type RatingSource } from "#core/values/message.ts";
import { Owner, type Outcome } from "#core/values/vocabulary.ts";
import { revisionOf, type Ownership } from "#core/values/ownership.ts";
import { z } from "zod";
import { ask, type Transaction } from "#store/db/database.ts";
import { conversation, message, messageContent } from "#store/db/schema.ts";
import { storable, storableJson } from "#store/db/storable-text.ts";
import { ADD_MESSAGES, MESSAGE_COLUMNS, messageRow } from "./message-rows.ts";

/** A conversation with what Deskhand knows beyond the channel's own facts. */
export interface ConversationState extends Ownership {
  readonly conversation: Conversation;
  readonly revision: string;
  readonly linkedId: string | null;
  /** When we handed it to people; null while the bot owns it. */
  readonly handedOverAt: Date | null;
  readonly clarified: boolean;
  /** How often the bot has asked back since its last answer. */
  readonly questions: number;
  readonly retrySince: Date | null;
  readonly wakeAt: Date | null;
  readonly solvedAt: Date | null;
  /** The closed period the customer was last told about, by the moment a card from it expires. */
  readonly closedNoticeUntil: Date | null;
  readonly participants: StoredParticipants;
}

/** Between whom a conversation was when its source was last read. */
export interface StoredParticipants {
  /** Author id of the current customer; empty when each author speaks for themselves. */
  readonly customer: string;
  /** Digest of customer, brand and readers; empty before the first look. */
  readonly digest: string;
  /** How often these changed. */
  readonly changes: number;
  /** Why the conversation must not be written to at present; null when it may. */
  readonly barred: string | null;
}

/** A stored message with its outcome, if it has one. */
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
  return row === undefined ? null : stateOfRow(row);
}

/** Keeps other decisions about this conversation waiting until the transaction ends. */
export async function lockConversation(transaction: Transaction, id: string): Promise<void> {
  await transaction
    .select({ id: conversation.id })
    .from(conversation)
    .where(eq(conversation.id, id))
    .for("no key update");
}

/** A conversation from its row. */
export function stateOfRow(row: typeof conversation.$inferSelect): ConversationState {
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
    questions: row.clarified ? Math.max(1, row.questions) : 0,
    retrySince: row.retrySince,
    wakeAt: row.wakeAt,
    solvedAt: row.solvedAt,
    closedNoticeUntil: row.closedNoticeUntil,
    participants: {
      customer: row.customer,
      digest: row.participantsDigest,
      changes: row.participantChanges,
      barred: row.barred,
    },
  };
}

/** The fields that change after intake; those left out stay. */
export type ConversationChange = Partial<
  Pick<
    typeof conversation.$inferInsert,
    | "externalId"
    | "subject"
    | "brand"
    | "linkedId"
    | "clarified"
    | "questions"
    | "solvedAt"
    | "solvedByRule"
    | "rating"
    | "ratingStars"
    | "keptOut"
    | "wakeAt"
    | "retrySince"
    | "handedOverAt"
    | "handoverRemindAt"
    | "closedNoticeUntil"
    | "customer"
    | "participantsDigest"
    | "participantChanges"
    | "barred"
    | "ownerReason"
  > & { readonly owner: Owner; readonly ratingSource: RatingSource }
>;

/** The change with what follows from it: an owner `bot` ends a hand-over. */
export function withHandBack(change: ConversationChange): ConversationChange {
  return change.owner === "bot"
    ? { ...change, handedOverAt: null, handoverRemindAt: null }
    : change;
}

/** Changes these fields of a conversation. */
export async function updateConversation(
  transaction: Transaction,
  id: string,
  change: ConversationChange,
  now: Date,
): Promise<void> {
  await transaction
    .update(conversation)
    .set({ ...withHandBack(change), updatedAt: now })
    .where(eq(conversation.id, id));
}

/** The newest `limit` messages of a conversation, oldest first by when they were sent. */
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

/** Takes over what changed in stored messages at their source, by key. */
export async function takeEdits(
  transaction: Transaction,
  conversationId: string,
  messages: readonly Message[],
): Promise<void> {
  for (const item of messages) await takeEdit(transaction, conversationId, item);
}

/** Updates a message that changed at its source. It keeps its outcome, so it is not answered twice. */
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
        // Erased text does not return just because its source still has it.
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
 * Stores messages as their source has them now, including author and reply address: when a conversation moves to
 * another customer, proof for the previous one no longer counts.
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

/** Reopens messages that were ignored while the conversation could not be written to. */
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

/**
 * Records how messages ended. The first outcome of a message is final. With `decidedIn`, a message of another
 * conversation says where it is covered.
 */
export async function setOutcome(
  transaction: Transaction,
  keys: readonly string[],
  ended: {
    readonly outcome: Outcome;
    readonly reason: string;
    readonly turnId: string | null;
    readonly decidedIn?: string;
  },
  now: Date,
): Promise<void> {
  if (keys.length === 0) return;
  await transaction
    .update(message)
    .set({
      outcome: ended.outcome,
      outcomeReason:
        ended.decidedIn === undefined
          ? ended.reason
          : sql`case when ${message.conversationId} = ${ended.decidedIn} then ${ended.reason} else ${`also covered in ${ended.decidedIn}: ${ended.reason}`} end`,
      outcomeAt: now,
      turnId: ended.turnId,
    })
    .where(and(inArray(message.key, [...keys]), isNull(message.outcome)));
}

/** The messages of the conversation `c` that its revision covers: other people's public ones. */
export const REVISED_BY = `
  (select coalesce(json_agg(json_build_object('key', m.key, 'textDigest', m.text_digest) order by m.id), '[]')
     from message m where m.conversation_id = c.id and m.visibility = 'public'
       and m.author_kind in ('requester', 'teammate') and m.outcome is distinct from 'ignored')`;

export const RevisedBy = z.array(z.object({ key: z.string(), textDigest: z.string() }));

const REVISION = {
  name: "revision",
  text: `select c.owner, c.moves as changes, ${REVISED_BY} as messages from conversation c where c.id = $1`,
  row: z.object({ owner: Owner, changes: z.number(), messages: RevisedBy }),
} as const;

/** Recomputes the revision from the owner and other people's public messages, stores and returns it. */
export async function refreshRevision(
  transaction: Transaction,
  conversationId: string,
): Promise<string> {
  const [row] = await ask(transaction, REVISION, [conversationId]);
  if (row === undefined) throw new Error(`there is no conversation ${conversationId}`);
  const revision = revisionOf(row.owner, row.messages, row.changes);
  await transaction
    .update(conversation)
    .set({ revision })
    .where(eq(conversation.id, conversationId));
  return revision;
}
