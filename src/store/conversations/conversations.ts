/**
 * Room: Conversations: messages, signals, traces, leases, and which conversations have work due.
 * In: resolved messages and signals, turn results, lease requests of workers.
 * Out: conversation state, messages, traces, and the conversations to wake.
 * May touch: the database only, inside the caller's transaction.
 * This file: reads and changes conversations, and computes their revision.
 */
import { eq } from "#store/db/drizzle.ts";
import { Conversation, type RatingSource } from "#core/values/message.ts";
import { Owner } from "#core/values/vocabulary.ts";
import { revisionOf, type Ownership } from "#core/cases/ownership.ts";
import { z } from "zod";
import { ask, type Transaction } from "#store/db/database.ts";
import { conversation } from "#store/db/schema.ts";

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
